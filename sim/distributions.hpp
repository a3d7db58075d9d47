#pragma once
#include <cstdint>

#include "sim/elementary.hpp"

// From uniform bits to random variates, through our own elementary functions only: the same bits everywhere. Nothing is
// cached between calls.
namespace foldback {

/// Throws InternalError. Out of line, to keep string code out of kernels.
[[noreturn]] void shape_out_of_range(double shape);

inline namespace FOLDBACK_ISA {

template <class R>
struct NormalPair {
    R first, second;
};

/// Two independent standard normals, r cos 2 pi v and r sin 2 pi v with r = sqrt(-2 log u), from two independent
/// uniforms on the midpoints (k + 1/2) 2^-52 (Box and Muller 1958). Stops at 8.57 standard deviations, sqrt(106 log 2):
/// a true normal lies beyond with probability 1e-17.
template <int W>
NormalPair<Lanes<W>> normal_pair(Lanes<W> u, Lanes<W> v) {
    if constexpr (W > widest) {
        const auto low = normal_pair(low_half(u), low_half(v)), high = normal_pair(high_half(u), high_half(v));
        return {join(low.first, high.first), join(low.second, high.second)};
    }
    const Lanes<W> r = sqrt(Lanes<W>(-2.0) * elementary::log_of_uniform(u));
    const auto [sine, cosine] = elementary::sincos_of_uniform(v);
    return {r * cosine, r * sine};
}
inline NormalPair<double> normal_pair(double u, double v) {
    auto [first, second] = normal_pair(Lanes<1>(u), Lanes<1>(v));
    return {first[0], second[0]};
}

/// Exponential of mean 1, -log u; u on the midpoints (k + 1/2) 2^-52 gives 2^-53 to 36.7.
template <int W>
Lanes<W> exponential(Lanes<W> u) {
    return by_register(u, [](auto x) { return -elementary::log_of_uniform(x); });
}
inline double exponential(double u) { return exponential(Lanes<1>(u))[0]; }

// Below, g is a uniform random bit generator of 32-bit words; samplers say how many words they draw.

/// Uniform on the midpoints (k + 1/2) 2^-52 of (0, 1): two words, the low half first; its 12 lowest bits are not used.
template <class Urbg>
double uniform01(Urbg& g) {
    static_assert(Urbg::min() == 0 && Urbg::max() == 0xffffffffU, "a generator of 32-bit words");
    const auto low = static_cast<std::uint64_t>(g()), high = static_cast<std::uint64_t>(g());
    return (static_cast<double>((low | high << 32) >> 12) + 0.5) * 0x1p-52;
}

/// Standard normal: four words, the cosine branch of normal_pair.
template <class Urbg>
double standard_normal(Urbg& g) {
    const double u = uniform01(g), v = uniform01(g);
    return normal_pair(u, v).first;
}

/// Exponential of mean 1: two words.
template <class Urbg>
double standard_exponential(Urbg& g) {
    return exponential(uniform01(g));
}

namespace detail {

/// Gamma(shape, 1) for shape >= 1: six words, again until accepted (at least 95 of 100 times); Marsaglia and Tsang, ACM
/// TOMS 26 (2000), without their squeeze.
template <class Urbg>
double gamma_at_least_one(Urbg& g, double shape) {
    const double d = shape - 1.0 / 3.0, c = 1.0 / (3.0 * sqrt(d));
    for (;;) {
        const double x = standard_normal(g), u = uniform01(g);
        const double root = 1.0 + c * x;
        if (root <= 0.0) continue;
        const double v = root * root * root;
        if (elementary::log(u) < 0.5 * x * x + d * (1.0 - v + elementary::log(v))) return d * v;
    }
}

inline void expect_shape(double shape) {
    if (shape >= 1e-300 && shape <= 1e300) return;
    shape_out_of_range(shape);
}

/// Logarithm of a gamma variate, finite where the variate itself would underflow. For shape < 1,
/// Gamma(shape) = Gamma(shape + 1) U^(1/shape); two words more.
template <class Urbg>
double log_gamma_variate(Urbg& g, double shape) {
    expect_shape(shape);
    if (shape >= 1.0) return elementary::log(gamma_at_least_one(g, shape));
    const double larger_one = gamma_at_least_one(g, shape + 1.0);
    return elementary::log(larger_one) + elementary::log(uniform01(g)) / shape;
}

}  // namespace detail

/// Gamma(shape, 1), 1e-300 <= shape <= 1e300; 0 where a small shape's variate lies below 2^-1075. Throws InternalError
/// for another shape. Draws 6 words an attempt, and 2 more for shape < 1.
template <class Urbg>
double gamma(Urbg& g, double shape) {
    if (shape < 1.0) return elementary::exp(detail::log_gamma_variate(g, shape));
    detail::expect_shape(shape);
    return detail::gamma_at_least_one(g, shape);
}

/// Beta prime(p, q): X / Y for independent X ~ Gamma(p), Y ~ Gamma(q), drawn in this order. The ratio is taken between
/// logarithms, so that small shapes, whose gamma variates underflow, are right; 0 or inf only where the ratio itself is
/// out of range. Throws InternalError as gamma does.
template <class Urbg>
double beta_prime(Urbg& g, double p, double q) {
    const double x = detail::log_gamma_variate(g, p), y = detail::log_gamma_variate(g, q);
    return elementary::exp(x - y);
}

/// Beta(a, b): X / (X + Y) for independent X ~ Gamma(a), Y ~ Gamma(b), drawn in this order, by way of their logarithms;
/// 0 or 1 only where rounded to it, which small shapes make likely. Throws InternalError as gamma does.
template <class Urbg>
double beta(Urbg& g, double a, double b) {
    const double x = detail::log_gamma_variate(g, a), y = detail::log_gamma_variate(g, b);
    return 1.0 / (1.0 + elementary::exp(y - x));
}

}  // namespace FOLDBACK_ISA
}  // namespace foldback
