#pragma once
#include <array>
#include <cstddef>
#include <limits>

#include "sim/lanes.hpp"

// What the elementary functions are made of.
namespace foldback::inline FOLDBACK_ISA {
namespace elementary::detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A number as the unevaluated sum high + low, |low| <= ulp(high) / 2.
template <class R>
struct Pair {
    R high, low;
};

/// a + b without error, for |a| >= |b| or a == 0 (Dekker 1971).
template <class R>
Pair<R> ordered_sum(R a, R b) {
    R s = a + b;
    return {s, (a - s) + b};
}

/// a + b without error (Knuth, TAOCP 2, 4.2.2).
template <class R>
Pair<R> exact_sum(R a, R b) {
    R s = a + b;
    R t = s - a;
    return {s, (a - (s - t)) + (b - t)};
}

/// a b without error, short of underflow.
template <class R>
Pair<R> exact_product(R a, R b) {
    R p = a * b;
    return {p, fma(a, b, -p)};
}

template <std::size_t I, std::size_t Stride, class R, std::size_t N>
R horner(R x, const std::array<double, N>& c) {
    if constexpr (I + Stride < N) {
        return fma(horner<I + Stride, Stride>(x, c), x, R(c[I]));
    } else {
        return R(c[I]);
    }
}

/// c[0] + c[1] x + c[2] x^2 + ...: even and odd powers apart, two short chains in place of a long one.
template <class R, std::size_t N>
R polynomial(R x, const std::array<double, N>& c) {
    R square = x * x;
    return fma(horner<1, 2>(square, c), x, horner<0, 2>(square, c));
}

/// 2^(biased - 1023), for 0 < biased < 2047 in every lane.
template <int W>
Lanes<W> power_of_two(Words<W> biased) {
    return as_lanes(biased << 52);
}

/// Adding this rounds |x| < 2^51 to the nearest integer (ties to even), which then stands in the low bits, two's
/// complement.
inline constexpr double rounder = 0x1.8p52;

/// The integer nearest to a b, as a number and, modulo 2^51, as a word.
template <int W>
struct Rounded {
    Lanes<W> value;
    Words<W> word;
};
template <int W>
Rounded<W> round_product(Lanes<W> a, Lanes<W> b) {
    Lanes<W> t = fma(a, b, Lanes<W>(rounder));
    return {t - Lanes<W>(rounder), as_words(t) - as_words(Lanes<W>(rounder))};
}

/// x with every NaN replaced by the canonical one.
template <int W>
Lanes<W> canonical(Lanes<W> x) {
    return select(x == x, x, Lanes<W>(not_a_number));
}

/// x >= 0 or NaN, with the sign of y.
template <int W>
Lanes<W> with_sign(Lanes<W> x, Lanes<W> y) {
    return as_lanes(as_words(x) | (as_words(y) & Words<W>(0x8000000000000000ULL)));
}

}  // namespace elementary::detail
}  // namespace foldback::inline FOLDBACK_ISA
