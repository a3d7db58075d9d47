#include "models/laws/inverse_gaussian.hpp"

#include <algorithm>
#include <boost/math/special_functions/bessel.hpp>
#include <cmath>
#include <memory>
#include <numeric>

#include "models/laws/named_law.hpp"
#include "models/laws/quadrature.hpp"

namespace foldback {

namespace {

// Gauss-Legendre, ten points on (-1, 1) (Abramowitz and Stegun, table 25.4).
constexpr double nodes[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                            0.9739065285171717};
constexpr double node_weights[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159820, 0.1494513491505806,
                                   0.0666713443086881};

template <class F>
double gauss(F f, double a, double b) {
    const double middle = (a + b) / 2, half = (b - a) / 2;
    double sum = 0;
    for (int i = 0; i < 5; ++i) sum += node_weights[i] * (f(middle - half * nodes[i]) + f(middle + half * nodes[i]));
    return half * sum;
}

/// The law of u = log x.
class LogTable {
  public:
    LogTable(double l, double g) : l_(l), g_(g), mode_(-std::asinh(l / (2 * g))) {
        const double width = std::min(1.0, std::pow(4 * g * g + l * l, -0.25));
        lower_ = upper_ = mode_;
        while (exponent(lower_) > -80) lower_ -= width;
        while (exponent(upper_) > -80) upper_ += width;
        const auto cells = std::size_t(std::ceil((upper_ - lower_) / (width / 8)));
        cell_ = (upper_ - lower_) / double(cells);
        mass_.assign(cells + 1, 0.0);
        for (std::size_t i = 0; i < cells; ++i) mass_[i + 1] = mass_[i] + part(start(i), start(i + 1));
    }

    double density(double u) const { return std::exp(exponent(u)) / mass_.back(); }
    double cdf(double u) const {
        if (!(u > lower_)) return 0;
        if (u >= upper_) return 1;
        const std::size_t i = std::min(std::size_t((u - lower_) / cell_), mass_.size() - 2);
        return std::min(1.0, (mass_[i] + part(start(i), u)) / mass_.back());
    }
    double quantile(double p) const {
        const auto next = std::upper_bound(mass_.begin(), mass_.end(), p * mass_.back());
        const auto i =
            std::size_t(std::clamp<std::ptrdiff_t>(next - mass_.begin() - 1, 0, std::ptrdiff_t(mass_.size()) - 2));
        double a = start(i), b = start(i + 1);
        for (int k = 0; k < 50; ++k) {
            const double u = (a + b) / 2;
            (cdf(u) < p ? a : b) = u;
        }
        return (a + b) / 2;
    }
    /// E (e^u - centre)^r.
    double moment(double centre, int r) const {
        double sum = 0;
        for (std::size_t i = 0; i + 1 < mass_.size(); ++i)
            sum +=
                gauss([&](double u) { return std::pow(std::exp(u) - centre, r) * density(u); }, start(i), start(i + 1));
        return sum;
    }

  private:
    double exponent(double u) const {
        // -l u - 2 g cosh u, less its value at the mode
        return -l_ * (u - mode_) - 4 * g_ * std::sinh((u - mode_) / 2) * std::sinh((u + mode_) / 2);
    }
    double start(std::size_t i) const { return lower_ + double(i) * cell_; }
    double part(double a, double b) const {
        return gauss([this](double u) { return std::exp(exponent(u)); }, a, b);
    }

    double l_, g_, mode_, lower_, upper_, cell_;
    std::vector<double> mass_;  // unnormalized, up to each cell's start
};

double log_bessel_k0(double z) {
    if (z < 300) return std::log(boost::math::cyl_bessel_k(0, z));
    const double s = 1 / (8 * z);
    return -z + std::log(M_PI / (2 * z)) / 2 + std::log1p(-s + 4.5 * s * s);
}

}  // namespace

InverseGaussian generalized_inverse_gaussian(double l, double g) {
    const auto table = std::make_shared<const LogTable>(l, g);
    char name[80];
    std::snprintf(name, sizeof name, "GIG, x^(-%.6g-1) exp(-%.6g (x + 1/x))", l, g);
    const double mean = table->moment(0, 1);
    return {{name, [table](double x) { return x > 0 ? table->cdf(std::log(x)) : 0; },
             [table](double x) { return x > 0 ? table->density(std::log(x)) / x : 0; },
             [table](double u) { return std::exp(table->quantile(u)); }},
            mean,
            table->moment(mean, 2)};
}

double gamma_product_expectation(double l, double g, const std::function<double(double)>& h) {
    // t = (z / (2 g))^2, z = e^v: density of v proportional to e^(2 l v) K_0(e^v).
    const double mode = std::log(std::max(2 * l, 1.0));
    const double lower = mode - 40 / (2 * l) - 15 / std::sqrt(2 * l);
    const double upper = std::log(2 * l + 60 + 20 * std::sqrt(2 * l));
    const double scale = std::log(4) - 2 * l * std::log(2) - 2 * std::lgamma(l);
    return integrate(
        [&](double v) {
            const double z = std::exp(v);
            return h(std::pow(z / (2 * g), 2)) * std::exp(scale + 2 * l * v + log_bessel_k0(z));
        },
        lower, upper, {mode});
}

double log_displacement(double l, double g, double x, double p) {
    const auto moved = [=](double y) { return std::pow(std::abs(std::log(y + x) + std::log(x)), p); };
    return std::pow(NamedLaw::gamma(l, 1 / g).expectation(moved, {1 / x - x}), 1 / p);
}

}  // namespace foldback
