#pragma once
#include <functional>
#include <span>
#include <vector>

#include "sim/truth.hpp"

namespace foldback {

struct SgdPlan;

/// A loss whose l_i are quadratics, theta^T G_i theta / 2 - c_i^T theta + a constant: the first two moments of (G, c)
/// over single samples, row-major, d = dimension.
struct QuadraticMoments {
    std::vector<double> mean_G;   ///< H = E G (d, d)
    std::vector<double> mean_c;   ///< E c (d)
    std::vector<double> mean_cc;  ///< E c c^T (d, d)
    /// S (d, d) symmetric -> E[G S G] (d, d).
    std::function<std::vector<double>(std::span<const double>)> conjugate;
    /// m (d) -> E[G m c^T] (d, d).
    std::function<std::vector<double>(std::span<const double>)> cross;
};

/// SGD on it, samples drawn independently: with B = mean of G and a = mean of c over a batch of b,
///     E[B S B] = E[G S G] / b + (1 - 1/b) H S H, and so on;
///     theta -> (I - h B) theta + h a;  with momentum, v' = beta v - h (B theta - a), theta' = theta + v'.
AffineLaw affine_law(const QuadraticMoments& moments, const SgdPlan& plan);

}  // namespace foldback
