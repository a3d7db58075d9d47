#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

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
    // Of models that descend a loss, (start, step), by order; in the order of LossObservable.
    train_loss,
    test_loss,
    train_accuracy,
    test_accuracy,
    gradient_norm,
    optimum_distance,
    // Their variances, and the increment's, over the last record.window checkpoints, in the same order.
    train_loss_window_variance,
    test_loss_window_variance,
    train_accuracy_window_variance,
    test_accuracy_window_variance,
    gradient_norm_window_variance,
    optimum_distance_window_variance,
    increment_window_variance,
    // Of record.spike, (start), by order; sim/spike_response.hpp.
    spike_height,            ///< how far train_loss rises above its value before the spike
    recovery_time,           ///< steps until it is back, NaN if it is not
    control,                 ///< (start, step, component), forward: the chain's linear twin on the same noise
    control_path_mean,       ///< (start, step, component), forward: mean of the twin after 1, ..., n maps
    // Of gradient steps of size h, (start, step); sim/order_sensitivity.hpp.
    order_difference,        ///< |F_n - B_n|
    order_leading,           ///< h^2 |C|, C = sum_{i<j} (H_j g_i - H_i g_j)
    order_remainder,         ///< |F_n - B_n - h^2 C|
    palindrome_difference,   ///< |palindrome of 1..n - that of a permutation of 1..n|
    symmetrised_difference,  ///< |(F_n + B_n)/2 - the same for a permutation of 1..n|
    mean_square_gradient,    ///< (start, step), forward: (1/n) sum_{t<n} |grad l(F_t)|^2, l the training loss
    // Of step n + 1 at X_n, by order, in the order of PassObservable, where the axes are told: (start, step, operator),
    // then two of (start, step), then two of (start, step, component).
    forward_error,
    forward_bound,
    forward_rounding,
    backward_error,
    backward_bound,
    backward_rounding,
    gradient_error,
    gradient_bound,
    gradient_rounding,
    gradient_relative_error,
    gradient_cosine,
    gradient_deviation,
    antithetic_deviation,
};
inline constexpr std::size_t quantity_count = std::size_t(Quantity::antithetic_deviation) + 1;

/// How a quantity is kept: its name, axes and where it stands in a file.
struct QuantityInfo {
    Quantity quantity;
    const char* name;       ///< the variable's name, and the observable's in [record]
    bool by_order;          ///< one per order of composition
    bool by_start, by_step, by_component, by_operator;
    bool observable;        ///< may be asked for in [record] observables
    const char* long_name;
};
const QuantityInfo& info(Quantity quantity);
/// Every quantity that may be asked for in [record] observables, in the order of the table.
std::vector<Quantity> observables();
/// Which of what can be seen of a loss the quantity is, itself or as a window variance; nothing for others.
std::optional<LossObservable> loss_observable(Quantity quantity);
/// Which of what can be seen of a perturbed pass the quantity is; nothing for others.
std::optional<PassObservable> pass_observable(Quantity quantity);
/// Whether it is a variance over record.window checkpoints, and that of which quantity.
bool is_window_variance(Quantity quantity);
Quantity window_variance_of(Quantity quantity);
/// Recorded for one order alone: control and mean_square_gradient for forward, certified_radius for backward.
bool is_recorded_for(Quantity quantity, Order order);
/// Nothing has that name: InternalError.
const QuantityInfo& info(const std::string& name);

/// One series over replicas. Indices that the quantity does not have are ignored.
struct Address {
    Quantity quantity;
    Order order = Order::forward;
    std::size_t start = 0, step = 0;  ///< step is an index into the grid
    std::size_t component = 0;        ///< or the operator, counted from 0
};

/// Where the quantity stands in a file: /forward/state, /maps/lipschitz_product, /stopped/backward/state, ...
std::string path_of(Quantity quantity, Order order);

}  // namespace foldback
