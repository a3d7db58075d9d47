#pragma once
#include <algorithm>
#include <cstdint>

#include "sim/block.hpp"
#include "sim/gain.hpp"
#include "sim/mean_square_gradient.hpp"
#include "sim/random_map.hpp"
#include "sim/slot.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// The pass from step 1 to the last: the forward fold, and what both folds need that grows with n (Lipschitz products,
/// next displacements).
template <class R, class M>
class Ascent {
  public:
    Ascent(const M& f, const Shape& shape)
        : f_(f), shape_(shape), dim_(std::size_t(shape.dimension)), starts_(shape.start_count()), x_(starts_ * dim_),
          sum_(starts_ * dim_), rounding_(starts_), diverged_(starts_), watched_(starts_), before_(starts_ * dim_), y_(dim_),
          prefix_(shape.last() / 16 + 2), gradients_(f, shape), twin_(follows_twin() ? starts_ * dim_ : 0), twin_sum_(follows_twin() ? starts_ * dim_ : 0) {}

    /// `out` is null when the forward order is not wanted.
    void run(Noise<R>& noise, const R* starts, BlockBuffers& shared, BlockBuffers::ByOrder* out, Slot slot) {
        begin(starts);
        auto p = make_parameter<R>(f_);
        GainOf<R, M> gain;
        const bool ahead = shape_.next_displacement || (out && shape_.increment);
        std::uint32_t n = 0;
        for (std::size_t c = 0; c < shape_.steps.size(); ++c) {
            while (n < shape_.steps[c]) {
                const std::uint32_t to = std::min(shape_.steps[c], n + stretch);
                climb(n, to, noise, p, gain, out != nullptr);
                n = to;
            }
            record(c, n, gain, shared, out, slot);
            if (!ahead) continue;
            noise.at(n + 1);
            draw_into(f_, noise, p);
            look_ahead(c, p, starts, shared, out, slot);
        }
        if (out)
            for (std::size_t s = 0; s < starts_; ++s) slot.put(out->diverged_step, s, diverged_[s]);
    }

    /// The Lipschitz products that a sweep of the lanes from `lane` on needs to merge on a tolerance.
    Prefix prefix(std::size_t lane) const { return {reinterpret_cast<const double*>(prefix_.data()) + lane, std::size_t(width<R>)}; }

  private:
    static constexpr std::uint32_t stretch = 64;  // steps between looks whether a chain has diverged, at most

    void begin(const R* starts) {
        for (std::size_t i = 0; i < starts_ * dim_; ++i) {
            x_[i] = starts[i];
            sum_[i] = R(0.0);
        }
        for (std::size_t s = 0; s < starts_; ++s) rounding_[s] = diverged_[s] = watched_[s] = R(0.0);
        gradients_.begin(shape_);
        for (std::size_t i = 0; i < starts_ * dim_ && follows_twin(); ++i) {
            twin_[i] = starts[i];
            twin_sum_[i] = R(0.0);
        }
    }

    bool follows_twin() const { return shape_.control || shape_.control_path_mean; }

    void advance_twin(const ParameterOf<M, R>& p) {
        if constexpr (HasControl<M, R>)
            for (std::size_t s = 0; s < starts_ && follows_twin(); ++s) {
                f_.apply_control(p, &twin_[s * dim_]);
                for (std::size_t d = 0; d < dim_; ++d) twin_sum_[s * dim_ + d] += twin_[s * dim_ + d];
            }
    }

    void record_twin(std::size_t c, std::uint32_t n, BlockBuffers& shared, Slot slot) {
        for (std::size_t s = 0; s < starts_ && follows_twin(); ++s)
            for (std::size_t d = 0; d < dim_; ++d) {
                const std::size_t i = s * dim_ + d, at = (s * shape_.steps.size() + c) * dim_ + d;
                if (shape_.control) slot.put(shared.control, at, twin_[i]);
                if (shape_.control_path_mean) slot.put(shared.control_path_mean, at, n ? twin_sum_[i] / R(double(n)) : twin_[i]);
            }
    }

    // Steps from + 1 .. to, with no checkpoint in between.
    void climb(std::uint32_t from, std::uint32_t to, Noise<R>& noise, ParameterOf<M, R>& p, GainOf<R, M>& gain, bool forward) {
        const bool gains = shape_.lipschitz_product || shape_.merge_tolerance > 0;
        const bool plain = forward && starts_ == 1 && !shape_.rounding_radius && !shape_.path_mean && !shape_.mean_square_gradient &&
                           !follows_twin() && shape_.merge_tolerance == 0;
        if (forward)
            for (std::size_t i = 0; i < starts_ * dim_; ++i) before_[i] = x_[i];
        if (plain && gains) climb_plainly<true>(from, to, noise, p, gain);
        else if (plain) climb_plainly<false>(from, to, noise, p, gain);
        else
            for (std::uint32_t n = from + 1; n <= to; ++n) {
                if (forward && shape_.mean_square_gradient) gradients_.add(f_, shape_, x_.data());
                noise.at(n);
                draw_into(f_, noise, p);
                if (n % 16 == 0) prefix_[n / 16] = gain.value();
                if (gains) gain.append(f_, p);
                if (forward) advance(p);
                advance_twin(p);
            }
        if (forward) look_for_divergence(from, to, noise, p);
    }

    // One chain of which nothing but the state is wanted. In one dimension the state stays in registers.
    template <bool Gains>
    void climb_plainly(std::uint32_t from, std::uint32_t to, Noise<R>& noise, ParameterOf<M, R>& p, GainOf<R, M>& gain) {
        if constexpr (is_scalar<R, M> && DrawsByValue<M, R>) {
            R x = x_[0], watched(0.0);
            GainOf<R, M> product = gain;
            const bool keeps = keeps_non_finite(f_);
            for (std::uint32_t n = from + 1; n <= to; ++n) {
                noise.at(n);
                const ParameterOf<M, R> drawn = f_.draw(noise);
                if constexpr (Gains) product.append(f_, drawn);
                f_.apply(drawn, x);
                if (!keeps) watched = fma(R(0.0), x, watched);
            }
            gain = product;
            x_[0] = x;
            watched_[0] = watched;
        } else {
            for (std::uint32_t n = from + 1; n <= to; ++n) {
                noise.at(n);
                draw_into(f_, noise, p);
                if constexpr (Gains) gain.append(f_, p);
                apply_to(f_, p, x_.data());
                watch(0);
            }
        }
    }

    void advance(const ParameterOf<M, R>& p) {
        for (std::size_t s = 0; s < starts_; ++s) {
            R* x = &x_[s * dim_];
            if constexpr (HasLipschitz<M, R>) {
                if (shape_.rounding_radius) {
                    const R before = magnitude_of(f_, x), lipschitz = f_.lipschitz(p);
                    apply_to(f_, p, x);
                    rounding_[s] = fma(lipschitz, rounding_[s], rounding_of_step(f_, lipschitz, before, magnitude_of(f_, x)));
                } else {
                    apply_to(f_, p, x);
                }
            } else {
                apply_to(f_, p, x);
            }
            watch(s);
            if (shape_.path_mean)
                for (std::size_t d = 0; d < dim_; ++d) sum_[s * dim_ + d] += x[d];
        }
    }

    // watched_ becomes NaN when a component is infinite or NaN: 0 x is then NaN, and 0 or -0 otherwise.
    void watch(std::size_t s) {
        if (!keeps_non_finite(f_))
            for (std::size_t d = 0; d < dim_; ++d) watched_[s] = fma(R(0.0), x_[s * dim_ + d], watched_[s]);
    }

    auto all_finite(const R* x) const {
        auto good = finite(x[0]);
        for (std::size_t d = 1; d < dim_; ++d) good = good & finite(x[d]);
        return good;
    }

    // The step itself at which a lane first was not finite is looked for only where there is one: by taking the stretch again.
    void look_for_divergence(std::uint32_t from, std::uint32_t to, Noise<R>& noise, ParameterOf<M, R>& p) {
        for (std::size_t s = 0; s < starts_; ++s) {
            const auto good = all_finite(&x_[s * dim_]) & (watched_[s] == R(0.0));
            watched_[s] = R(0.0);
            if (all(good | (diverged_[s] != R(0.0)))) continue;
            R* y = &before_[s * dim_];
            for (std::uint32_t n = from + 1; n <= to; ++n) {
                noise.at(n);
                draw_into(f_, noise, p);
                apply_to(f_, p, y);
                diverged_[s] = select(all_finite(y) | (diverged_[s] != R(0.0)), diverged_[s], R(double(n)));
            }
        }
    }

    void record(std::size_t c, std::uint32_t n, const GainOf<R, M>& gain, BlockBuffers& shared, BlockBuffers::ByOrder* out,
                Slot slot) {
        if (shape_.lipschitz_product) slot.put(shared.lipschitz_product, c, gain.value());
        if (out && shape_.mean_square_gradient) gradients_.record(shape_, c, n, *out, slot);
        record_twin(c, n, shared, slot);
        if (!out) return;
        const std::size_t steps = shape_.steps.size();
        for (std::size_t s = 0; s < starts_; ++s) {
            const std::size_t at = s * steps + c;
            for (std::size_t d = 0; d < dim_; ++d) {
                slot.put(out->state, at * dim_ + d, x_[s * dim_ + d]);
                if (shape_.path_mean) slot.put(out->path_mean, at * dim_ + d, n ? sum_[s * dim_ + d] / R(double(n)) : x_[s * dim_ + d]);
            }
            if (shape_.rounding_radius) slot.put(out->rounding_radius, at, rounding_[s]);
        }
    }

    void look_ahead(std::size_t c, const ParameterOf<M, R>& p, const R* starts, BlockBuffers& shared,
                    BlockBuffers::ByOrder* out, Slot slot) {
        const std::size_t steps = shape_.steps.size();
        const auto moved_by_next = [&](const R* x) {
            for (std::size_t d = 0; d < dim_; ++d) y_[d] = x[d];
            apply_to(f_, p, y_.data());
            return distance_between(f_, y_.data(), x);
        };
        for (std::size_t s = 0; s < starts_; ++s) {
            if (shape_.next_displacement) slot.put(shared.next_displacement, s * steps + c, moved_by_next(&starts[s * dim_]));
            if (out && shape_.increment) slot.put(out->increment, s * steps + c, moved_by_next(&x_[s * dim_]));
        }
    }

    const M& f_;
    const Shape& shape_;
    std::size_t dim_, starts_;
    Workspace<R> x_, sum_, rounding_, diverged_;
    Workspace<R> watched_;  // by start: 0, or NaN after a step that gave no finite state
    Workspace<R> before_;   // (start, component): where the stretch began
    Workspace<R> y_, prefix_;
    MeanSquareGradient<R, M> gradients_;
    Workspace<R> twin_, twin_sum_;  // (start, component): the linear twin, if it is followed
};

}  // namespace foldback::inline FOLDBACK_ISA
