#pragma once
#include <cstdint>

#include "sim/ascent.hpp"
#include "sim/block.hpp"
#include "sim/order.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// How much the order of n gradient steps of size h matters, at every checkpoint n (theory.md, order-commutator,
/// order-palindrome, symmetrised-order). With g_i, H_i gradient and Hessian of map i at the common start,
///
///     F_n - B_n = h^2 C + O(h^3),    C = sum_{i<j} (H_j g_i - H_i g_j) = sum_j H_j (G_{j-1} + G_j - G_n),
///
/// G_j = g_1 + ... + g_j: n Hessian-vector products. The palindrome of 1..n, and (F_n + B_n)/2, are compared with those
/// of a seeded permutation of 1..n. Everything by direct recomposition: O(n) draws for each checkpoint.
template <class R, class M>
requires HasGradient<M, R>
class OrderSensitivity {
  public:
    OrderSensitivity(const M& f, const Shape& shape)
        : f_(f),
          shape_(shape),
          dim_(std::size_t(shape.dimension)),
          p_(make_parameter<R>(f)),
          maps_(shape.last()),
          forward_(dim_),
          backward_(dim_),
          other_(dim_),
          mean_(dim_),
          leading_(dim_),
          total_(dim_),
          sum_(dim_),
          g_(dim_),
          v_(dim_) {}

    void run(Noise<R>& noise, const R* starts, BlockBuffers& out, Slot slot) {
        const std::size_t steps = shape_.steps.size();
        for (std::size_t c = 0; c < steps; ++c)
            for (std::size_t s = 0; s < shape_.start_count(); ++s)
                at_checkpoint(noise, shape_.steps[c], starts + s * dim_, out, s * steps + c, slot);
    }

  private:
    void at_checkpoint(Noise<R>& noise, std::uint32_t n, const R* start, BlockBuffers& out, std::size_t item,
                       Slot slot) {
        identity(n);
        compose(noise, n, start, forward_.data(), false);
        compose(noise, n, start, backward_.data(), true);
        leading_term(noise, n, start);
        auto& results = out.order_sensitivity;
        slot.put(results.difference, item, distance(forward_.data(), backward_.data()));
        slot.put(results.leading, item, norm(leading_.data()));
        for (std::size_t d = 0; d < dim_; ++d) v_[d] = forward_[d] - backward_[d] - leading_[d];
        slot.put(results.remainder, item, norm(v_.data()));
        for (std::size_t d = 0; d < dim_; ++d) mean_[d] = R(0.5) * (forward_[d] + backward_[d]);
        // Palindromes: forward_ and backward_ are free now.
        palindrome(noise, n, start, forward_.data());
        permute(n);
        palindrome(noise, n, start, backward_.data());
        slot.put(results.palindrome, item, distance(forward_.data(), backward_.data()));
        compose(noise, n, start, forward_.data(), false);
        compose(noise, n, start, backward_.data(), true);
        for (std::size_t d = 0; d < dim_; ++d) other_[d] = R(0.5) * (forward_[d] + backward_[d]);
        slot.put(results.symmetrised, item, distance(mean_.data(), other_.data()));
    }

    void identity(std::uint32_t n) {
        for (std::uint32_t i = 0; i < n; ++i) maps_[i] = i + 1;
    }

    // One permutation of 1..n for all replicas: the words of an order depend on the seed alone.
    void permute(std::uint32_t n) { seeded_permutation(shape_.seed, n, maps_.data()); }

    void compose(Noise<R>& noise, std::uint32_t n, const R* start, R* x, bool newest_first) {
        for (std::size_t d = 0; d < dim_; ++d) x[d] = start[d];
        apply(noise, n, x, newest_first);
    }
    void palindrome(Noise<R>& noise, std::uint32_t n, const R* start, R* x) {
        compose(noise, n, start, x, false);
        apply(noise, n, x, true);
    }
    void apply(Noise<R>& noise, std::uint32_t n, R* x, bool newest_first) {
        for (std::uint32_t i = 0; i < n; ++i) {
            draw(noise, maps_[newest_first ? n - 1 - i : i]);
            apply_to(f_, p_, x);
        }
    }

    void draw(Noise<R>& noise, std::uint32_t map) {
        noise.at(map);
        draw_into(f_, noise, p_);
    }

    void leading_term(Noise<R>& noise, std::uint32_t n, const R* start) {
        for (std::size_t d = 0; d < dim_; ++d) total_[d] = sum_[d] = leading_[d] = R(0.0);
        for (std::uint32_t j = 1; j <= n; ++j) {
            draw(noise, j);
            f_.gradient(p_, start, g_.data());
            for (std::size_t d = 0; d < dim_; ++d) total_[d] += g_[d];
        }
        for (std::uint32_t j = 1; j <= n; ++j) {
            draw(noise, j);
            f_.gradient(p_, start, g_.data());
            for (std::size_t d = 0; d < dim_; ++d) {
                v_[d] = sum_[d] - total_[d];
                sum_[d] += g_[d];
                v_[d] += sum_[d];
            }
            f_.hessian_product(p_, start, v_.data(), g_.data());
            for (std::size_t d = 0; d < dim_; ++d) leading_[d] += g_[d];
        }
        const R h2(f_.step_size() * f_.step_size());
        for (std::size_t d = 0; d < dim_; ++d) leading_[d] *= h2;
    }

    R distance(const R* x, const R* y) const {
        R sum(0.0);
        for (std::size_t d = 0; d < dim_; ++d) sum = fma(x[d] - y[d], x[d] - y[d], sum);
        return sqrt(sum);
    }
    R norm(const R* x) const {
        R sum(0.0);
        for (std::size_t d = 0; d < dim_; ++d) sum = fma(x[d], x[d], sum);
        return sqrt(sum);
    }

    const M& f_;
    const Shape& shape_;
    std::size_t dim_;
    ParameterOf<M, R> p_;
    Workspace<std::uint32_t> maps_;  // in the order in which they are applied, newest last
    Workspace<R> forward_, backward_, other_, mean_, leading_, total_, sum_, g_, v_;
};

}  // namespace foldback::inline FOLDBACK_ISA
