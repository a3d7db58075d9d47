#include "sim/block.hpp"

#include "sim/error.hpp"

namespace foldback {

BlockKernel::~BlockKernel() = default;

std::size_t size_of(PassObservable observable, const Shape& shape) {
    if (observable >= PassObservable::gradient_deviation) return std::size_t(shape.dimension);
    return observable >= PassObservable::gradient_relative_error ? 1 : shape.operators;
}

namespace {
std::size_t rounded_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }
}  // namespace

BlockBuffers::BlockBuffers(const Shape& shape, std::size_t replicas) : capacity(rounded_up(replicas, shape.dimension == 1 ? 32 : 8)) {
    const std::size_t starts = shape.start_count(), steps = shape.steps.size(), dim = std::size_t(shape.dimension);
    const auto size = [&](bool wanted, std::size_t items) { return wanted ? items * capacity : 0; };
    for (Order order : shape.orders) {
        ByOrder b;
        b.state.resize(size(true, starts * steps * dim));
        b.increment.resize(size(shape.increment, starts * steps));
        b.rounding_radius.resize(size(shape.rounding_radius, starts * steps));
        b.path_mean.resize(size(shape.path_mean, starts * steps * dim));
        b.spread.resize(size(shape.spread, steps));
        b.diverged_step.resize(size(true, starts));
        b.stopped_state.resize(size(shape.stop.has_value(), starts * dim));
        for (unsigned q = 0; q < loss_observable_count; ++q) {
            b.loss[q].resize(size(shape.loss.has(LossObservable(q)), starts * steps));
            b.window_variance[q].resize(shape.window > 0 ? b.loss[q].size() : 0);
        }
        const bool spike = shape.spike && shape.loss.has(LossObservable::train_loss);
        b.spike_height.resize(size(spike, starts));
        b.recovery_time.resize(size(spike, starts));
        b.mean_square_gradient.resize(size(shape.mean_square_gradient && order == Order::forward, starts * steps));
        for (unsigned q = 0; q < pass_observable_count; ++q)
            b.passes[q].resize(size(shape.passes.has(PassObservable(q)), starts * steps * size_of(PassObservable(q), shape)));
        b.window_variance.back().resize(shape.window > 0 ? b.increment.size() : 0);
        orders.push_back(std::move(b));
        if (order == Order::backward) {
            merge_time.resize(size(!shape.closed_backward, starts * steps));
            merge_error.resize(size(shape.merge_tolerance > 0, starts * steps));
            live_set.resize(size(!shape.closed_backward, 1));
        }
    }
    control.resize(size(shape.control, starts * steps * dim));
    control_path_mean.resize(size(shape.control_path_mean, starts * steps * dim));
    for (auto* array : {&order_sensitivity.difference, &order_sensitivity.leading, &order_sensitivity.remainder,
                        &order_sensitivity.palindrome, &order_sensitivity.symmetrised})
        array->resize(size(shape.order_sensitivity, starts * steps));
    lipschitz_product.resize(size(shape.lipschitz_product, steps));
    next_displacement.resize(size(shape.next_displacement, starts * steps));
    stop_step.resize(size(shape.stop.has_value(), 1));
    stop_product.resize(size(shape.stop.has_value(), 1));
}

BlockBuffers::ByOrder& BlockBuffers::of(const Shape& shape, Order order) {
    for (std::size_t i = 0; i < shape.orders.size(); ++i)
        if (shape.orders[i] == order) return orders[i];
    throw InternalError("an order was asked for that the shape does not have");
}

void no_closed_composition() { throw InternalError("this model's maps have no closed composition"); }

std::size_t doubles_per_replica(const Shape& shape) {
    const BlockBuffers one(shape, 8);
    std::size_t doubles = one.lipschitz_product.size() + one.next_displacement.size() + one.merge_time.size() +
                          one.merge_error.size() + one.live_set.size() + one.stop_step.size() + one.stop_product.size() +
                          one.control.size() + one.control_path_mean.size() + 5 * one.order_sensitivity.difference.size();
    for (const auto& b : one.orders) {
        for (const auto& array : b.loss) doubles += array.size();
        for (const auto& array : b.window_variance) doubles += array.size();
        for (const auto& array : b.passes) doubles += array.size();
        doubles += b.state.size() + b.increment.size() + b.rounding_radius.size() + b.path_mean.size() +
                   b.spread.size() + b.mean_square_gradient.size() + b.spike_height.size() + b.recovery_time.size() +
                   b.diverged_step.size() + b.stopped_state.size();
    }
    return doubles / one.capacity;
}

}  // namespace foldback
