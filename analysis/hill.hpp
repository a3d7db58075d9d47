#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "analysis/interval.hpp"

namespace foldback {

struct HillEstimate {
    std::size_t k = 0;   ///< how many upper order statistics were used
    double index = 0.0;  ///< tail index alpha in P(|Z| > t) ~ C t^-alpha
    Interval limits;     ///< sampling error only (exact for a Pareto tail); the bias in k is not in it
};

/// The limits that belong to an estimate made of k order statistics.
Interval hill_limits(double index, std::size_t k, double alpha);

/// Hill's estimator on |x| (Hill, Ann. Statist. 3, 1975): k/sum_{i<=k} log(X_(i)/X_(k+1)), X_(1) >= X_(2) >= ...
/// Limits from k index/estimate ~ Gamma(k), exact above a Pareto threshold. NaN (index and limits) where it is not
/// defined: k = 0, k >= size, X_(k+1) = 0, no spread among the top k + 1, NaN or infinite data.
HillEstimate hill(std::span<const double> x, std::size_t k, double alpha);

/// Hill at k = R^(2/3)/2, R^(2/3), 2 R^(2/3) of R i.i.d. draws (theory.md, tail-index).
struct HillHull {
    std::array<HillEstimate, 3> at;
    Interval estimates;  ///< hull of the three estimates: what the choice of k does
    Interval limits;     ///< hull of the three intervals, alpha/3 each: choice of k and sampling error
};
HillHull hill_hull(std::span<const double> x, double alpha);

}  // namespace foldback
