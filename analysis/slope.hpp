#pragma once
#include <vector>

#include "analysis/paired_ladder.hpp"

namespace foldback {

// The exponent p of |E y(x)| ~ A x^p, from values paired by replica: theory.md, section E. All limits are those of
// log_combination: the delta method over replicas, the dependence between the points of the ladder included. A mean
// that is not resolved (its limits reach half of it) makes every estimate that uses it infinitely wide.

/// log(|E y_{k+1}|/|E y_k|)/log(x_{k+1}/x_k) between neighbouring points, all of them within their limits with
/// probability 1 - alpha. Exact for a power law; else off by O(x).
std::vector<Estimate> local_slopes(const PairedLadder& ladder, double alpha);

/// The same freed of the first correction: where E y = A x^p (1 + b x + O(x^2)), two neighbouring local slopes are
/// p + b (x_{k+1} - x_k)/log(x_{k+1}/x_k) + O(x^2) each, and what they say together of x = 0 is p + O(x^2). One fewer
/// than local slopes, all within their limits with probability 1 - alpha.
std::vector<Estimate> extrapolated_slopes(const PairedLadder& ladder, double alpha);

/// What the fit assumes of |E y|.
enum class PowerLaw {
    pure,       ///< A x^p, at every point
    corrected,  ///< A x^p (1 + b x), up to a relative O(x^2); needs three points
};

/// The weights of log|E y_k| in fitted_exponent.
std::vector<double> exponent_weights(const PairedLadder& ladder, PowerLaw law);

/// The exponent by least squares over all points, log|E y_k| weighted by its own precision. The weights are estimated
/// and taken as fixed, which costs O(1/replicas).
Estimate fitted_exponent(const PairedLadder& ladder, PowerLaw law, double alpha);

}  // namespace foldback
