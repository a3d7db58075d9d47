#pragma once
#include <span>
#include <vector>

#include "analysis/paired_ladder.hpp"

namespace foldback {

// The mean of one number a replica (a mean along its path, say) with less variance: beside it, on the same noise, a
// control whose expectation is known exactly. y - beta (c - E c) has the expectation of y for every beta.

/// The values to go on with in place of y: their mean estimates E y, and they are independent (fitted: nearly so), one
/// a replica, for mean_interval, slopes and extrapolation alike.
struct Controlled {
    std::vector<double> values;
    double coefficient = 1;     ///< beta; fitted: the mean of the two
    double variance_ratio = 1;  ///< variance of the values over that of y: what the control has saved

    Estimate mean(double alpha) const;
};

/// A coefficient that is known: 1 where the control follows the quantity, as a chain linearised at th* follows the
/// chain.
Controlled with_control(std::span<const double> y, std::span<const double> control, double control_mean,
                        double coefficient = 1);

/// The coefficient by regression, each half of the replicas using the other half's, so that no value has a part in its
/// own coefficient and the mean stays unbiased. Never worse than no control but for O(1/replicas) of the variance.
/// Needs 8 replicas; below, or where the control does not vary, the coefficient is 0.
Controlled with_fitted_control(std::span<const double> y, std::span<const double> control, double control_mean);

}  // namespace foldback
