#include "analysis/wasserstein.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "analysis/batches.hpp"
#include "analysis/increasing.hpp"
#include "analysis/kolmogorov.hpp"
#include "analysis/sorted_sample.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

bool unusable(std::span<const double> x) {
    return x.empty() || std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

double power(double distance, double p) {
    if (p == 1.0) return distance;
    if (p == 2.0) return distance * distance;
    return std::pow(distance, p);
}

double root_of(double x, double p) {
    if (p == 1.0) return x;
    return p == 2.0 ? std::sqrt(x) : std::pow(x, 1.0 / p);
}

}  // namespace

double wasserstein_sorted(std::span<const double> x, std::span<const double> y, double p) {
    if (x.empty() || y.empty()) return nan;
    double sum = 0.0;
    if (x.size() == y.size()) {
        for (std::size_t i = 0; i < x.size(); ++i) sum += power(std::abs(x[i] - y[i]), p);
        return root_of(sum / double(x.size()), p);
    }
    // Probability in units of 1/(m n): x_i owns [i n, (i + 1) n), y_j owns [j m, (j + 1) m).
    const std::uint64_t m = x.size(), n = y.size();
    for (std::uint64_t i = 0, j = 0, from = 0; i < m && j < n;) {
        const std::uint64_t end_x = (i + 1) * n, end_y = (j + 1) * m, to = std::min(end_x, end_y);
        sum += double(to - from) * power(std::abs(x[i] - y[j]), p);
        if (end_x == to) ++i;
        if (end_y == to) ++j;
        from = to;
    }
    return root_of(sum / (double(m) * double(n)), p);
}

double wasserstein(std::span<const double> x, std::span<const double> y, double p) {
    if (unusable(x) || unusable(y)) return nan;
    return wasserstein_sorted(increasing(x), increasing(y), p);
}

double wasserstein_to_point(std::span<const double> x, double c, double p) {
    if (unusable(x)) return nan;
    double sum = 0.0;
    for (const double value : x) sum += power(std::abs(value - c), p);
    return root_of(sum / double(x.size()), p);
}

Interval wasserstein_to_point_interval(std::span<const double> x, double c, double p, double alpha) {
    std::vector<double> cost(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) cost[i] = power(std::abs(x[i] - c), p);
    return root(mean_interval(cost, alpha), p);
}

double noise_floor(std::span<const double> reference, double p) {
    const std::size_t half = reference.size() / 2;
    return wasserstein(reference.first(half), reference.subspan(half), p);
}

namespace {

/// The quantile functions allowed by a DKW band: u -> [F_n^-1(u - r), F_n^-1(u + r)].
struct QuantileBand {
    const std::vector<double>& data;  // increasing
    double radius, low, high;

    double at(double u) const {
        if (u <= 0.0) return low;
        const double rank = u * double(data.size());
        return u >= 1.0 ? high : data[std::min(std::size_t(rank), data.size() - 1)];
    }
    double lower(double u) const { return u - radius <= 0.0 ? low : at(u - radius); }
    double upper(double u) const { return u + radius >= 1.0 ? high : at(u + radius); }

    // Where the band's quantile functions jump, but for 0 and 1: two increasing runs.
    void append_steps(std::vector<double>& u) const {
        const double n = double(data.size());
        for (const double shift : {-radius, radius}) {
            const auto before = std::ptrdiff_t(u.size());
            for (std::size_t i = 0; i <= data.size(); ++i)
                if (const double step = double(i) / n + shift; step > 0.0 && step < 1.0) u.push_back(step);
            std::inplace_merge(u.begin(), u.begin() + before, u.end());
        }
    }
};

QuantileBand quantile_band(const std::vector<double>& sorted, double alpha, double low, double high) {
    QuantileBand band{sorted, dkw_radius(sorted.size(), alpha), low, high};
    if (sorted.front() < low || sorted.back() > high) throw InternalError("wasserstein_band: data outside the declared support");
    return band;
}

Interval band_between(const QuantileBand& f, const QuantileBand& g, double p) {
    std::vector<double> steps{0.0};
    f.append_steps(steps);
    g.append_steps(steps);
    steps.push_back(1.0);
    double least = 0.0, most = 0.0;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        const double width = steps[i + 1] - steps[i], u = steps[i] + 0.5 * width;
        if (width <= 0.0) continue;
        const double f_low = f.lower(u), f_high = f.upper(u), g_low = g.lower(u), g_high = g.upper(u);
        least += width * power(std::max({0.0, f_low - g_high, g_low - f_high}), p);
        most += width * power(std::max({0.0, f_high - g_low, g_high - f_low}), p);
    }
    return {root_of(least, p), root_of(most, p)};
}

}  // namespace

Interval wasserstein_band(std::span<const double> x, std::span<const double> y, double p, double alpha, double low,
                          double high) {
    if (unusable(x) || unusable(y)) return {nan, nan};
    const std::vector<double> sorted_x = increasing(x), sorted_y = increasing(y);
    return band_between(quantile_band(sorted_x, 0.5 * alpha, low, high), quantile_band(sorted_y, 0.5 * alpha, low, high), p);
}

namespace {

/// A 1-Lipschitz function with phi' = sign(G_n - F_m) between the pooled data, constant outside: the dual optimum for
/// W_1 of the two samples it is fitted to.
class DualPotential {
  public:
    DualPotential(const std::vector<double>& x, const std::vector<double>& y) {
        const double m = double(x.size()), n = double(y.size());
        double height = 0.0;
        for (std::size_t i = 0, j = 0; i < x.size() || j < y.size();) {
            const double knot = j == y.size() || (i < x.size() && x[i] <= y[j]) ? x[i] : y[j];
            if (!knots_.empty()) height += slopes_.back() * (knot - knots_.back());
            while (i < x.size() && x[i] == knot) ++i;
            while (j < y.size() && y[j] == knot) ++j;
            const double lead = double(j) / n - double(i) / m;
            knots_.push_back(knot);
            heights_.push_back(height);
            slopes_.push_back(lead > 0.0 ? 1.0 : lead < 0.0 ? -1.0 : 0.0);
        }
        slopes_.back() = 0.0;
    }

    double operator()(double value) const {
        const auto after = std::upper_bound(knots_.begin(), knots_.end(), value);
        if (after == knots_.begin()) return 0.0;
        const std::size_t k = std::size_t(after - knots_.begin()) - 1;
        return heights_[k] + slopes_[k] * (value - knots_[k]);
    }

  private:
    std::vector<double> knots_, heights_, slopes_;
};

std::vector<double> every_second(std::span<const double> x, std::size_t first) {
    std::vector<double> r;
    for (std::size_t i = first; i < x.size(); i += 2) r.push_back(x[i]);
    return r;
}

}  // namespace

double wasserstein_dual_lower(std::span<const double> x, std::span<const double> y, double alpha) {
    if (unusable(x) || unusable(y)) return nan;
    const double level = alpha / 3.0;
    const SampleMoments mx = moments(x), my = moments(y);
    double lower = std::max({0.0, difference_interval(mx, my, level, Side::lower).lower,
                             difference_interval(my, mx, level, Side::lower).lower});
    if (x.size() < 6 || y.size() < 6) return lower;
    const DualPotential phi(increasing(every_second(x, 0)), increasing(every_second(y, 0)));
    std::vector<double> judged_x = every_second(x, 1), judged_y = every_second(y, 1);
    for (double& value : judged_x) value = phi(value);
    for (double& value : judged_y) value = phi(value);
    const double dual = difference_interval(moments(judged_x), moments(judged_y), level, Side::lower).lower;
    return std::max(lower, dual);
}

DistanceEstimate wasserstein_estimate(std::span<const double> x, std::span<const double> y, double p, double alpha) {
    if (unusable(x) || unusable(y)) return {nan, {nan, nan}, nan};
    const SortedSample a(x), b(y);
    DistanceEstimate r{wasserstein_sorted(a.whole, b.whole, p), {}, std::max(a.noise_floor(p), b.noise_floor(p))};
    const auto band = [&](const SortedSample& s) { return quantile_band(s.whole, 0.125 * alpha, -infinity, infinity); };
    r.limits.lower = std::max(band_between(band(a), band(b), p).lower, wasserstein_dual_lower(x, y, 0.25 * alpha));
    r.limits.upper = std::max(r.value + batch_radius_between(a, b, p, 0.5 * alpha), r.limits.lower);
    return r;
}

}  // namespace foldback
