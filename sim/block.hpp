#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/loss_observables.hpp"
#include "sim/order.hpp"
#include "sim/pass_observables.hpp"

namespace foldback {

/// What every block of an ensemble computes; the same for all blocks.
struct Shape {
    std::uint64_t seed = 0;
    int dimension = 1;
    std::vector<double> starts;        ///< (start, component)
    std::vector<std::uint32_t> steps;  ///< the checkpoint grid, ascending; 0 is the start itself
    std::vector<Order> orders;
    bool closed_backward = false;      ///< of backward: carry the composed map instead of sweeping
    double merge_tolerance = 0;        ///< of backward; 0: partial compositions merge when their bits are equal
    bool increment = false;            ///< d(X_{n+1}, X_n): draws step last + 1
    bool next_displacement = false;    ///< d(f_{n+1}(x), x): draws step last + 1
    bool spread = false;               ///< largest distance between starts
    bool lipschitz_product = false;    ///< a bound for Lip(f_1 o ... o f_n)
    bool rounding_radius = false;
    bool path_mean = false;            ///< (1/n) sum_{k<=n} X_k: orders other than forward need every n
    LossObservables loss;               ///< of every state at a checkpoint; the model offers them
    /// What train_loss does after map `step`, up to checkpoint `until`; `level`: where it is back, NaN: where it was.
    struct Spike {
        std::uint32_t step = 0, until = 0;
        double level = 0;
    };
    std::optional<Spike> spike;        ///< the model observes train_loss
    std::uint32_t window = 0;          ///< K >= 2: their variances, and that of the increment, over the last K checkpoints
    bool control = false;              ///< the linear twin of the forward chain
    bool control_path_mean = false;
    bool order_sensitivity = false;
    bool mean_square_gradient = false;  ///< of the forward chain: the model observes gradient_norm
    PassObservables passes;             ///< of step n + 1 at every state of a checkpoint n; the model offers them
    std::size_t operators = 0;          ///< of those passes
    /// Stop each replica when its Lipschitz product is <= product, at max_steps at the latest; forward and backward only.
    struct Stop {
        double product = 0;
        std::uint32_t max_steps = 0;
    };
    std::optional<Stop> stop;

    std::size_t start_count() const { return starts.size() / std::size_t(dimension); }
    std::uint32_t last() const { return steps.back(); }
    bool has(Order order) const {
        for (Order o : orders) if (o == order) return true;
        return false;
    }
};

/// The results of one block. In every array the replica runs fastest, `capacity` of them (a multiple of 8, in one dimension
/// of 32), so that kernels store whole vectors; lanes past the ensemble's last replica hold rubbish and are not recorded.
struct BlockBuffers {
    struct ByOrder {
        std::vector<double> state;            ///< (start, step, component, replica)
        std::vector<double> increment;        ///< (start, step, replica)
        std::vector<double> rounding_radius;  ///< (start, step, replica)
        std::vector<double> path_mean;        ///< (start, step, component, replica)
        std::vector<double> spread;           ///< (step, replica)
        std::vector<double> diverged_step;    ///< (start, replica): first step with a non-finite state (of orders other
                                              ///< than forward: first checkpoint), 0 if none
        std::vector<double> stopped_state;    ///< (start, component, replica)
        std::array<std::vector<double>, loss_observable_count> loss;  ///< (start, step, replica) each
        /// Of the loss quantities, then of the increment: (start, step, replica) each.
        std::array<std::vector<double>, loss_observable_count + 1> window_variance;
        std::vector<double> spike_height, recovery_time;  ///< (start, replica)
        std::vector<double> mean_square_gradient;  ///< (start, step, replica)
        /// (start, step, operator or component or nothing, replica) each.
        std::array<std::vector<double>, pass_observable_count> passes;
    };
    /// (start, step, replica) each; sim/order_sensitivity.hpp.
    struct Sensitivity {
        std::vector<double> difference, leading, remainder, palindrome, symmetrised;
    };
    std::vector<ByOrder> orders;               ///< as in Shape::orders
    std::vector<double> control;               ///< (start, step, component, replica): the forward chain's linear twin
    std::vector<double> control_path_mean;     ///< (start, step, component, replica)
    Sensitivity order_sensitivity;
    std::vector<double> lipschitz_product;     ///< (step, replica)
    std::vector<double> next_displacement;     ///< (start, step, replica)
    std::vector<double> merge_time;            ///< (start, step, replica): maps applied until the backward composition met
                                               ///< its older neighbour, 0 if it did not
    std::vector<double> merge_error;           ///< (start, step, replica): error by merging on a tolerance, at most
    std::vector<double> live_set;              ///< (replica): mean number of live partial compositions
    std::vector<double> stop_step;             ///< (replica)
    std::vector<double> stop_product;          ///< (replica): the Lipschitz product at stop_step
    std::size_t capacity = 0;

    BlockBuffers(const Shape& shape, std::size_t replicas);
    ByOrder& of(const Shape& shape, Order order);
};

/// Throws InternalError; out of line, to keep string code out of kernels.
[[noreturn]] void no_closed_composition();

/// Numbers that the observable has at one state.
std::size_t size_of(PassObservable observable, const Shape& shape);

/// Doubles that a block of BlockBuffers holds for one replica.
std::size_t doubles_per_replica(const Shape& shape);

/// One model, one instruction set, one lane width: computes whole blocks. Thread-safe.
class BlockKernel {
  public:
    virtual ~BlockKernel();
    /// Replicas first .. first + count - 1 (count <= capacity) into `out`.
    virtual void run(const Shape& shape, std::uint32_t first, std::uint32_t count, BlockBuffers& out) const = 0;
    virtual int lanes() const = 0;
};

}  // namespace foldback
