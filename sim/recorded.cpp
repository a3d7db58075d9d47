#include "sim/recorded.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "sim/error.hpp"
#include "sim/load_columns.hpp"

namespace foldback {
namespace {

using Q = Quantity;

Type type_of(Quantity quantity, bool float32_states) {
    switch (quantity) {
        case Q::state: return float32_states ? Type::float32 : Type::float64;
        case Q::diverged_step:
        case Q::merge_time:
        case Q::stop_step: return Type::int32;
        case Q::stop_censored: return Type::int8;
        default: return Type::float64;
    }
}

std::vector<std::size_t> items_of(Quantity quantity, const Shape& shape, const std::vector<std::size_t>& steps) {
    const QuantityInfo& axes = info(quantity);
    const std::size_t starts = axes.by_start ? shape.start_count() : 1, all_steps = axes.by_step ? shape.steps.size() : 1;
    const std::size_t components = axes.by_component ? std::size_t(shape.dimension) : axes.by_operator ? shape.operators : 1;
    const std::vector<std::size_t> kept = axes.by_step ? steps : std::vector<std::size_t>{0};
    std::vector<std::size_t> items;
    for (std::size_t s = 0; s < starts; ++s)
        for (std::size_t c : kept)
            for (std::size_t d = 0; d < components; ++d) items.push_back((s * all_steps + c) * components + d);
    return items;
}

const BlockBuffers::ByOrder& of(const Shape& shape, const BlockBuffers& block, Order order) {
    for (std::size_t i = 0; i < shape.orders.size(); ++i)
        if (shape.orders[i] == order) return block.orders[i];
    throw InternalError("an order was asked for that the block does not have");
}

}  // namespace

const std::vector<double>& array_of(const Shape& shape, Quantity quantity, Order order, const BlockBuffers& b) {
    switch (quantity) {
        case Q::state: return of(shape, b, order).state;
        case Q::increment: return of(shape, b, order).increment;
        case Q::spread: return of(shape, b, order).spread;
        case Q::rounding_radius: return of(shape, b, order).rounding_radius;
        case Q::path_mean: return of(shape, b, order).path_mean;
        case Q::diverged_step: return of(shape, b, order).diverged_step;
        case Q::merge_time: return b.merge_time;
        case Q::merge_error: return b.merge_error;
        case Q::live_set: return b.live_set;
        case Q::certified_radius:
        case Q::lipschitz_product: return b.lipschitz_product;
        case Q::next_displacement: return b.next_displacement;
        case Q::stopped_state: return of(shape, b, order).stopped_state;
        case Q::stop_step: return b.stop_step;
        case Q::stopped_radius:
        case Q::stop_censored: return b.stop_product;
        case Q::increment_window_variance: return of(shape, b, order).window_variance[loss_observable_count];
        case Q::spike_height: return of(shape, b, order).spike_height;
        case Q::recovery_time: return of(shape, b, order).recovery_time;
        case Q::control: return b.control;
        case Q::control_path_mean: return b.control_path_mean;
        case Q::order_difference: return b.order_sensitivity.difference;
        case Q::order_leading: return b.order_sensitivity.leading;
        case Q::order_remainder: return b.order_sensitivity.remainder;
        case Q::palindrome_difference: return b.order_sensitivity.palindrome;
        case Q::symmetrised_difference: return b.order_sensitivity.symmetrised;
        case Q::mean_square_gradient: return of(shape, b, order).mean_square_gradient;
        default: break;
    }
    if (const auto pass = pass_observable(quantity)) return of(shape, b, order).passes[std::size_t(*pass)];
    if (const auto loss = loss_observable(quantity)) {
        const auto& by_order = of(shape, b, order);
        return is_window_variance(quantity) ? by_order.window_variance[std::size_t(*loss)] : by_order.loss[std::size_t(*loss)];
    }
    throw InternalError("a quantity that no block holds");
}

namespace {

// Which item of the product array a derived quantity's item reads, and the start it is for.
std::pair<std::size_t, std::size_t> derived_from(const Shape& shape, Quantity quantity, std::size_t item) {
    if (quantity == Q::certified_radius) return {item % shape.steps.size(), item / shape.steps.size()};
    return {0, item};
}

constexpr std::size_t tile = 8;  // a line of the cache: both sides stay in the first level

// f(first item, past the last, first replica, past the last) of every tile.
template <class F>
void for_tiles(std::size_t items, std::size_t count, F f) {
    for (std::size_t j = 0; j < items; j += tile)
        for (std::size_t r = 0; r < count; r += tile) f(j, std::min(j + tile, items), r, std::min(r + tile, count));
}

template <class T, class Convert>
void transpose(std::size_t items, std::size_t count, std::vector<std::byte>& rows, Convert convert) {
    rows.resize(items * count * sizeof(T));
    T* out = reinterpret_cast<T*>(rows.data());
    for_tiles(items, count, [&](std::size_t j0, std::size_t j1, std::size_t r0, std::size_t r1) {
        for (std::size_t j = j0; j < j1; ++j)
            for (std::size_t r = r0; r < r1; ++r) out[r * items + j] = static_cast<T>(convert(j, r));
    });
}

// The same of numbers that stay doubles, which most are: two items of two replicas change places in registers.
void transpose(const std::vector<Series>& series, std::size_t count, std::vector<std::byte>& rows) {
    using Pair = Lanes<2>;
    const std::size_t items = series.size();
    rows.resize(items * count * sizeof(double));
    double* out = reinterpret_cast<double*>(rows.data());
    const auto one_by_one = [&](std::size_t j0, std::size_t j1, std::size_t r0, std::size_t r1) {
        for (std::size_t j = j0; j < j1; ++j)
            for (std::size_t r = r0; r < r1; ++r) out[r * items + j] = series[j].values[r] * series[j].factor;
    };
    for_tiles(items, count, [&](std::size_t j0, std::size_t j1, std::size_t r0, std::size_t r1) {
        if (j1 - j0 < tile || r1 - r0 < tile) return one_by_one(j0, j1, r0, r1);
        for (std::size_t j = j0; j < j1; j += 2) {
            const double* const from[] = {series[j].values, series[j + 1].values};
            const double factors[] = {series[j].factor, series[j + 1].factor};
            const auto factor = load<Pair>(factors);
            for (std::size_t r = r0; r < r1; r += 2) {
                Pair row[2];
                load_columns<2, 2>(from, r, row);
                store(out + r * items + j, row[0] * factor);
                store(out + (r + 1) * items + j, row[1] * factor);
            }
        }
    });
}

}  // namespace

std::vector<std::size_t> step_indices(const Shape& shape, const std::vector<std::uint32_t>& steps) {
    std::vector<std::size_t> indices;
    for (std::uint32_t n : steps) {
        const auto at = std::lower_bound(shape.steps.begin(), shape.steps.end(), n);
        if (at == shape.steps.end() || *at != n) throw InternalError("a checkpoint that the kernels do not compute");
        indices.push_back(std::size_t(at - shape.steps.begin()));
    }
    return indices;
}

std::vector<Recorded> recorded_variables(const Shape& shape, const RecordOptions& options) {
    std::vector<Recorded> variables;
    const auto steps = step_indices(shape, options.steps);
    const auto add = [&](Quantity q, Order order) {
        variables.push_back({q, order, type_of(q, options.float32_states), path_of(q, order), items_of(q, shape, steps)});
    };
    const bool swept = shape.has(Order::backward) && !shape.closed_backward;
    for (Order order : shape.orders) {
        if (options.states) add(Q::state, order);
        for (Q q : options.observables)
            if (info(q).by_order && is_recorded_for(q, order)) add(q, order);
        for (Q q : options.observables)
            if (shape.window > 0 && (loss_observable(q) || q == Q::increment)) add(window_variance_of(q), order);
        if (shape.spike && std::count(options.observables.begin(), options.observables.end(), Q::train_loss) > 0)
            for (Q q : {Q::spike_height, Q::recovery_time}) add(q, order);
        add(Q::diverged_step, order);
    }
    for (Q q : options.observables)
        if (!info(q).by_order) add(q, shape.orders.front());
    if (swept) {
        add(Q::merge_time, Order::backward);
        if (shape.merge_tolerance > 0) add(Q::merge_error, Order::backward);
        add(Q::live_set, Order::backward);
    }
    if (shape.stop) {
        for (Order order : shape.orders) add(Q::stopped_state, order);
        add(Q::stop_step, shape.orders.front());
        if (shape.has(Order::backward)) add(Q::stopped_radius, Order::backward);
        add(Q::stop_censored, shape.orders.front());
    }
    return variables;
}

Series series_of(const Shape& shape, const RecordOptions& options, Quantity quantity, Order order, std::size_t item, const BlockBuffers& block) {
    double factor = 1;
    if (quantity == Q::certified_radius || quantity == Q::stopped_radius) {
        const auto [source, start] = derived_from(shape, quantity, item);
        factor = options.certificate.at(start);
        item = source;
    }
    return {array_of(shape, quantity, order, block).data() + item * block.capacity, factor};
}

void pack(const Shape& shape, const RecordOptions& options, const Recorded& v, const BlockBuffers& block, std::size_t count,
          std::vector<std::byte>& rows) {
    std::vector<Series> series;
    for (std::size_t item : v.items) series.push_back(series_of(shape, options, v.quantity, v.order, item, block));
    const auto value = [&](std::size_t j, std::size_t r) { return series[j].values[r] * series[j].factor; };
    switch (v.type) {
        case Type::float64: return transpose(series, count, rows);
        case Type::float32: return transpose<float>(series.size(), count, rows, value);
        case Type::int32: return transpose<std::int32_t>(series.size(), count, rows, value);
        case Type::int8:
            return transpose<std::int8_t>(series.size(), count, rows, [&](std::size_t j, std::size_t r) { return !(value(j, r) <= shape.stop->product); });
        default: throw InternalError("no quantity is recorded in that type");
    }
}

}  // namespace foldback
