#pragma once
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
          sum_(starts_ * dim_), rounding_(starts_), diverged_(starts_), y_(dim_),
          prefix_(shape.last() / 16 + 2), gradients_(f, shape), twin_(follows_twin() ? starts_ * dim_ : 0), twin_sum_(follows_twin() ? starts_ * dim_ : 0) {}

    /// `out` is null when the forward order is not wanted.
    void run(Noise<R>& noise, const R* starts, BlockBuffers& shared, BlockBuffers::ByOrder* out, Slot slot) {
        begin(starts);
        auto p = make_parameter<R>(f_);
        GainOf<R, M> gain;
        const bool ahead = shape_.next_displacement || (out && shape_.increment);
        std::size_t c = 0;  // the next checkpoint to write
        if (shape_.steps[0] == 0) record(c++, 0, gain, shared, out, slot);
        for (std::uint32_t n = 1; n <= shape_.last() + ahead; ++n) {
            if (out && shape_.mean_square_gradient && n <= shape_.last()) gradients_.add(f_, shape_, x_.data());
            noise.at(n);
            draw_into(f_, noise, p);
            if (ahead && c > 0 && shape_.steps[c - 1] == n - 1) look_ahead(c - 1, p, starts, shared, out, slot);
            if (n > shape_.last()) break;
            if (n % 16 == 0) prefix_[n / 16] = gain.value();
            gain.append(f_, p);
            if (out) advance(n, p);
            advance_twin(p);
            if (shape_.steps[c] == n) record(c++, n, gain, shared, out, slot);
        }
        if (out)
            for (std::size_t s = 0; s < starts_; ++s) slot.put(out->diverged_step, s, diverged_[s]);
    }

    /// prefix()[m]: the Lipschitz product of the maps 1 .. 16 m - 1.
    const R* prefix() const { return prefix_.data(); }

  private:
    void begin(const R* starts) {
        for (std::size_t i = 0; i < starts_ * dim_; ++i) {
            x_[i] = starts[i];
            sum_[i] = R(0.0);
        }
        for (std::size_t s = 0; s < starts_; ++s) rounding_[s] = diverged_[s] = R(0.0);
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

    void advance(std::uint32_t n, const ParameterOf<M, R>& p) {
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
            auto good = finite(x[0]);
            for (std::size_t d = 1; d < dim_; ++d) good = good & finite(x[d]);
            diverged_[s] = select(good | (diverged_[s] != R(0.0)), diverged_[s], R(double(n)));
            if (shape_.path_mean)
                for (std::size_t d = 0; d < dim_; ++d) sum_[s * dim_ + d] += x[d];
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
    Workspace<R> x_, sum_, rounding_, diverged_, y_, prefix_;
    MeanSquareGradient<R, M> gradients_;
    Workspace<R> twin_, twin_sum_;  // (start, component): the linear twin, if it is followed
};

}  // namespace foldback::inline FOLDBACK_ISA
