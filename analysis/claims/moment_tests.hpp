#pragma once
#include <span>
#include <string>
#include <vector>

#include "analysis/claim.hpp"
#include "analysis/interval.hpp"

// How claims estimate means and variances whose exact value they know.
namespace foldback::claims {

/// Whether E|X_n|^p is known to stay bounded in n, so that intervals for moments of order p/2 mean something: rho_p < 1
/// with D_p not known to be infinite, or a tail index above p, or a stationary moment of that order that the model
/// knows.
bool moments_bounded(const Setup& setup, std::size_t start, double p);
/// "E|X|^4 is not known to be finite, which the interval needs: (rho_4 = 1.2)": for notes.
std::string unbounded_note(const Setup& setup, double p);

/// Hall's t for the mean, never narrower than mean -+ z sqrt(variance/n) with the exact variance: a sample in which a
/// rare event is missing shows too little of it.
Interval mean_limits(const SampleMoments& x, double variance, double level);

/// The variance of independent draws against its exact value.
void judge_variance(Cell& cell, const SampleMoments& x, double value, double level, ClaimResult& result);
/// The same for a covariance; `scale` is the product of the two standard deviations.
void judge_covariance(Cell& cell, std::span<const double> x, std::span<const double> y, double value, double scale,
                      double level, ClaimResult& result);

/// Whether a variance is more than what rounding leaves of a constant of this size.
bool above_rounding(double variance, double size);

}  // namespace foldback::claims
