#include "analysis/memory_evidence.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/certificate.hpp"
#include "sim/error.hpp"
#include "sim/recorded.hpp"

namespace foldback {
namespace {

using Q = Quantity;
// What is made of the block's arrays here, not copied.
bool is_derived(Q quantity) {
    return quantity == Q::certified_radius || quantity == Q::stopped_radius || quantity == Q::stop_censored;
}

}  // namespace

MemoryEvidence::MemoryEvidence(Setup setup, Shape shape, std::size_t block_size)
    : setup_(std::move(setup)),
      shape_(std::move(shape)),
      replicas_(std::size_t(setup_.replicas)),
      block_size_(block_size),
      series_(shape_.orders.size() * quantity_count),
      sums_(shape_.orders.size()) {
    for (std::size_t s = 0; s < shape_.start_count(); ++s)
        if (const auto c = certificate_constant(setup_, s)) certificate_.push_back(c->value);
    if (certificate_.size() < shape_.start_count()) certificate_.clear();
    for (Order order : shape_.orders) {
        sums_[index(order)].resize((replicas_ + block_size - 1) / block_size);
        for (std::size_t i = 0; i < quantity_count; ++i) {
            const Q q = Q(i);
            Series& s = series(q, order);
            s.recorded = recorded(q, order);
            if (s.recorded) s.values.assign(items(q) * replicas_, std::numeric_limits<double>::quiet_NaN());
        }
    }
}

std::size_t MemoryEvidence::index(Order order) const {
    const auto at = std::find(shape_.orders.begin(), shape_.orders.end(), order);
    if (at == shape_.orders.end()) throw InternalError("MemoryEvidence: the order " + name(order) + " was not simulated");
    return std::size_t(at - shape_.orders.begin());
}

MemoryEvidence::Series& MemoryEvidence::series(Q quantity, Order order) {
    const std::size_t column = info(quantity).by_order ? index(order) : 0;
    return series_[std::size_t(quantity) * shape_.orders.size() + column];
}

const MemoryEvidence::Series& MemoryEvidence::series(Q quantity, Order order) const {
    return const_cast<MemoryEvidence*>(this)->series(quantity, order);
}

bool MemoryEvidence::recorded(Q quantity, Order order) const {
    const bool lipschitz = setup_.has_lipschitz, swept = shape_.has(Order::backward) && !shape_.closed_backward;
    switch (quantity) {
        case Q::lipschitz_product:
            return shape_.lipschitz_product && lipschitz;
        case Q::next_displacement:
            return shape_.next_displacement;
        case Q::stop_step:
        case Q::stop_censored:
            return shape_.stop.has_value();
        case Q::stopped_radius:
            return shape_.stop && !certificate_.empty();
        case Q::control:
            return shape_.control && order == Order::forward;
        case Q::control_path_mean:
            return shape_.control_path_mean && order == Order::forward;
        case Q::order_difference:
        case Q::order_leading:
        case Q::order_remainder:
        case Q::palindrome_difference:
        case Q::symmetrised_difference:
            return shape_.order_sensitivity;
        case Q::spike_height:
        case Q::recovery_time:
            return shape_.spike && shape_.loss.has(LossObservable::train_loss) && shape_.has(order);
        case Q::mean_square_gradient:
            return shape_.mean_square_gradient && order == Order::forward && shape_.has(order);
        default:
            break;
    }
    if (!shape_.has(order)) return false;
    if (const auto pass = pass_observable(quantity)) return shape_.passes.has(*pass);
    if (const auto loss = loss_observable(quantity))
        return shape_.loss.has(*loss) && (!is_window_variance(quantity) || shape_.window > 0);
    switch (quantity) {
        case Q::state:
            return setup_.states;
        case Q::increment:
            return shape_.increment;
        case Q::increment_window_variance:
            return shape_.increment && shape_.window > 0;
        case Q::spread:
            return shape_.spread;
        case Q::rounding_radius:
            return shape_.rounding_radius && lipschitz;
        case Q::path_mean:
            return shape_.path_mean;
        case Q::diverged_step:
            return true;
        case Q::certified_radius:
            return order == Order::backward && shape_.lipschitz_product && lipschitz && !certificate_.empty();
        case Q::merge_time:
        case Q::live_set:
            return order == Order::backward && swept;
        case Q::merge_error:
            return order == Order::backward && swept && shape_.merge_tolerance > 0;
        case Q::stopped_state:
            return shape_.stop.has_value();
        default:
            return false;
    }
}

std::size_t MemoryEvidence::items(Q quantity) const {
    const QuantityInfo& row = info(quantity);
    return (row.by_start ? shape_.start_count() : 1) * (row.by_step ? shape_.steps.size() : 1) *
           (row.by_component ? std::size_t(shape_.dimension) : row.by_operator ? shape_.operators : 1);
}

bool MemoryEvidence::has(Q quantity, Order order) const {
    return (!info(quantity).by_order || shape_.has(order)) && series(quantity, order).recorded;
}

void MemoryEvidence::accept(std::size_t first, std::size_t count, const BlockBuffers& block) {
    if (first % block_size_ != 0 || count != std::min(block_size_, replicas_ - std::min(first, replicas_)))
        throw InternalError("MemoryEvidence: replicas " + std::to_string(first) + " + " + std::to_string(count) +
                            " are not one block of " + std::to_string(block_size_));
    for (Order order : shape_.orders) {
        const auto& from = block.orders[index(order)];
        for (std::size_t i = 0; i < quantity_count; ++i)
            if (const Q q = Q(i); !is_derived(q) && series(q, order).recorded)
                copy(q, order, first, count, array_of(shape_, q, order, block), block.capacity);
        stream(order, first, count, from, block.capacity);
    }
    derive(first, count, block);
}

void MemoryEvidence::copy(Q quantity, Order order, std::size_t first, std::size_t count,
                          const std::vector<double>& array, std::size_t capacity) {
    Series& to = series(quantity, order);
    if (!to.recorded) return;
    for (std::size_t i = 0; i < items(quantity); ++i)
        std::copy_n(array.begin() + std::ptrdiff_t(i * capacity), count,
                    to.values.begin() + std::ptrdiff_t(i * replicas_ + first));
}

// What the kernels leave to the host: radii and censoring, from the Lipschitz products.
void MemoryEvidence::derive(std::size_t first, std::size_t count, const BlockBuffers& block) {
    const std::size_t steps = shape_.steps.size();
    if (has(Q::certified_radius, Order::backward))
        for (std::size_t i = 0; i < items(Q::certified_radius); ++i)
            for (std::size_t r = 0; r < count; ++r)
                series(Q::certified_radius, Order::backward).values[i * replicas_ + first + r] =
                    block.lipschitz_product[i % steps * block.capacity + r] * certificate_[i / steps];
    if (Series& radius = series(Q::stopped_radius, Order::forward); radius.recorded)
        for (std::size_t s = 0; s < shape_.start_count(); ++s)
            for (std::size_t r = 0; r < count; ++r)
                radius.values[s * replicas_ + first + r] = block.stop_product[r] * certificate_[s];
    if (Series& censored = series(Q::stop_censored, Order::forward); censored.recorded)
        for (std::size_t r = 0; r < count; ++r)
            censored.values[first + r] = block.stop_product[r] > shape_.stop->product;
}

void MemoryEvidence::stream(Order order, std::size_t first, std::size_t count, const BlockBuffers::ByOrder& block,
                            std::size_t capacity) {
    BlockSums& sums = sums_[index(order)][first / block_size_];
    sums.diverged.assign(shape_.start_count(), 0);
    for (std::size_t s = 0; s < shape_.start_count(); ++s)
        for (std::size_t r = 0; r < count; ++r) sums.diverged[s] += block.diverged_step[s * capacity + r] != 0;
    sums.moments.resize(items(Q::state));
    std::vector<double> finite;
    for (std::size_t i = 0; i < sums.moments.size(); ++i) {
        finite.clear();
        const auto from = block.state.begin() + std::ptrdiff_t(i * capacity);
        std::copy_if(from, from + std::ptrdiff_t(count), std::back_inserter(finite),
                     [](double x) { return std::isfinite(x); });
        sums.moments[i] = foldback::moments(finite);
    }
}

std::vector<double> MemoryEvidence::values(const Address& address) const {
    if (!has(address.quantity, address.order))
        throw InternalError("MemoryEvidence: " + path_of(address.quantity, address.order) + " was not recorded");
    const Series& from = series(address.quantity, address.order);
    const QuantityInfo& row = info(address.quantity);
    std::size_t i = row.by_start ? address.start : 0;
    if (row.by_step) i = i * shape_.steps.size() + address.step;
    if (row.by_component) i = i * std::size_t(shape_.dimension) + address.component;
    if (row.by_operator) i = i * shape_.operators + address.component;
    const auto begin = from.values.begin() + std::ptrdiff_t(i * replicas_);
    return {begin, begin + std::ptrdiff_t(replicas_)};
}

SampleMoments MemoryEvidence::moments(Order order, std::size_t start, std::size_t step, std::size_t component) const {
    const std::size_t i = (start * shape_.steps.size() + step) * std::size_t(shape_.dimension) + component;
    SampleMoments total;
    for (const BlockSums& block : sums_[index(order)])
        if (!block.moments.empty()) total = merge(total, block.moments[i]);
    return total;
}

std::uint64_t MemoryEvidence::diverged(Order order, std::size_t start) const {
    std::uint64_t total = 0;
    for (const BlockSums& block : sums_[index(order)])
        if (!block.diverged.empty()) total += block.diverged[start];
    return total;
}

}  // namespace foldback
