#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "analysis/interval.hpp"

namespace foldback {

/// An estimate and its limits; the limits are infinite where the data cannot tell.
struct Estimate {
    double value = std::numeric_limits<double>::quiet_NaN();
    Interval limits;
    bool resolved() const;
};

/// One quantity at the points of a ladder: x > 0, ascending, and one value a replica at each. The points share their
/// noise: value r of every point is replica r's. Replicas are independent, points are not.
struct PairedLadder {
    std::vector<double> x;
    std::vector<std::vector<double>> values;  ///< (point, replica)

    std::size_t size() const { return x.size(); }
    double mean(std::size_t point) const;
};

// Both combinations are means over replicas of one number a replica, so that the dependence between points is in their
// intervals, and mean_interval's assumptions are theirs: independent replicas, a finite third moment.

/// sum_k weights_k E y_k. Error probability `alpha`.
Estimate linear_combination(const PairedLadder& ladder, std::span<const double> weights, double alpha);

/// sum_k weights_k log|E y_k|, by the delta method: mean_interval of sum_k weights_k y_k/mean y_k, widened by what
/// log(1 + e) and e can differ by while every mean is within its own limits. Infinite limits when those of a mean with
/// a weight reach half of it: then the data do not tell its logarithm. Error probability `alpha`, asymptotically.
Estimate log_combination(const PairedLadder& ladder, std::span<const double> weights, double alpha);

}  // namespace foldback
