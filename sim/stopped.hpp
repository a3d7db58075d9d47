#pragma once
#include <cstdint>

#include "sim/ascent.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// Exact sampling: each replica stops at T, the first n whose Lipschitz product is <= product (max_steps at the latest).
/// One pass upwards finds T and F_T; one sweep from T down gives B_T (theory.md, `exact-sampling`).
template <class R, class M>
class Stopped {
  public:
    Stopped(const M& f, const Shape& shape)
        : f_(f), shape_(shape), dim_(std::size_t(shape.dimension)), starts_(shape.start_count()), x_(starts_ * dim_), y_(dim_) {}

    void run(Noise<R>& noise, const R* starts, BlockBuffers& out, Slot slot) {
        const R time = stop(noise);
        slot.put(out.stop_step, 0, time);
        slot.put(out.stop_product, 0, product_);
        for (std::size_t i = 0; i < shape_.orders.size(); ++i) {
            if (shape_.orders[i] == Order::backward) sweep(noise, starts, time);
            else ascend(noise, starts, time);
            for (std::size_t k = 0; k < starts_ * dim_; ++k) slot.put(out.orders[i].stopped_state, k, x_[k]);
        }
    }

  private:
    R stop(Noise<R>& noise) {
        auto p = make_parameter<R>(f_);
        GainOf<R, M> gain;
        R time(0.0);
        product_ = R(1.0);
        const R threshold(shape_.stop->product);
        for (latest_ = 1; latest_ <= shape_.stop->max_steps; ++latest_) {
            noise.at(latest_);
            draw_into(f_, noise, p);
            gain.append(f_, p);
            const auto running = time == R(0.0);
            product_ = select(running, gain.value(), product_);
            time = select(running & (product_ <= threshold), R(double(latest_)), time);
            if (all(time != R(0.0))) break;
        }
        if (latest_ > shape_.stop->max_steps) --latest_;
        return select(time == R(0.0), R(double(shape_.stop->max_steps)), time);
    }

    void ascend(Noise<R>& noise, const R* starts, R time) {
        reset(starts);
        auto p = make_parameter<R>(f_);
        for (std::uint32_t n = 1; n <= latest_; ++n) step(noise, n, p, time);
    }

    void sweep(Noise<R>& noise, const R* starts, R time) {
        reset(starts);
        auto p = make_parameter<R>(f_);
        for (std::uint32_t n = latest_; n > 0; --n) step(noise, n, p, time);
    }

    // Lanes whose time is before n keep what they have: their start going down, their result going up.
    void step(Noise<R>& noise, std::uint32_t n, ParameterOf<M, R>& p, R time) {
        noise.at(n);
        draw_into(f_, noise, p);
        const auto moves = R(double(n)) <= time;
        for (std::size_t s = 0; s < starts_; ++s) {
            R* x = &x_[s * dim_];
            for (std::size_t d = 0; d < dim_; ++d) y_[d] = x[d];
            apply_to(f_, p, y_.data());
            for (std::size_t d = 0; d < dim_; ++d) x[d] = select(moves, y_[d], x[d]);
        }
    }

    void reset(const R* starts) {
        for (std::size_t k = 0; k < starts_ * dim_; ++k) x_[k] = starts[k];
    }

    const M& f_;
    const Shape& shape_;
    std::size_t dim_, starts_;
    std::uint32_t latest_ = 0;
    R product_;
    Workspace<R> x_, y_;
};

}  // namespace foldback::inline FOLDBACK_ISA
