#pragma once
#include <cstddef>

#include "sim/lanes.hpp"

namespace foldback::inline FOLDBACK_ISA::composite {

/// An upper bound of the spectral norm of a matrix with `out` rows of `in` numbers, weight(k) number k, rows `stride`
/// apart; too large by at most the factor n^(1/4096), n the smaller side, and 2 (n + the larger side) eps for rounding.
/// `room`: 2 n^2 numbers.
///
/// G = W W^T (or W^T W): |W|^(2m) <= |G^m|_F <= sqrt(n) |W|^(2m), m = 2^10 by squaring, scaled to norm 1 on the way. No
/// power iteration: that gives lower bounds.
template <class R, class Weight>
R spectral_norm_bound(Weight weight, std::size_t out, std::size_t in, std::size_t stride, R* room) {
    const std::size_t n = out < in ? out : in, length = out < in ? in : out;
    const auto entry = [&](std::size_t i, std::size_t l) { return out < in ? R(weight(i * stride + l)) : R(weight(l * stride + i)); };
    R *power = room, *next = room + n * n;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            R sum(0.0);
            for (std::size_t l = 0; l < length; ++l) sum = fma(entry(i, l), entry(j, l), sum);
            power[i * n + j] = power[j * n + i] = sum;
        }
    const R zero(0.0);
    // |G^m|_F^(1/m) = f_0 f_1^(1/2) f_2^(1/4) ..., f_k the norms that are divided out.
    R bound(1.0);
    constexpr int squarings = 10;
    for (int k = 0; k <= squarings; ++k) {
        R square = zero;
        for (std::size_t i = 0; i < n * n; ++i) square = fma(power[i], power[i], square);
        const R norm = sqrt(square);
        R root = norm;
        for (int i = 0; i < k; ++i) root = sqrt(root);
        bound *= root;
        if (k == squarings) break;
        const R scale = select(norm > zero, R(1.0) / select(norm > zero, norm, R(1.0)), zero);
        for (std::size_t i = 0; i < n * n; ++i) power[i] *= scale;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                R sum(0.0);
                for (std::size_t l = 0; l < n; ++l) sum = fma(power[i * n + l], power[j * n + l], sum);
                next[i * n + j] = next[j * n + i] = sum;
            }
        R* spare = power;
        power = next;
        next = spare;
    }
    // A sum of l products is off by l eps / 2 of its terms' norms; what squaring k adds counts 2^-k of that, and half in the root.
    return sqrt(bound) * R(1 + double(2 * (n + length)) * 0x1p-52);
}

}  // namespace foldback::inline FOLDBACK_ISA::composite
