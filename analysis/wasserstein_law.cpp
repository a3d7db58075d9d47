#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <vector>

#include "analysis/wasserstein.hpp"
#include "analysis/increasing.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

bool unusable(std::span<const double> x) {
    return x.empty() || std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

template <class F>
double integral(F f, double from, double to) {
    if (!(from < to)) return 0.0;
    return boost::math::quadrature::gauss_kronrod<double, 15>::integrate(f, from, to, 12, 1e-10);
}

/// Where the increasing function `cdf` crosses `level` in [from, to].
double crossing(const std::function<double(double)>& cdf, double level, double from, double to) {
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (from + to);
        (cdf(middle) < level ? from : to) = middle;
    }
    return to;
}

}  // namespace

double wasserstein_to_quantile(std::span<const double> x, const std::function<double(double)>& quantile, double p) {
    if (unusable(x)) return std::nan("");
    const std::vector<double> data = increasing(x);
    const double n = double(data.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        const auto cost = [&](double u) { return std::pow(std::abs(data[i] - quantile(u)), p); };
        sum += boost::math::quadrature::gauss<double, 10>::integrate(cost, double(i) / n, double(i + 1) / n);
    }
    return std::pow(sum, 1.0 / p);
}

double wasserstein1_to_cdf(std::span<const double> x, const std::function<double(double)>& cdf, double low,
                           double high) {
    if (unusable(x)) return std::nan("");
    const std::vector<double> data = increasing(x);
    if (data.front() < low || data.back() > high)
        throw InternalError("wasserstein1_to_cdf: data outside the law's support");
    double sum = integral(cdf, low, data.front()) + integral([&](double t) { return 1.0 - cdf(t); }, data.back(), high);
    for (std::size_t i = 0; i + 1 < data.size(); ++i) {
        const double level = double(i + 1) / double(data.size()), from = data[i], to = data[i + 1];
        if (!(from < to)) continue;
        const bool crosses = cdf(from) < level && level < cdf(to);
        const double split = crosses ? crossing(cdf, level, from, to) : from;
        const auto difference = [&](double t) { return std::abs(level - cdf(t)); };
        sum += integral(difference, from, split) + integral(difference, split, to);
    }
    return sum;
}

}  // namespace foldback
