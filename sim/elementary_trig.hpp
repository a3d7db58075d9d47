#pragma once
#include <bit>

#include "sim/elementary_parts.hpp"

// Sine, cosine and arc tangent. The polynomials are Chebyshev interpolants computed with 400 bits, their coefficients
// rounded to double; tests/sim/test_elementary.cpp measures the errors stated.
namespace foldback::inline FOLDBACK_ISA {
namespace elementary {

template <class R>
struct SinCos {
    R sin, cos;
};

namespace detail {

inline constexpr double half_pi_1 = 0x1.921fb54442d18p+0, half_pi_2 = 0x1.1a62633145c07p-54,
                        half_pi_3 = -0x1.f1976b7ed8fbcp-110;

/// x = quadrant pi/2 + r + r_low (modulo 2 pi), |r| <= pi/4 and a little.
template <int W>
struct ReducedAngle {
    Lanes<W> r, r_low;
    Words<W> quadrant;  ///< only the last two bits count
};

/// The same for |x| <= 2^30: three parts of pi/2 then leave an absolute error below 2^-124, and |r| > 2^-65.
template <int W>
ReducedAngle<W> reduce_angle(Lanes<W> x) {
    auto [k, word] = round_product(x, Lanes<W>(0x1.45f306dc9c883p-1));
    // Exact: a multiple of 2^-53 below 1.
    Lanes<W> exact = fma(-k, Lanes<W>(half_pi_1), x);
    auto [second, second_low] = exact_product(k, Lanes<W>(half_pi_2));
    auto [r, r_low] = exact_sum(exact, -second);
    auto [high, low] = ordered_sum(r, r_low - fma(k, Lanes<W>(half_pi_3), second_low));
    return {high, low, word};
}

/// The same for any finite |x| >= 2^30, exactly modulo 2 pi, in integers (Payne and Hanek 1983).
inline ReducedAngle<1> reduce_large_angle(double x) {
    // 64 zero bits, then the first 1216 bits of 2/pi.
    constexpr std::array<std::uint64_t, 20> two_over_pi{0,
                                                        0xa2f9836e4e441529,
                                                        0xfc2757d1f534ddc0,
                                                        0xdb6295993c439041,
                                                        0xfe5163abdebbc561,
                                                        0xb7246e3a424dd2e0,
                                                        0x06492eea09d1921c,
                                                        0xfe1deb1cb129a73e,
                                                        0xe88235f52ebb4484,
                                                        0xe99c7026b45f7e41,
                                                        0x3991d639835339f4,
                                                        0x9c845f8bbdf9283b,
                                                        0x1ff897ffde05980f,
                                                        0xef2f118b5a0a6d1f,
                                                        0x6d367ecf27cb09b7,
                                                        0x4f463f669e5fea2d,
                                                        0x7527bac7ebe5f17b,
                                                        0x3d0739f78a5292ea,
                                                        0x6bfb5fb11f8d5d08,
                                                        0x56033046fc7b6bab};
    __extension__ typedef unsigned __int128 Wide;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const auto exponent = static_cast<unsigned>(bits >> 52 & 0x7ff);
    const std::uint64_t mantissa = (bits & 0x000fffffffffffff) | 0x0010000000000000;
    // |x| = mantissa 2^(exponent - 1075). Bits of 2/pi worth a multiple of 4 in the product are left out.
    const unsigned skip = exponent - 1075 - 2 + 64, word = skip / 64, shift = skip % 64;
    auto at = [&](unsigned i) {
        return two_over_pi[word + i] << shift | (shift == 0 ? 0 : two_over_pi[word + i + 1] >> (64 - shift));
    };
    const Wide c = Wide(mantissa) * at(2), b = Wide(mantissa) * at(1) + (c >> 64),
               a = Wide(mantissa) * at(0) + (b >> 64);
    // |x| 2/pi modulo 4 = high.middle.low / 2^190.
    std::uint64_t high = std::uint64_t(a), middle = std::uint64_t(b), low = std::uint64_t(c);
    std::uint64_t quadrant = high >> 62;
    high = high << 2 | middle >> 62;
    middle = middle << 2 | low >> 62;
    const bool beyond_half = high >> 63 != 0;
    if (beyond_half) {  // to the nearest integer: the fraction minus one, short of one unit in 2^128
        ++quadrant;
        high = ~high;
        middle = ~middle;
    }
    const auto zeros = static_cast<unsigned>(std::countl_zero(high | 1));
    if (zeros != 0) {
        high = high << zeros | middle >> (64 - zeros);
        middle <<= zeros;
    }
    // The fraction is (high.middle) 2^-64 2^-zeros: 53 bits, and the 64 after them.
    const double scale = std::bit_cast<double>(std::uint64_t(1023 - zeros) << 52);
    const double first = double(high >> 11) * 0x1p-53 * scale;
    const double next = double(high << 53 | middle >> 11) * 0x1p-117 * scale;
    auto [product, rest] = exact_product(first, half_pi_1);
    auto [r, r_low] = ordered_sum(product, rest + fma(first, half_pi_2, next * half_pi_1));
    const bool negative = (bits >> 63 != 0) != beyond_half;
    return {Lanes<1>(negative ? -r : r), Lanes<1>(negative ? -r_low : r_low),
            Words<1>(bits >> 63 != 0 ? 0 - quadrant : quadrant)};
}

/// sin and cos of quadrant quarter turns and an angle whose own sine and cosine are given.
template <int W>
SinCos<Lanes<W>> turn(Words<W> quadrant, Lanes<W> sine, Lanes<W> cosine) {
    auto even = (quadrant & Words<W>(1)) == Words<W>(0);
    Words<W> s = as_words(select(even, sine, cosine)), c = as_words(select(even, cosine, sine));
    s = s ^ ((quadrant & Words<W>(2)) << 62);
    c = c ^ (((quadrant + Words<W>(1)) & Words<W>(2)) << 62);
    return {as_lanes(s), as_lanes(c)};
}

template <int W>
SinCos<Lanes<W>> sincos_of(const ReducedAngle<W>& angle) {
    constexpr std::array sine{-0x1.5555555555555p-3, 0x1.1111111110b6cp-7,   -0x1.a01a019e73325p-13,
                              0x1.71de3781495ffp-19, -0x1.ae5ff4f957b14p-26, 0x1.5e0333e3ccba1p-33};
    constexpr std::array cosine{0x1.5555555555555p-5,   -0x1.6c16c16c16944p-10, 0x1.a01a019f4671dp-16,
                                -0x1.27e4fa0d3726cp-22, 0x1.1eeb5de1e2b95p-29,  -0x1.9075bb669682cp-37};
    const Lanes<W> one(1.0);
    Lanes<W> r = angle.r, z = r * r, half = Lanes<W>(0.5) * z;
    // sin(r + r_low) = sin r + r_low cos r, cos(r + r_low) = cos r - r_low sin r, to first order in r_low.
    Lanes<W> s = r + fma(z * r, polynomial(z, sine), angle.r_low * (one - half));
    auto [high, low] = ordered_sum(one, -half);
    Lanes<W> c = high + (low + fma(z * z, polynomial(z, cosine), -(r * angle.r_low)));
    return turn(angle.quadrant, s, c);
}

}  // namespace detail

/// sin x and cos x for every finite x within 0.9 ulp; NaN for infinite x; sin(-0) = -0. Beyond |x| = 2^30 much slower.
template <int W>
SinCos<Lanes<W>> sincos(Lanes<W> x) {
    if constexpr (W > widest) {
        const auto low = sincos(low_half(x)), high = sincos(high_half(x));
        return {join(low.sin, high.sin), join(low.cos, high.cos)};
    }
    auto angle = detail::reduce_angle(x);
    if (auto large = abs(x) > Lanes<W>(0x1p30); any(large)) {
        for (int i = 0; i < W; ++i) {
            if (!large[i]) continue;
            auto one = detail::reduce_large_angle(x[i]);
            angle.r.set(i, one.r[0]);
            angle.r_low.set(i, one.r_low[0]);
            angle.quadrant.set(i, one.quadrant[0]);
        }
    }
    auto [s, c] = detail::sincos_of(angle);
    auto good = finite(x);
    const Lanes<W> bad(detail::not_a_number);
    return {select(good, select(x == Lanes<W>(0.0), x, s), bad), select(good, c, bad)};
}

/// sin x for every finite x within 3 ulp; NaN for infinite x; sin(-0) = -0. Other bits than those of sincos, which is more
/// exact and costs twice as much. Beyond |x| = 2^30 much slower.
template <int W>
FOLDBACK_LANES inline Lanes<W> sin(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return sin(part); });
    constexpr std::array coefficients{-0x1.5555555555555p-3,  0x1.1111111111107p-7,  -0x1.a01a01a018aadp-13, 0x1.71de3a5456715p-19,
                                      -0x1.ae6455a1d702bp-26, 0x1.6124015b5d047p-33, -0x1.ae5138c0886c1p-41, 0x1.89a4865c3ec8ep-49};
    // x = k pi + r, |r| <= pi/2 and a little, for |x| <= 2^30: sin x = (-1)^k sin r. The first step of the three is exact, and the
    // last changes nothing but where r is next to 0.
    const Lanes<W> shifted = fma(x, Lanes<W>(0x1.45f306dc9c883p-2), Lanes<W>(detail::rounder)), k = shifted - Lanes<W>(detail::rounder);
    Lanes<W> r = fma(k, Lanes<W>(-2 * detail::half_pi_1), x);
    r = fma(k, Lanes<W>(-2 * detail::half_pi_2), r);
    r = fma(k, Lanes<W>(-2 * detail::half_pi_3), r);
    const Lanes<W> z = r * r, sum = fma(r, z * detail::horner<0, 1>(z, coefficients), r);
    const Lanes<W> s = smaller(larger(sum, Lanes<W>(-1.0)), Lanes<W>(1.0));
    const Lanes<W> sine = select(x == Lanes<W>(0.0), x, as_lanes(as_words(s) ^ as_words(shifted) << 63));
    const auto moderate = x * x <= Lanes<W>(0x1p60);  // false for NaN
    return all(moderate) ? sine : select(moderate, sine, sincos(x).sin);
}
template <int W>
Lanes<W> cos(Lanes<W> x) {
    return sincos(x).cos;
}

namespace detail {

// On |f| <= 1/8: sin(2 pi f) = 2 pi f + f^3 S(f^2), cos(2 pi f) = 1 + f^2 C(f^2).
inline constexpr std::array sine_of_turns{-0x1.4abbce625be52p+5, 0x1.466bc6775a476p+6,  -0x1.32d2cce50019dp+6,
                                          0x1.50783208533c5p+5,  -0x1.e3027dab81c1dp+3, 0x1.e4a9bd16ce9f7p+1};
inline constexpr std::array cosine_of_turns{-0x1.3bd3cc9be45dep+4, 0x1.03c1f081b5ac0p+6,  -0x1.55d3c7e3cb23fp+6,
                                            0x1.e1f5068688925p+5,  -0x1.a6d1eef43193ep+4, 0x1.f9ce24161feb0p+2,
                                            -0x1.b2f3d15e072b2p+0};
inline constexpr double two_pi = 0x1.921fb54442d18p+2;

}  // namespace detail

/// sin 2 pi u and cos 2 pi u for u in [0, 1] (any |u| <= 2^48 will do) within 1.25 ulp; exact at multiples of 1/4.
template <int W>
SinCos<Lanes<W>> sincos_turns(Lanes<W> u) {
    auto [k, quadrant] = detail::round_product(u, Lanes<W>(4.0));
    Lanes<W> f = fma(k, Lanes<W>(-0.25), u), z = f * f;
    Lanes<W> rest = fma(z, detail::polynomial(z, detail::sine_of_turns), Lanes<W>(0x1.1a62633145c07p-52));  // 2 pi in two parts
    Lanes<W> s = fma(f, Lanes<W>(detail::two_pi), f * rest);
    Lanes<W> c = fma(z, detail::polynomial(z, detail::cosine_of_turns), Lanes<W>(1.0));
    auto turned = detail::turn(quadrant, s, c);
    return {detail::canonical(turned.sin), detail::canonical(turned.cos)};
}

/// The same for u in (0, 1), the uniforms' angle: within 2 ulp, with no case apart. Other bits.
template <int W>
SinCos<Lanes<W>> sincos_of_uniform(Lanes<W> u) {
    auto [k, quadrant] = detail::round_product(u, Lanes<W>(4.0));
    Lanes<W> f = fma(k, Lanes<W>(-0.25), u), z = f * f;
    Lanes<W> s = f * fma(z, detail::polynomial(z, detail::sine_of_turns), Lanes<W>(detail::two_pi));
    Lanes<W> c = fma(z, detail::polynomial(z, detail::cosine_of_turns), Lanes<W>(1.0));
    return detail::turn(quadrant, s, c);
}

/// Arc tangent within 1.75 ulp, in [-pi/2, pi/2]; atan(-0) = -0.
template <int W>
Lanes<W> atan(Lanes<W> x) {
    if constexpr (W > widest) return by_register(x, [](auto part) { return atan(part); });
    constexpr std::array coefficients{-0x1.5555555555555p-2, 0x1.999999999933dp-3,  -0x1.24924924355d5p-3,
                                      0x1.c71c7184c32bfp-4,  -0x1.745d0b153ffadp-4, 0x1.3b126143b5cbcp-4,
                                      -0x1.10fa5ee9ab25cp-4, 0x1.dfe49b2919c4ep-5,  -0x1.a090d1950d2b4p-5,
                                      0x1.41495cefb6c73p-5,  -0x1.39f38ad451ea6p-6};
    // atan a = atan t, pi/4 + atan (a - 1)/(a + 1) or pi/2 - atan 1/a, cut at tan pi/8 and tan 3 pi/8.
    const Lanes<W> a = abs(x), zero(0.0), one(1.0);
    auto middle = a > Lanes<W>(0x1.a827999fcef32p-2), upper = a > Lanes<W>(0x1.3504f333f9de6p+1);
    Lanes<W> t = select(upper, -one, select(middle, a - one, a)) / select(upper, a, select(middle, a + one, one));
    Lanes<W> base = select(upper, Lanes<W>(detail::half_pi_1), select(middle, Lanes<W>(detail::half_pi_1 / 2), zero));
    Lanes<W> base_low =
        select(upper, Lanes<W>(detail::half_pi_2), select(middle, Lanes<W>(detail::half_pi_2 / 2), zero));
    Lanes<W> z = t * t;
    Lanes<W> rest = fma(t * z, detail::polynomial(z, coefficients), base_low);
    return detail::canonical(detail::with_sign(base + (t + rest), x));
}

inline SinCos<double> sincos(double x) {
    auto [s, c] = sincos(Lanes<1>(x));
    return {s[0], c[0]};
}
inline double sin(double x) { return sin(Lanes<1>(x))[0]; }
inline double cos(double x) { return sincos(x).cos; }
inline SinCos<double> sincos_turns(double u) {
    auto [s, c] = sincos_turns(Lanes<1>(u));
    return {s[0], c[0]};
}
inline double atan(double x) { return atan(Lanes<1>(x))[0]; }

}  // namespace elementary
}  // namespace foldback::inline FOLDBACK_ISA
