#pragma once
#include <vector>

#include "analysis/evidence.hpp"

namespace foldback::claims {

/// A bound for sup |law X_n(x) - pi| in distribution function at the last checkpoint, in one component: X_n and a draw
/// Z of pi can be had within r of each other but for a probability q(r), so it is at most min over r of w(r) + q(r),
/// w(r) = largest mass that F gives an interval of length r; q(r) = 0 for r >= the sure tail, else (tail_p/r)^p, p =
/// 1, 2. Lengths are in the model's metric. w is evaluated at points of the sample: 256 quantiles and the 64 outermost
/// on either side, doubling the interval to both sides of the point. Infinite where no tail is known.
double distance_to_limit(const Setup& setup, std::size_t start, const MarginalLaw& law, const std::vector<double>& sample);

}  // namespace foldback::claims
