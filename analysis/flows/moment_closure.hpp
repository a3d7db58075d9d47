#pragma once
#include "analysis/flows/dense_output.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::flows {

/// grad(l + (h/4)|grad l|^2)(theta) = g + (h/2) H g: what SGD with step h descends, to second order in h [LTE17].
std::vector<double> modified_gradient(const SgdTruth& sgd, std::span<const double> theta);

struct MeanAndCovariance {
    std::vector<double> mean;        ///< (d)
    std::vector<double> covariance;  ///< (d, d)
};

/// A closed system for the mean m and the covariance P of SGD at t = n h, each within O(h^2), from a fixed start:
///   m' = -grad(l + (h/4)|grad l|^2)(m) - (1/2) T(m)[P],   P' = -(H(m) P + P H(m)) + h C(m),   P(0) = 0.
/// At the ascending `times`. Needs the third derivative unless every l_xi is quadratic. Source: theory.md, `ode-limit`.
std::vector<MeanAndCovariance> moment_closure(const SgdTruth& sgd, std::span<const double> start,
                                              std::span<const double> times, Tolerance tolerance = {});

}  // namespace foldback::flows
