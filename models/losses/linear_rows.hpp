#pragma once
#include "models/losses/rows.hpp"

// What losses of the form phi(x . theta, y) share. Sums run over features, and over rows, in their order.
namespace foldback::inline FOLDBACK_ISA {

/// z_s = x_s . theta of the rows s from `first` on, B of them.
template <std::size_t B, class Rows, class X>
[[gnu::always_inline]] inline void predict_some(const Rows& rows, std::size_t first, std::size_t columns, const X* theta, X* z) {
    X sum[B];
    unrolled<B>([&](std::size_t s) { sum[s] = X(0.0); });
    for (std::size_t i = 0; i < columns; ++i) {
        const X t = theta[i];
        unrolled<B>([&](std::size_t s) { sum[s] = fma(X(rows.x(first + s, i)), t, sum[s]); });
    }
    unrolled<B>([&](std::size_t s) { z[first + s] = sum[s]; });
}

/// z_s = x_s . theta. A batch of one row, SGD's commonest, is spared the loops over rows here and below: they cost as much as it does.
template <class Rows, class X>
void predict(const Rows& rows, std::size_t columns, const X* theta, X* z) {
    if (rows.count() == 1) return predict_some<1>(rows, 0, columns, theta, z);
    in_blocks(rows.count(), [&](auto block, std::size_t first) { predict_some<block.value>(rows, first, columns, theta, z); });
}

/// sink(i, g_i + sum_s r_s x_si), where g_i = regulariser(theta_i), for each i. By reference: gcc 12 breaks
/// down over a vector in an argument by value where it does not inline.
template <class Rows, class X, class Regulariser, class Sink>
void each_linear_gradient(const Rows& rows, std::size_t columns, const X* theta, const X* r,
                          const Regulariser& regulariser, const Sink& sink) {
    if (rows.count() == 1) {
        const X only = r[0];
        for (std::size_t i = 0; i < columns; ++i) sink(i, fma(only, X(rows.x(0, i)), regulariser(theta[i])));
        return;
    }
    for (std::size_t i = 0; i < columns; ++i) {
        X g = regulariser(theta[i]);
        for (std::size_t s = 0; s < rows.count(); ++s) g = fma(r[s], X(rows.x(s, i)), g);
        sink(i, g);
    }
}

}  // namespace foldback::inline FOLDBACK_ISA
