#pragma once
#include <cstddef>
#include <string>

#include "sim/block.hpp"

namespace foldback {

/// What an ensemble records for every replica. The comment gives the axes after `replica`.
enum class Quantity {
    state,               ///< (start, step, component), by order
    increment,           ///< (start, step), by order: d(X_{n+1}, X_n)
    spread,              ///< (step), by order: largest distance between starts
    rounding_radius,     ///< (start, step), by order: what rounding can have moved X_n by (theory.md, E)
    path_mean,           ///< (start, step, component), by order: (1/n) sum_{k<=n} X_k
    diverged_step,       ///< (start), by order: first step with a non-finite state, 0 if none
    certified_radius,    ///< (start, step), backward: (L_1...L_n) D/(1 - rho)
    merge_time,          ///< (start, step), backward: maps applied until the composition met its older neighbour, 0 if never
    merge_error,         ///< (start, step), backward, with merge_tolerance
    live_set,            ///< (), backward: mean number of live partial compositions
    lipschitz_product,   ///< (step), of the drawn maps: a bound for Lip(f_1 o ... o f_n)
    next_displacement,   ///< (start, step), of the drawn maps: d(f_{n+1}(x), x)
    stopped_state,       ///< (start, component), by order, with [stop]
    stop_step,           ///< (), with [stop]
    stopped_radius,      ///< (start), with [stop]: the certified radius at the stopping time
    stop_censored,       ///< (), with [stop]: 1 where max_steps came first
};

/// How a quantity is kept: its name, axes and where it stands in a file.
struct QuantityInfo {
    Quantity quantity;
    const char* name;       ///< the variable's name, and the observable's in [record]
    bool by_order;          ///< one per order of composition
    bool by_start, by_step, by_component;
    bool observable;        ///< may be asked for in [record] observables
    const char* long_name;
};
const QuantityInfo& info(Quantity quantity);
/// Nothing has that name: InternalError.
const QuantityInfo& info(const std::string& name);

/// One series over replicas. Indices that the quantity does not have are ignored.
struct Address {
    Quantity quantity;
    Order order = Order::forward;
    std::size_t start = 0, step = 0, component = 0;  ///< step is an index into the grid
};

/// Where the quantity stands in a file: /forward/state, /maps/lipschitz_product, /stopped/backward/state, ...
std::string path_of(Quantity quantity, Order order);

}  // namespace foldback
