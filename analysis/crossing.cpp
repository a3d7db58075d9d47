#include "analysis/crossing.hpp"

#include <algorithm>
#include <cmath>

namespace foldback {
namespace {

// Between the points k and k + 1, where the series changes its sign.
double zero_between(std::size_t k, double here, double next) { return double(k) + here / (here - next); }

std::size_t points_before_nan(std::span<const double> series, std::span<const Interval> limits) {
    std::size_t count = 0;
    while (count < series.size() && !std::isnan(series[count]) && !std::isnan(limits[count].lower) &&
           !std::isnan(limits[count].upper))
        ++count;
    return count;
}

// The first position with an upper limit of 0 or more: before it the series is surely below 0.
double first_possible(std::span<const Interval> limits) {
    for (std::size_t k = 0; k < limits.size(); ++k) {
        if (limits[k].upper < 0) continue;
        if (k == 0) return -Interval{}.upper;
        return std::isfinite(limits[k].upper) ? zero_between(k - 1, limits[k - 1].upper, limits[k].upper)
                                              : double(k - 1);
    }
    return double(limits.size() - 1);
}

// The last position with a lower limit of 0 or less: beyond it the series is surely above 0.
double last_possible(std::span<const Interval> limits) {
    for (std::size_t k = limits.size(); k-- > 0;) {
        if (limits[k].lower > 0) continue;
        if (k + 1 == limits.size()) return Interval{}.upper;
        return std::isfinite(limits[k].lower) ? zero_between(k, limits[k].lower, limits[k + 1].lower) : double(k + 1);
    }
    return 0;
}

double lagrange(std::span<const double> y, double x) {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        double term = y[i];
        for (std::size_t j = 0; j < y.size(); ++j)
            if (j != i) term *= (x - double(j)) / (double(i) - double(j));
        sum += term;
    }
    return sum;
}

}  // namespace

std::optional<Crossing> measured_crossing(std::span<const double> series, std::span<const Interval> limits) {
    const std::size_t count = points_before_nan(series, limits);
    if (count < 2) return std::nullopt;
    series = series.first(count);
    limits = limits.first(count);
    Crossing found;
    found.limits = {first_possible(limits), last_possible(limits)};
    std::size_t after = count;  // the point after the last negative one
    while (after > 0 && series[after - 1] >= 0) --after;
    found.at = after == 0       ? 0
               : after == count ? double(count - 1)
                                : zero_between(after - 1, series[after - 1], series[after]);
    // A series that is not monotone may have limits of no crossing at all: the widest that its crossings allow then.
    if (found.limits.lower > found.limits.upper) std::swap(found.limits.lower, found.limits.upper);
    found.at = std::clamp(found.at, found.limits.lower, found.limits.upper);
    return found;
}

std::optional<double> exact_crossing(std::span<const double> series) {
    for (std::size_t k = 0; k + 1 < series.size(); ++k) {
        if (!(series[k] < 0 && series[k + 1] >= 0)) continue;
        const std::size_t first = k > 0 ? k - 1 : 0, last = std::min(series.size(), k + 3);
        const auto around = series.subspan(first, last - first);
        if (!std::all_of(around.begin(), around.end(), [](double y) { return std::isfinite(y); }))
            return zero_between(k, series[k], series[k + 1]);
        double below = double(k - first), above = below + 1;
        for (int i = 0; i < 60; ++i) {
            const double middle = (below + above) / 2;
            (lagrange(around, middle) < 0 ? below : above) = middle;
        }
        return double(first) + above;
    }
    return std::nullopt;
}

}  // namespace foldback
