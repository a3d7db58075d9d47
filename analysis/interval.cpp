#include "analysis/interval.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/increasing.hpp"
#include "analysis/special.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Interval not_a_number{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

/// An estimate with its variance, its standardised third cumulant and its degrees of freedom.
struct SkewedEstimate {
    double value, variance, skewness, dof;
};

Interval one_side(Interval both, Side side) {
    if (side == Side::lower) both.upper = infinity;
    if (side == Side::upper) both.lower = -infinity;
    return both;
}

double tail_of(double alpha, Side side) { return side == Side::both ? 0.5 * alpha : alpha; }

/// Inverse of Hall's transformation T + g T^2/3 + g^2 T^3/27 + g/6.
double inverse_hall(double t, double g) {
    if (std::abs(g) < 1e-12) return t;
    const double u = g * (t - g / 6.0);
    const double cube_root_less_one = std::abs(u) < 0.5 ? std::expm1(std::log1p(u) / 3.0) : std::cbrt(1.0 + u) - 1.0;
    return 3.0 / g * cube_root_less_one;
}

Interval skewed_interval(const SkewedEstimate& e, double alpha, Side side) {
    const double t = special::student_upper(tail_of(alpha, side), e.dof);
    const double error = std::sqrt(e.variance);
    const double above = std::max(t, inverse_hall(t, e.skewness));
    const double below = std::min(-t, inverse_hall(-t, e.skewness));
    return one_side({e.value - error * above, e.value - error * below}, side);
}

/// The data are numbers: a NaN or an infinity among them shows in the mean.
bool usable(const SampleMoments& x) { return std::isfinite(x.mean); }

/// Too few data, or finite data whose powers overflow.
bool says_nothing(const SampleMoments& x) { return x.count < 3 || !std::isfinite(x.m2) || !std::isfinite(x.m3); }

/// The cases that need no estimate: no numbers, too few of them, no spread.
bool settled(const SampleMoments& x, Side side, Interval& answer) {
    if (x.count > 0 && !usable(x)) {
        answer = not_a_number;
    } else if (says_nothing(x)) {
        answer = {};
    } else if (x.constant() || x.m2 == 0.0) {
        answer = one_side({x.mean, x.mean}, side);
    } else {
        return false;
    }
    return true;
}

}  // namespace

Interval mean_interval(const SampleMoments& x, double alpha, Side side) {
    Interval answer;
    if (settled(x, side, answer)) return answer;
    const double n = double(x.count);
    return skewed_interval({x.mean, x.variance() / n, x.skewness() / std::sqrt(n), n - 1.0}, alpha, side);
}

Interval mean_interval(std::span<const double> x, double alpha, Side side) {
    return mean_interval(moments(x), alpha, side);
}

Interval difference_interval(const SampleMoments& x, const SampleMoments& y, double alpha, Side side) {
    if ((x.count > 0 && !usable(x)) || (y.count > 0 && !usable(y))) return not_a_number;
    if (says_nothing(x) || says_nothing(y)) return {};
    const double nx = double(x.count), ny = double(y.count);
    const double vx = x.variance() / nx, vy = y.variance() / ny, variance = vx + vy;
    if (variance == 0.0) return one_side({x.mean - y.mean, x.mean - y.mean}, side);
    const double third = x.m3 / (nx * nx) - y.m3 / (ny * ny);
    const double dof = variance * variance / (vx * vx / (nx - 1.0) + vy * vy / (ny - 1.0));
    return skewed_interval({x.mean - y.mean, variance, third / (variance * std::sqrt(variance)), dof}, alpha, side);
}

Interval variance_interval(const SampleMoments& x, double alpha, Side side) {
    if (x.count > 0 && !usable(x)) return not_a_number;
    if (x.count < 3 || !std::isfinite(x.m4)) return one_side({0.0, infinity}, side);
    if (x.m2 == 0.0) return one_side({0.0, 0.0}, side);
    const double n = double(x.count);
    const double shape = n / (x.kurtosis() - (n - 3.0) / (n - 1.0));  // nu / 2
    const double tail = tail_of(alpha, side), scaled = shape * x.variance();
    return one_side({scaled / special::gamma_upper(tail, shape), scaled / special::gamma_lower(tail, shape)}, side);
}

Interval covariance_interval(std::span<const double> x, std::span<const double> y, double alpha, Side side) {
    if (x.size() != y.size()) throw InternalError("covariance_interval: x and y must be paired, of equal sizes");
    if (x.size() < 3) return {};
    const SampleMoments mx = moments(x), my = moments(y);
    const double unbias = double(x.size()) / (double(x.size()) - 1.0);
    std::vector<double> products(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) products[i] = (x[i] - mx.mean) * (y[i] - my.mean) * unbias;
    return mean_interval(products, alpha, side);
}

Interval bounded_mean_interval(const SampleMoments& x, double low, double high, double alpha, Side side) {
    if (x.count > 0 && !usable(x)) return not_a_number;
    if (x.count > 0 && (x.min < low || x.max > high))
        throw InternalError("bounded_mean_interval: data outside the declared range");
    if (x.count < 2) return one_side({low, high}, side);
    const double n = double(x.count), log_level = std::log(2.0 / tail_of(alpha, side));
    const double radius =
        std::sqrt(2.0 * x.variance() * log_level / n) + 7.0 * (high - low) * log_level / (3.0 * (n - 1.0));
    return one_side({std::max(low, x.mean - radius), std::min(high, x.mean + radius)}, side);
}

Interval proportion_interval(std::uint64_t hits, std::uint64_t count, double alpha, Side side) {
    if (hits > count) throw InternalError("proportion_interval: more hits than trials");
    const double k = double(hits), n = double(count), tail = tail_of(alpha, side);
    Interval r{0.0, 1.0};
    if (hits > 0 && side != Side::upper) r.lower = special::beta_lower(tail, k, n - k + 1.0);
    if (hits < count && side != Side::lower) r.upper = special::beta_upper(tail, k + 1.0, n - k);
    return r;
}

Interval quantile_interval(std::span<const double> x, double p, double alpha, Side side) {
    if (std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); })) return not_a_number;
    const double n = double(x.size()), tail = tail_of(alpha, side);
    // The 1-based order statistic `low` misses (lies above the quantile) if at most low - 1 data are below or at it.
    std::size_t low = 0, above = x.size() + 1;
    while (above - low > 1) {
        const std::size_t middle = low + (above - low) / 2;
        (special::binomial_at_most(double(middle) - 1.0, n, p) <= tail ? low : above) = middle;
    }
    std::size_t below = 0, high = x.size() + 1;
    while (high - below > 1) {
        const std::size_t middle = below + (high - below) / 2;
        (special::binomial_at_least(double(middle), n, p) <= tail ? high : below) = middle;
    }
    const std::vector<double> sorted = increasing(x);
    return one_side({low >= 1 ? sorted[low - 1] : -infinity, high <= x.size() ? sorted[high - 1] : infinity}, side);
}

Interval ratio_interval(std::span<const double> x, std::span<const double> y, double alpha, Side side) {
    if (x.size() != y.size()) throw InternalError("ratio_interval: x and y must be paired, of equal sizes");
    if (x.size() < 3) return one_side({0.0, infinity}, side);
    const double mx = moments(x).mean, my = moments(y).mean;
    if (!(mx > 0.0) || !(my > 0.0)) return not_a_number;
    std::vector<double> influence(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) influence[i] = x[i] / mx - y[i] / my;
    const Interval log_error = mean_interval(influence, alpha, side);
    return one_side({mx / my * std::exp(log_error.lower), mx / my * std::exp(log_error.upper)}, side);
}

Interval ratio_interval(const SampleMoments& x, const SampleMoments& y, double alpha, Side side) {
    if (x.count < 3 || y.count < 3) return one_side({0.0, infinity}, side);
    if (!(x.mean > 0.0) || !(y.mean > 0.0)) return not_a_number;
    const Interval log_error =
        difference_interval(transformed(x, 1.0 / x.mean, -1.0), transformed(y, 1.0 / y.mean, -1.0), alpha, side);
    const double ratio = x.mean / y.mean;
    return one_side({ratio * std::exp(log_error.lower), ratio * std::exp(log_error.upper)}, side);
}

Interval root(Interval v, double p) {
    if (std::isnan(v.lower) || std::isnan(v.upper)) return not_a_number;
    return {std::pow(std::max(0.0, v.lower), 1.0 / p), std::pow(std::max(0.0, v.upper), 1.0 / p)};
}

}  // namespace foldback
