#pragma once
#include <algorithm>
#include <cstdint>

#include "sim/ascent.hpp"
#include "sim/block.hpp"
#include "sim/closed.hpp"
#include "sim/mean_of_folds.hpp"
#include "sim/order_sensitivity.hpp"
#include "sim/spike_response.hpp"
#include "sim/stopped.hpp"
#include "sim/sweep.hpp"
#include "sim/window_variance.hpp"
#include "sim/word_fold.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// The steps at which orders other than forward need a state: the checkpoints n >= 1, n + 1 for increments, every step for path
/// means.
class Events {
  public:
    explicit Events(const Shape& shape)
        : steps_(shape.path_mean ? shape.last() + 1 : 2 * shape.steps.size()), checkpoint_(shape.path_mean ? shape.last() + 1 : 2 * shape.steps.size()) {
        std::uint32_t filled = 0;
        for (std::uint32_t n : shape.steps) {
            if (shape.path_mean)
                for (std::uint32_t k = filled + 1; k < n; ++k) add(k, false);
            add(n, true);
            if (shape.increment) add(n + 1, false);
            filled = n;
        }
    }
    /// By event: whether it is a checkpoint.
    const bool* checkpoints() const { return checkpoint_.data(); }
    std::size_t count() const { return count_; }
    const std::uint32_t* steps() const { return steps_.data(); }

    /// The event at step n >= from's; searching upwards from `from`.
    std::size_t find(std::uint32_t n, std::size_t from) const {
        while (steps_[from] != n) ++from;
        return from;
    }

  private:
    void add(std::uint32_t n, bool checkpoint) {
        if (n == 0) return;
        if (count_ > 0 && steps_[count_ - 1] >= n) {  // n - 1 and n both checkpoints
            checkpoint_[count_ - 1] = checkpoint_[count_ - 1] || checkpoint;
            return;
        }
        checkpoint_[count_] = checkpoint;
        steps_[count_++] = n;
    }

    Workspace<std::uint32_t> steps_;
    Workspace<bool> checkpoint_;
    std::size_t count_ = 0;
};

/// A model's block kernel for W lanes.
template <class M, int W>
class Kernel final : public BlockKernel {
    using R = Lanes<W>;
    // What goes up in one dimension goes up several registers wide. Folds of many compositions keep the processor busy anyway,
    // and merge the sooner the fewer lanes they have.
    static constexpr int climbing = W == widest && is_scalar<R, M> ? W * interleaved : W;
    using Climber = Lanes<climbing>;

  public:
    /// `model` must outlive the kernel.
    explicit Kernel(const M& model) : model_(model) {}
    int lanes() const override { return W; }

    void run(const Shape& shape, std::uint32_t first, std::uint32_t count, BlockBuffers& out) const override {
        Workspace<R> starts(shape.starts.size());
        for (std::size_t i = 0; i < shape.starts.size(); ++i) starts[i] = R(shape.starts[i]);
        const Events events(shape);
        run_folds(shape, events, starts, first, count, out);
        for (std::size_t i = 0; i < shape.orders.size(); ++i)
            if (!known(shape.orders[i])) run_word(shape, events, starts, shape.orders[i], first, count, out.orders[i], out.capacity);
        for (std::uint32_t offset = 0; offset < count; offset += W) {
            const Slot slot{out.capacity, offset};
            for (std::size_t i = 0; i < shape.orders.size() && shape.spread; ++i) record_spread(shape, out.orders[i], slot);
            if (!shape.stop) continue;
            Noise<R> noise(shape.seed, first + offset, model_.consumption());
            Stopped<R, M>(model_, shape).run(noise, starts.data(), out, slot);
        }
        if (shape.order_sensitivity) run_order_sensitivity(shape, starts, first, count, out);
        if (!shape.loss.empty()) record_loss(shape, count, out);
        if (!shape.passes.empty()) record_passes(shape, first, count, out);
        if (shape.window > 0) record_windows(shape, out);
        for (auto& order : out.orders)
            if (!order.spike_height.empty())
                spike_response(order.loss[unsigned(LossObservable::train_loss)], shape, out.capacity, order.spike_height, order.recovery_time);
    }

  private:
    static constexpr Order symmetrised{&symmetrised_order, 0};
    static bool known(const Order& order) { return order == Order::forward || order == Order::backward || order == symmetrised; }
    static bool tracks_rounding(const Shape& shape) { return shape.rounding_radius && HasLipschitz<M, R>; }

    // Forward, backward and their mean, which share the pass upwards and the sweep.
    void run_folds(const Shape& shape, const Events& events, const Workspace<R>& starts, std::uint32_t first, std::uint32_t count,
                   BlockBuffers& out) const {
        const M& f = model_;
        const bool* tracked = tracks_rounding(shape) ? events.checkpoints() : nullptr;
        const bool backward = shape.has(Order::backward) && events.count() > 0;
        const std::size_t swept = backward && !shape.closed_backward ? events.count() : 0;
        Ascent<Climber, M> ascent(f, shape);
        Sweep<R, M> sweep(f, events.steps(), swept, shape.start_count(), shape.merge_tolerance, tracked != nullptr);
        MeanOfFolds<R, M> mean(f, shape, events.steps(), shape.has(symmetrised) ? events.count() : 0, tracked,
                               swept > 0 && shape.merge_tolerance == 0);
        Workspace<Climber> climbers_starts(shape.starts.size());
        for (std::size_t i = 0; i < shape.starts.size(); ++i) climbers_starts[i] = Climber(shape.starts[i]);
        BlockBuffers::ByOrder* forward = shape.has(Order::forward) ? &out.of(shape, Order::forward) : nullptr;
        const bool climbs = forward || shape.lipschitz_product || shape.next_displacement || shape.merge_tolerance > 0 || shape.control ||
                            shape.control_path_mean;
        for (std::uint32_t offset = 0; offset < count; offset += W) {
            if (climbs && offset % climbing == 0) {
                Noise<Climber> noise(shape.seed, first + offset, f.consumption());
                ascent.run(noise, climbers_starts.data(), out, forward, {out.capacity, offset});
            }
            if (!shape.has(Order::backward) && !shape.has(symmetrised)) continue;
            Noise<R> noise(shape.seed, first + offset, f.consumption());
            const Slot slot{out.capacity, offset};
            if (swept > 0) {
                sweep.run(noise, starts.data(), ascent.prefix(offset % climbing));
                record(shape, events, sweep, starts, out.of(shape, Order::backward), slot);
                record_merging(shape, events, sweep, out, slot);
            } else if (backward) {
                if constexpr (HasComposition<M, R>) {
                    ClosedBackward<R, M> closed(f, events.steps(), events.count(), shape.start_count(), tracked != nullptr);
                    closed.run(noise, starts.data());
                    record(shape, events, closed, starts, out.of(shape, Order::backward), slot);
                } else {
                    no_closed_composition();
                }
            } else if (shape.has(Order::backward)) {
                record_starts(shape, starts, out.of(shape, Order::backward), slot);
            }
            if (!shape.has(symmetrised)) continue;
            mean.run(noise, starts.data(), sweep);
            record(shape, events, mean, starts, out.of(shape, symmetrised), slot);
        }
    }

    void run_word(const Shape& shape, const Events& events, const Workspace<R>& starts, const Order& order, std::uint32_t first,
                  std::uint32_t count, BlockBuffers::ByOrder& out, std::size_t capacity) const {
        WordFold<R, M> fold(model_, shape, order, events.steps(), events.count(), tracks_rounding(shape));
        for (std::uint32_t offset = 0; offset < count; offset += W) {
            Noise<R> noise(shape.seed, first + offset, model_.consumption());
            fold.run(noise, starts.data());
            record(shape, events, fold, starts, out, {capacity, offset});
        }
    }

    void run_order_sensitivity(const Shape& shape, const Workspace<R>& starts, std::uint32_t first, std::uint32_t count,
                               BlockBuffers& out) const {
        if constexpr (HasGradient<M, R>) {
            OrderSensitivity<R, M> pass(model_, shape);
            for (std::uint32_t offset = 0; offset < count; offset += W) {
                Noise<R> noise(shape.seed, first + offset, model_.consumption());
                pass.run(noise, starts.data(), out, {out.capacity, offset});
            }
        }
    }

    // Reads the states back from where the folds have put them: every order alike.
    void record_loss(const Shape& shape, std::uint32_t count, BlockBuffers& out) const {
        if constexpr (ObservesLoss<M, R>) {
            const std::size_t dim = std::size_t(shape.dimension), items = shape.start_count() * shape.steps.size();
            typename M::template Observer<R> observer(model_);
            Workspace<R> x(dim), seen(loss_observable_count);
            for (auto& order : out.orders)
                for (std::uint32_t offset = 0; offset < count; offset += W)
                    for (std::size_t item = 0; item < items; ++item) {
                        for (std::size_t d = 0; d < dim; ++d) x[d] = load<R>(&order.state[(item * dim + d) * out.capacity + offset]);
                        observer.observe(model_, shape.loss, x.data(), seen.data());
                        const Slot slot{out.capacity, offset};
                        for (unsigned q = 0; q < loss_observable_count; ++q)
                            if (shape.loss.has(LossObservable(q))) slot.put(order.loss[q], item, seen[q]);
                    }
        }
    }

    // Of step n + 1 at every state that the folds have left at a checkpoint n.
    void record_passes(const Shape& shape, std::uint32_t first, std::uint32_t count, BlockBuffers& out) const {
        if constexpr (ObservesPasses<M, R>) {
            const std::size_t dim = std::size_t(shape.dimension), steps = shape.steps.size();
            typename M::template Passes<R> passes(model_);
            auto p = make_parameter<R>(model_);
            Workspace<R> x(dim), seen(pass_observable_count * std::max(dim, shape.operators));
            PassRoom<R> room;
            for (unsigned q = 0; q < pass_observable_count; ++q)
                if (shape.passes.has(PassObservable(q))) room.at[q] = &seen[q * std::max(dim, shape.operators)];
            for (std::uint32_t offset = 0; offset < count; offset += W) {
                Noise<R> noise(shape.seed, first + offset, model_.consumption());
                const Slot slot{out.capacity, offset};
                for (std::size_t c = 0; c < steps; ++c) {
                    noise.at(shape.steps[c] + 1);
                    draw_into(model_, noise, p);
                    for (auto& order : out.orders)
                        for (std::size_t item = c; item < shape.start_count() * steps; item += steps) {
                            for (std::size_t d = 0; d < dim; ++d) x[d] = load<R>(&order.state[(item * dim + d) * out.capacity + offset]);
                            passes.observe(model_, p, x.data(), room);
                            for (unsigned q = 0; q < pass_observable_count; ++q)
                                for (std::size_t i = 0; room.at[q] && i < size_of(PassObservable(q), shape); ++i)
                                    slot.put(order.passes[q], item * size_of(PassObservable(q), shape) + i, room.at[q][i]);
                        }
                }
            }
        }
    }

    void record_windows(const Shape& shape, BlockBuffers& out) const {
        for (auto& order : out.orders) {
            for (unsigned q = 0; q < loss_observable_count; ++q)
                window_variance(order.loss[q], shape.steps.size(), shape.window, out.capacity, order.window_variance[q]);
            window_variance(order.increment, shape.steps.size(), shape.window, out.capacity, order.window_variance[loss_observable_count]);
        }
    }

    // Step 0, and the empty sums: X_0(x) = x.
    void record_starts(const Shape& shape, const Workspace<R>& starts, BlockBuffers::ByOrder& out, Slot slot) const {
        const std::size_t steps = shape.steps.size(), dim = std::size_t(shape.dimension);
        for (std::size_t s = 0; s < shape.start_count(); ++s) {
            slot.put(out.diverged_step, s, R(0.0));
            if (shape.steps[0] != 0) continue;
            for (std::size_t d = 0; d < dim; ++d) {
                slot.put(out.state, s * steps * dim + d, starts[s * dim + d]);
                if (shape.path_mean) slot.put(out.path_mean, s * steps * dim + d, starts[s * dim + d]);
            }
            if (shape.rounding_radius) slot.put(out.rounding_radius, s * steps, R(0.0));
        }
    }

    // What a fold has at its events: at the checkpoints, and at the steps after them.
    template <class Fold>
    void record(const Shape& shape, const Events& events, const Fold& fold, const Workspace<R>& starts,
                BlockBuffers::ByOrder& out, Slot slot) const {
        record_starts(shape, starts, out, slot);
        const std::size_t steps = shape.steps.size(), dim = std::size_t(shape.dimension);
        for (std::size_t s = 0; s < shape.start_count(); ++s) {
            R diverged(0.0);
            std::size_t event = 0;
            for (std::size_t c = 0; c < steps; ++c) {
                const std::uint32_t n = shape.steps[c];
                const std::size_t at = s * steps + c;
                if (n > 0) event = events.find(n, event);
                const R* x = n > 0 ? fold.state(event, s) : &starts[s * dim];
                if (shape.increment) {
                    const std::size_t next = events.find(n + 1, event);
                    slot.put(out.increment, at, distance_between(model_, fold.state(next, s), x));
                }
                if (n == 0) continue;
                auto good = finite(x[0]);
                for (std::size_t d = 0; d < dim; ++d) {
                    slot.put(out.state, at * dim + d, x[d]);
                    good = good & finite(x[d]);
                }
                diverged = select(good | (diverged != R(0.0)), diverged, R(double(n)));
                if (shape.rounding_radius) slot.put(out.rounding_radius, at, fold.rounding(event, s));
            }
            slot.put(out.diverged_step, s, diverged);
            if (shape.path_mean) record_path_mean(shape, events, fold, s, out, slot);
        }
    }

    // With path means on, the events are 1, 2, ..., last: one running sum gives the mean at every checkpoint.
    template <class Fold>
    void record_path_mean(const Shape& shape, const Events&, const Fold& fold, std::size_t s,
                          BlockBuffers::ByOrder& out, Slot slot) const {
        const std::size_t steps = shape.steps.size(), dim = std::size_t(shape.dimension);
        for (std::size_t d = 0; d < dim; ++d) {
            R sum(0.0);
            std::size_t c = shape.steps[0] == 0;
            for (std::uint32_t n = 1; n <= shape.last(); ++n) {
                sum += fold.state(n - 1, s)[d];
                if (shape.steps[c] == n) {
                    slot.put(out.path_mean, (s * steps + c) * dim + d, sum / R(double(n)));
                    ++c;
                }
            }
        }
    }

    void record_merging(const Shape& shape, const Events& events, const Sweep<R, M>& sweep, BlockBuffers& out, Slot slot) const {
        const std::size_t steps = shape.steps.size();
        for (std::size_t s = 0; s < shape.start_count(); ++s) {
            std::size_t event = 0;
            for (std::size_t c = 0; c < steps; ++c) {
                const bool start = shape.steps[c] == 0;
                if (!start) event = events.find(shape.steps[c], event);
                slot.put(out.merge_time, s * steps + c, start ? R(0.0) : sweep.merge_time(event, s));
                if (shape.merge_tolerance > 0) slot.put(out.merge_error, s * steps + c, start ? R(0.0) : sweep.error(event, s));
            }
        }
        slot.put(out.live_set, 0, sweep.mean_live_set());
    }

    void record_spread(const Shape& shape, BlockBuffers::ByOrder& out, Slot slot) const {
        const std::size_t steps = shape.steps.size(), dim = std::size_t(shape.dimension), starts = shape.start_count();
        Workspace<R> x(dim), y(dim);
        const auto fetch = [&](Workspace<R>& to, std::size_t s, std::size_t c) {
            for (std::size_t d = 0; d < dim; ++d)
                to[d] = load<R>(&out.state[((s * steps + c) * dim + d) * slot.capacity + slot.offset]);
        };
        for (std::size_t c = 0; c < steps; ++c) {
            R spread(0.0);
            for (std::size_t a = 0; a < starts; ++a) {
                fetch(x, a, c);
                for (std::size_t b = a + 1; b < starts; ++b) {
                    fetch(y, b, c);
                    spread = larger(spread, distance_between(model_, x.data(), y.data()));
                }
            }
            slot.put(out.spread, c, spread);
        }
    }

    const M& model_;
};

}  // namespace foldback::inline FOLDBACK_ISA
