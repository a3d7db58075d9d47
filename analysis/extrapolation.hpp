#pragma once
#include <vector>

#include "analysis/paired_ladder.hpp"

namespace foldback {

/// sum_k weights_k y(x_k) is the value at x = 0 of the polynomial through the points; the weights sum to 1. For h and 2
/// h they are 2 and -1: Richardson and Romberg's.
std::vector<double> extrapolation_weights(const std::vector<double>& x);

/// The limit of E y(x) at x -> 0.
struct Extrapolation {
    Estimate limit;
    double remainder;  ///< how far the estimate's expectation may be from the limit, see extrapolated_to_zero
};

/// Where E y = y_0 + b x + c x^2 + O(x^3): the parabola through the three smallest points, off by O(x^3), with the
/// distance to the straight line through the smallest two for its remainder. That distance is the line's own error up
/// to O(x^3), so it bounds the parabola's wherever x is small enough for the expansion's terms to decrease: the
/// assumption that a verdict built on it rests on. Needs three points.
Extrapolation extrapolated_to_zero(const PairedLadder& ladder, double alpha);

}  // namespace foldback
