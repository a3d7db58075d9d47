#include "analysis/paired_ladder.hpp"

#include <algorithm>
#include <cmath>

#include "sim/error.hpp"

namespace foldback {
namespace {

constexpr double largest_radius = 0.5;

// sum_k weights_k y_k, one number a replica.
std::vector<double> combined(const PairedLadder& ladder, std::span<const double> weights) {
    if (weights.size() != ladder.size() || ladder.values.size() != ladder.size())
        throw InternalError("a paired ladder: one weight and one series for every point");
    std::vector<double> sum;
    for (std::size_t k = 0; k < weights.size(); ++k) {
        if (weights[k] == 0) continue;
        if (sum.empty()) sum.resize(ladder.values[k].size());
        if (ladder.values[k].size() != sum.size())
            throw InternalError("a paired ladder: equally many values at all points");
        for (std::size_t r = 0; r < sum.size(); ++r) sum[r] += weights[k] * ladder.values[k][r];
    }
    return sum;
}

// The largest relative error of a mean within its own limits.
double relative_radius(std::span<const double> values, double mean, double alpha) {
    const Interval limits = mean_interval(values, alpha);
    return std::max(limits.upper - mean, mean - limits.lower) / std::abs(mean);
}

}  // namespace

bool Estimate::resolved() const {
    return std::isfinite(value) && std::isfinite(limits.lower) && std::isfinite(limits.upper);
}

double PairedLadder::mean(std::size_t point) const { return moments(values[point]).mean; }

Estimate linear_combination(const PairedLadder& ladder, std::span<const double> weights, double alpha) {
    const auto sum = combined(ladder, weights);
    return {moments(sum).mean, mean_interval(sum, alpha)};
}

Estimate log_combination(const PairedLadder& ladder, std::span<const double> weights, double alpha) {
    std::vector<double> relative(weights.begin(), weights.end());
    double value = 0, total = 0, above = 0, below = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
        if (weights[k] == 0) continue;
        const double mean = ladder.mean(k);
        const double radius = relative_radius(ladder.values[k], mean, alpha);
        if (!(radius < largest_radius)) return {};
        value += weights[k] * std::log(std::abs(mean));
        total += weights[k];
        relative[k] /= mean;
        // e - radius^2/(2 (1 - radius)) <= log(1 + e) <= e for |e| <= radius.
        const double curvature = radius * radius / (2 * (1 - radius));
        (weights[k] > 0 ? below : above) += std::abs(weights[k]) * curvature;
    }
    const Interval limits = mean_interval(combined(ladder, relative), alpha);
    return {value, {value + (limits.lower - total) - below, value + (limits.upper - total) + above}};
}

}  // namespace foldback
