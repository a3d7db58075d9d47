#include "models/laws/marginals.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstdio>

namespace foldback {

namespace {

// Overflow is an answer here, not an error.
using Quiet = boost::math::policies::policy<boost::math::policies::overflow_error<boost::math::policies::ignore_error>>;

struct Quantile {
    double value, complement;
};

/// The x with I_x(a, b) = u, and 1 - x. Boost 1.74's inversion gives up on some arguments, such as a = b = 5, whatever
/// its policy says of evaluation errors: then by bisection.
Quantile beta_quantile(double a, double b, double u) {
    try {
        Quantile q{};
        q.value = boost::math::ibeta_inv(a, b, u, &q.complement, Quiet());
        return q;
    } catch (const boost::math::evaluation_error&) {}
    double below = 0, above = 1;
    for (int i = 0; i < 1100 && below < above; ++i) {
        const double x = below + (above - below) / 2;
        if (x == below || x == above) break;
        (boost::math::ibeta(a, b, x) < u ? below : above) = x;
    }
    return {above, 1 - above};
}

/// "Beta(0.5, 0.5)".
std::string named(const char* kind, std::initializer_list<double> parameters) {
    std::string name = kind;
    const char* separator = "(";
    for (double p : parameters) {
        char number[32];
        std::snprintf(number, sizeof number, "%.6g", p);
        name.append(separator).append(number);
        separator = ", ";
    }
    return name.append(")");
}

}  // namespace

MarginalLaw normal_law(double mean, double sd) {
    return {named("Normal", {mean, sd}), [=](double x) { return std::erfc((mean - x) / (sd * M_SQRT2)) / 2; },
            [=](double x) { return std::exp(-std::pow((x - mean) / sd, 2) / 2) / (sd * std::sqrt(2 * M_PI)); },
            [=](double u) { return mean - sd * M_SQRT2 * boost::math::erfc_inv(2 * u, Quiet()); }};
}

MarginalLaw beta_law(double a, double b) {
    return {named("Beta", {a, b}), [=](double x) { return x <= 0   ? 0
                                                          : x >= 1 ? 1
                                                                   : boost::math::ibeta(a, b, x); },
            [=](double x) { return x <= 0 || x >= 1 ? 0 : boost::math::ibeta_derivative(a, b, x, Quiet()); },
            [=](double u) { return beta_quantile(a, b, u).value; }};
}

MarginalLaw gamma_law(double shape) {
    return {named("Gamma", {shape, 1}),
            [=](double x) { return x <= 0          ? 0
                                   : std::isinf(x) ? 1
                                                   : boost::math::gamma_p(shape, x); },
            [=](double x) { return x <= 0 || std::isinf(x) ? 0 : boost::math::gamma_p_derivative(shape, x, Quiet()); },
            [=](double u) { return boost::math::gamma_p_inv(shape, u, Quiet()); }};
}

MarginalLaw beta_prime_law(double p, double q) {
    // X / (1 + X) ~ Beta(p, q); the smaller of it and 1 / (1 + X) keeps its digits.
    return {named("BetaPrime", {p, q}),
            [=](double x) {
                if (x <= 0) return 0.0;
                if (std::isinf(x)) return 1.0;
                return x < 1 ? boost::math::ibeta(p, q, x / (1 + x)) : boost::math::ibetac(q, p, 1 / (1 + x));
            },
            [=](double x) {
                if (x <= 0 || std::isinf(x)) return 0.0;
                return std::exp((p - 1) * std::log(x) - (p + q) * std::log1p(x)) / boost::math::beta(p, q);
            },
            [=](double u) {
                const Quantile y = beta_quantile(p, q, u);
                return y.value / y.complement;
            }};
}

MarginalLaw dickman_law(double theta) {
    const double scale = std::exp(-0.57721566490153286 * theta - std::lgamma(theta + 1));
    return {named("Dickman", {theta}),
            [=](double x) { return x <= 0   ? 0
                                   : x <= 1 ? scale * std::pow(x, theta)
                                            : std::nan(""); },
            [=](double x) { return x <= 0   ? 0
                                   : x <= 1 ? scale * theta * std::pow(x, theta - 1)
                                            : std::nan(""); },
            {},
            1};
}

}  // namespace foldback
