#include "analysis/hill.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "analysis/special.hpp"

namespace foldback {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The `count` largest |x|, decreasing; empty if x holds a NaN or an infinity.
std::vector<double> largest(std::span<const double> x, std::size_t count) {
    std::vector<double> r(x.begin(), x.end());
    for (double& value : r) {
        if (!std::isfinite(value)) return {};
        value = std::abs(value);
    }
    count = std::min(count, r.size());
    std::partial_sort(r.begin(), r.begin() + std::ptrdiff_t(count), r.end(), std::greater<>());
    r.resize(count);
    return r;
}

HillEstimate hill_of_top(std::span<const double> top, std::size_t k, double alpha) {
    HillEstimate r{k, nan, {nan, nan}};
    if (k == 0 || k >= top.size() || !(top[k] > 0.0)) return r;
    const double threshold = std::log(top[k]);
    double sum = 0.0;
    for (std::size_t i = 0; i < k; ++i) sum += std::log(top[i]) - threshold;
    if (!(sum > 0.0)) return r;
    r.index = double(k) / sum;
    r.limits = hill_limits(r.index, k, alpha);
    return r;
}

}  // namespace

Interval hill_limits(double index, std::size_t k, double alpha) {
    if (std::isnan(index)) return {nan, nan};
    const double scale = index / double(k);
    return {scale * special::gamma_lower(0.5 * alpha, double(k)), scale * special::gamma_upper(0.5 * alpha, double(k))};
}

HillEstimate hill(std::span<const double> x, std::size_t k, double alpha) {
    return hill_of_top(largest(x, std::min(k, x.size()) + 1), k, alpha);
}

HillHull hill_hull(std::span<const double> x, double alpha) {
    const double middle = std::cbrt(double(x.size()) * double(x.size()));
    const std::array<double, 3> ks{0.5 * middle, middle, 2.0 * middle};
    const std::vector<double> top = largest(x, std::size_t(std::lround(ks[2])) + 1);
    HillHull r;
    for (std::size_t i = 0; i < 3; ++i) r.at[i] = hill_of_top(top, std::size_t(std::lround(ks[i])), alpha / 3.0);
    r.estimates = {r.at[0].index, r.at[0].index};
    r.limits = r.at[0].limits;
    for (const HillEstimate& e : r.at) {
        if (std::isnan(e.index)) {
            r.estimates = r.limits = {nan, nan};
            break;
        }
        r.estimates = {std::min(r.estimates.lower, e.index), std::max(r.estimates.upper, e.index)};
        r.limits = {std::min(r.limits.lower, e.limits.lower), std::max(r.limits.upper, e.limits.upper)};
    }
    return r;
}

}  // namespace foldback
