#include "models/laws/normal_moments.hpp"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

namespace foldback {

namespace {

/// E g(J) for J ~ Poisson(z), z <= 1e4, to 1e-15 for g of polynomial growth.
template <class F>
double poisson_expectation(double z, F g) {
    if (z == 0) return g(0.0);
    const double radius = 40 + 12 * std::sqrt(z);
    const double first = std::max(0.0, std::floor(z - radius)), last = std::ceil(z + radius);
    double sum = 0, weights = 0;
    for (double j = first; j <= last; ++j) {
        const double weight = std::exp(j * std::log(z) - z - std::lgamma(j + 1));
        sum += weight * g(j);
        weights += weight;
    }
    return sum / weights;
}

/// E g(N) for N standard normal, g analytic within a distance of 100 of the real axis's [-14, 14]: the trapezoidal rule
/// converges geometrically.
template <class F>
double normal_expectation(F g) {
    constexpr double step = 0.25;
    double sum = 0, weights = 0;
    for (int i = -56; i <= 56; ++i) {
        const double n = i * step, weight = std::exp(-n * n / 2);
        sum += weight * g(n);
        weights += weight;
    }
    return sum / weights;
}

constexpr double many = 1e4;  // |mean| > 141 sd: the zero of a is out of reach

}  // namespace

double normal_absolute_moment(double mean, double sd, double p) {
    const double z = mean * mean / (2 * sd * sd);
    if (p == 2) return mean * mean + sd * sd;
    if (z > many)
        return std::pow(std::abs(mean), p) *
               normal_expectation([&](double n) { return std::pow(1 + sd / std::abs(mean) * n, p); });
    return std::exp(p / 2 * std::log(2 * sd * sd)) *
           poisson_expectation(z, [p](double j) { return 1 / boost::math::tgamma_delta_ratio(j + 0.5, p / 2); });
}

LogMoments normal_log_moments(double mean, double sd) {
    const double z = mean * mean / (2 * sd * sd);
    if (z > many) {
        const double ratio = sd / std::abs(mean);
        const double first = normal_expectation([&](double n) { return std::log1p(ratio * n); });
        const double second = normal_expectation([&](double n) { return std::pow(std::log1p(ratio * n) - first, 2); });
        return {std::log(std::abs(mean)) + first, second};
    }
    const double first = poisson_expectation(z, [](double j) { return boost::math::digamma(j + 0.5); });
    const double second = poisson_expectation(z, [&](double j) {
        return boost::math::trigamma(j + 0.5) + std::pow(boost::math::digamma(j + 0.5) - first, 2);
    });
    return {(std::log(2 * sd * sd) + first) / 2, second / 4};
}

double mean_absolute_normal(double mean, double sd) {
    if (sd == 0) return std::abs(mean);
    const double z = mean / (sd * M_SQRT2);
    return sd * std::sqrt(2 / M_PI) * std::exp(-z * z) + mean * std::erf(z);
}

std::optional<Fact> normal_norm(double mean, double sd, double p) {
    if (sd == 0) return Fact{std::abs(mean)};
    if (std::isinf(p)) return std::nullopt;
    if (p == 1) return Fact{mean_absolute_normal(mean, sd)};
    return Fact{std::pow(normal_absolute_moment(mean, sd, p), 1 / p)};
}

}  // namespace foldback
