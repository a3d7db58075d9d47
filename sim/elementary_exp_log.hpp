#pragma once
#include "sim/elementary_parts.hpp"

// exp, log and what is made of them. The polynomials are Chebyshev interpolants computed with 400 bits, their
// coefficients rounded to double; tests/sim/test_elementary.cpp measures the errors stated.
namespace foldback::inline FOLDBACK_ISA {
namespace elementary {
namespace detail {

inline constexpr double ln2_high = 0x1.62e42fefa39efp-1, ln2_low = 0x1.abc9e3b39803fp-56;
// The same with 11 trailing zeros, so that every exponent times ln2_short is exact.
inline constexpr double ln2_short = 0x1.62e42fefa3800p-1, ln2_rest = 0x1.ef35793c76730p-45;

/// e^(x + x_low) = 2^k e^r, |r| <= ln(2) / 2.
template <int W>
struct ReducedExp {
    Lanes<W> r, r_low;
    Lanes<W> tail;          ///< e^r - 1 - r, to be added to r_low
    Lanes<W> first_scale;   ///< 2^(k/2) rounded down
    Lanes<W> second_scale;  ///< 2^k / first_scale
    Lanes<W> inverse_second_scale;
    Lanes<W> scale;         ///< 2^k, for -1022 <= k <= 1023
};

/// Needs -746 <= x <= 710 or NaN, |x_low| <= ulp(x).
template <int W>
ReducedExp<W> reduce_exp(Lanes<W> x, Lanes<W> x_low) {
    constexpr std::array coefficients{0x1.0000000000000p-1,  0x1.5555555555557p-3,  0x1.5555555555556p-5,
                                      0x1.11111111100bep-7,  0x1.6c16c16c162c3p-10, 0x1.a01a01abf85abp-13,
                                      0x1.a01a01a6e1e2ap-16, 0x1.71de01fdbf9cap-19, 0x1.27e4db46cddd1p-22,
                                      0x1.af4e554377204p-26, 0x1.1f7340dbc337ep-29};
    auto [k, word] = round_product(x, Lanes<W>(0x1.71547652b82fep+0));
    // Exact: a multiple of ulp(1/4) below 1/2.
    Lanes<W> exact = fma(-k, Lanes<W>(ln2_high), x);
    auto [r, r_low] = ordered_sum(exact, fma(-k, Lanes<W>(ln2_low), x_low));
    Words<W> biased = word + Words<W>(2046), half = biased >> 1, other = biased - half;
    return {r,
            r_low,
            r * r * polynomial(r, coefficients),
            power_of_two(half),
            power_of_two(other),
            power_of_two(Words<W>(2046) - other),
            power_of_two(word + Words<W>(1023))};
}

template <int W>
Lanes<W> exp_of_sum(Lanes<W> x, Lanes<W> x_low) {
    auto e = reduce_exp(smaller(larger(x, Lanes<W>(-746.0)), Lanes<W>(710.0)), x_low);
    auto [high, low] = ordered_sum(Lanes<W>(1.0), e.r);
    // Only the last product can overflow or lose bits to a denormal.
    return (high + (low + (e.tail + e.r_low))) * e.first_scale * e.second_scale;
}

/// e^x - 1 as a sum, but for the signed zero; a NaN stays some NaN.
template <int W>
Pair<Lanes<W>> expm1_in_two(Lanes<W> x) {
    auto e = reduce_exp(smaller(larger(x, Lanes<W>(-40.0)), Lanes<W>(710.0)), Lanes<W>(0.0));
    auto [high, low] = ordered_sum(e.r, e.tail);
    low += e.r_low;
    auto [sum, error] = exact_sum(e.first_scale - e.inverse_second_scale, e.first_scale * high);
    return {sum * e.second_scale, fma(e.first_scale, low, error) * e.second_scale};
}

/// The same for 0 <= x <= 700: one power of two serves, and the bits are the same, since powers of two round nothing.
template <int W>
Pair<Lanes<W>> expm1_in_two_moderate(Lanes<W> x) {
    auto e = reduce_exp(x, Lanes<W>(0.0));
    auto [high, low] = ordered_sum(e.r, e.tail);
    low += e.r_low;
    auto [sum, error] = exact_sum(e.scale - Lanes<W>(1.0), e.scale * high);
    return {sum, fma(e.scale, low, error)};
}

/// x = 2^exponent (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), f exact.
template <int W>
struct Split {
    Lanes<W> exponent, f;
    Words<W> biased_exponent;
};

/// Needs a normal x > 0; otherwise some numbers.
template <int W>
Split<W> split(Lanes<W> x) {
    constexpr std::uint64_t one = 0x3ff0000000000000ULL, root_half = 0x3fe6a09e667f3bcdULL;
    Words<W> shifted = as_words(x) + Words<W>(one - root_half), biased = shifted >> 52;
    Lanes<W> m = as_lanes((shifted & Words<W>(0x000fffffffffffffULL)) + Words<W>(root_half));
    Lanes<W> exponent = as_lanes(biased | Words<W>(0x4330000000000000ULL)) - Lanes<W>(0x1p52 + 1023);
    return {exponent, m - Lanes<W>(1.0), biased};
}

/// The same for denormal x > 0 too.
template <int W>
Split<W> split_any(Lanes<W> x) {
    auto tiny = x < Lanes<W>(0x1p-1022);
    Split<W> s = split(select(tiny, x * Lanes<W>(0x1p54), x));
    s.exponent -= select(tiny, Lanes<W>(54.0), Lanes<W>(0.0));
    return s;
}

/// s = f / (2 + f) and log(1 + f) - f, by log(1 + f) = 2 artanh(s) = f - (f^2/2 - s (f^2/2 + R(s^2))).
template <int W>
struct LogSeries {
    Lanes<W> s, tail;
};
template <int W>
LogSeries<W> log_series(Lanes<W> f) {
    constexpr std::array coefficients{0x1.5555555555555p-1, 0x1.9999999999a38p-2, 0x1.2492492476c87p-2,
                                      0x1.c71c720160b47p-3, 0x1.745cf901605f7p-3, 0x1.3b1c360763b8ap-3,
                                      0x1.0fbe83c2cbcf3p-3, 0x1.0c04595972ab8p-3};
    Lanes<W> s = f / (Lanes<W>(2.0) + f), z = s * s, half_square = Lanes<W>(0.5) * f * f;
    return {s, fma(s, fma(z, polynomial(z, coefficients), half_square), -half_square)};
}

/// exponent ln 2 + f + tail.
template <int W>
Lanes<W> add_exponent(Lanes<W> exponent, Lanes<W> f, Lanes<W> tail) {
    auto [high, low] = ordered_sum(exponent * Lanes<W>(ln2_short), f);
    return high + (low + fma(exponent, Lanes<W>(ln2_rest), tail));
}

/// log(x) to about 2^-64, for finite x > 0.
template <int W>
Pair<Lanes<W>> log_in_two(Lanes<W> x) {
    // 2 artanh(s) = 2 s + s^3 (2/3 + z P(z)), z = s^2.
    constexpr std::array coefficients{0x1.999999999999ap-2, 0x1.2492492492521p-2, 0x1.c71c71c6eaa10p-3,
                                      0x1.745d177a96056p-3, 0x1.3b1395d2190c1p-3, 0x1.1118c7e4b0917p-3,
                                      0x1.df7cc8e5fa539p-4, 0x1.e02e6fff27908p-4};
    auto [exponent, f, biased] = split_any(x);
    auto [divisor, divisor_low] = exact_sum(Lanes<W>(2.0), f);
    Lanes<W> s = f / divisor, s_low = fma(-s, divisor_low, fma(-s, divisor, f)) / divisor;
    auto [z, z_low] = exact_product(s, s);
    z_low = fma(s + s, s_low, z_low);
    auto [t, t_low] = ordered_sum(Lanes<W>(0x1.5555555555555p-1), z * polynomial(z, coefficients));
    t_low += Lanes<W>(0x1.5555555555555p-55);
    auto [cube, cube_low] = exact_product(z, s);
    cube_low += fma(z, s_low, z_low * s);
    auto [rest, rest_low] = exact_product(cube, t);
    rest_low += fma(cube, t_low, cube_low * t);
    auto [sum, sum_low] = ordered_sum(s + s, rest);
    sum_low += fma(Lanes<W>(2.0), s_low, rest_low);
    auto [high, low] = ordered_sum(exponent * Lanes<W>(ln2_short), sum);
    return ordered_sum(high, low + fma(exponent, Lanes<W>(ln2_rest), sum_low));
}

}  // namespace detail

/// e^x within 0.8 ulp; inf above 709.78, denormal below -708.4, 0 below -745.13.
template <int W>
Lanes<W> exp(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return exp(part); });
    return detail::canonical(detail::exp_of_sum(x, Lanes<W>(0.0)));
}

/// e^x - 1 within 1.25 ulp; expm1(-0) = -0.
template <int W>
Lanes<W> expm1(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return expm1(part); });
    auto [high, low] = detail::expm1_in_two(x);
    return detail::canonical(select(x == Lanes<W>(0.0), x, high + low));
}

/// Natural logarithm within 0.9 ulp; log(0) = -inf, log(inf) = inf, NaN for x < 0.
template <int W>
Lanes<W> log(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return log(part); });
    auto [exponent, f, biased] = detail::split_any(x);
    Lanes<W> r = detail::add_exponent(exponent, f, detail::log_series(f).tail);
    r = select(x == Lanes<W>(detail::infinity), x, r);
    Lanes<W> outside = select(x == Lanes<W>(0.0), Lanes<W>(-detail::infinity), Lanes<W>(detail::not_a_number));
    return select(x > Lanes<W>(0.0), r, outside);
}

/// log u for u in (0, 1), the uniforms' logarithm: within 1.5 ulp, with no case apart. Other bits than log's.
template <int W>
Lanes<W> log_of_uniform(Lanes<W> u) {
    auto [exponent, f, biased] = detail::split(u);
    return fma(exponent, Lanes<W>(detail::ln2_high), f + detail::log_series(f).tail);
}

/// log(1 + x) within 0.9 ulp; log1p(-0) = -0, log1p(-1) = -inf, NaN for x < -1.
template <int W>
Lanes<W> log1p(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return log1p(part); });
    auto [u, u_low] = detail::exact_sum(Lanes<W>(1.0), x);
    auto [exponent, f, biased] = detail::split(u);
    // What rounding 1 + x lost, on the scale of f; beyond 2^60 it is nothing, and the power might not exist.
    Lanes<W> lost = u_low * detail::power_of_two(Words<W>(2046) - biased);
    auto [g, g_low] = detail::ordered_sum(f, select(x < Lanes<W>(0x1p60), lost, Lanes<W>(0.0)));
    auto [s, tail] = detail::log_series(g);
    // g_low / (1 + g), where 1 / (1 + g) = (1 - s)^2 / (1 - s^2); four digits suffice.
    Lanes<W> rest = Lanes<W>(1.0) - s;
    Lanes<W> r = detail::add_exponent(exponent, g, fma(g_low, rest * rest * fma(s, s, Lanes<W>(1.0)), tail));
    r = select(x == Lanes<W>(detail::infinity), x, r);
    r = select(x == Lanes<W>(0.0), x, r);
    Lanes<W> outside = select(x == Lanes<W>(-1.0), Lanes<W>(-detail::infinity), Lanes<W>(detail::not_a_number));
    return select(x > Lanes<W>(-1.0), r, outside);
}

/// x^y within 0.75 ulp for x >= 0; both zeros are 0 here. pow(x, 0) = pow(1, y) = 1 even where the other is NaN;
/// pow(0, y) and pow(inf, y) are 0 or inf; NaN for x < 0, whatever y != 0 is.
template <int W>
Lanes<W> pow(Lanes<W> x, Lanes<W> y) {
    if constexpr (W > widest) return join(pow(low_half(x), low_half(y)), pow(high_half(x), high_half(y)));
    const Lanes<W> zero(0.0), one(1.0), infinite(detail::infinity);
    auto [log_high, log_low] = detail::log_in_two(x);
    Lanes<W> high = y * log_high;
    Lanes<W> low = fma(y, log_low, fma(y, log_high, -high));
    low = select(abs(high) < Lanes<W>(1000.0), low, zero);
    Lanes<W> r = detail::exp_of_sum(high, low);
    r = select(x == zero, select(y > zero, zero, infinite), r);
    r = select(x == infinite, select(y > zero, infinite, zero), r);
    r = select((x >= zero) & (y == y), r, Lanes<W>(detail::not_a_number));
    return select((y == zero) | (x == one), one, r);
}

/// Hyperbolic tangent within 1.6 ulp; tanh(-0) = -0.
template <int W>
Lanes<W> tanh(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return tanh(part); });
    Lanes<W> a = smaller(abs(x), Lanes<W>(22.0));
    auto [high, low] = detail::expm1_in_two_moderate(a + a);
    // q = t / (t + 2), t = e^2a - 1, and where it is not near 1 a correction, for which 1 / (t + 2) = (1 - q) / 2.
    auto [divisor, divisor_low] = detail::exact_sum(Lanes<W>(2.0), high);
    Lanes<W> q = high / divisor;
    Lanes<W> residual = fma(-q, divisor, high) + fma(-q, low + divisor_low, low);
    Lanes<W> corrected = fma(residual, Lanes<W>(0.5) - Lanes<W>(0.5) * q, q);
    Lanes<W> r = select(a < Lanes<W>(1.0), corrected, q);
    return detail::canonical(detail::with_sign(r, x));
}

inline double exp(double x) { return exp(Lanes<1>(x))[0]; }
inline double expm1(double x) { return expm1(Lanes<1>(x))[0]; }
inline double log(double x) { return log(Lanes<1>(x))[0]; }
inline double log1p(double x) { return log1p(Lanes<1>(x))[0]; }
inline double pow(double x, double y) { return pow(Lanes<1>(x), Lanes<1>(y))[0]; }
inline double tanh(double x) { return tanh(Lanes<1>(x))[0]; }

}  // namespace elementary
}  // namespace foldback::inline FOLDBACK_ISA
