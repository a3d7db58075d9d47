#pragma once
#include <cstddef>
#include <type_traits>

#include "sim/elementary_exp_log.hpp"
#include "sim/elementary_trig.hpp"
#include "sim/lanes.hpp"

// Dual numbers: the scalar type that turns the text of a model into its derivative. sim/elementary.hpp includes this
// header because a qualified call elementary::sin(x) in a template finds only what was declared before it.
namespace foldback::inline FOLDBACK_ISA {

/// A number and its derivatives along D directions, over R = double or Lanes<W> (forward mode). `value` has the same
/// bits as the same text over R. Comparisons see values only: at a kink the derivative is that of the branch taken, and
/// 0 for abs at 0. A direction in which an operand does not vary stays 0 even where the derivative is infinite.
template <class R, int D>
struct Dual {
    R value;
    R slope[std::size_t(D)];

    Dual() = default;
    /// A constant.
    Dual(double x) : value(x) {
        set_slopes([](int) { return R(0.0); });
    }
    Dual(const R& x) requires(!std::is_same_v<R, double>) : value(x) {
        set_slopes([](int) { return R(0.0); });
    }

    /// x as the variable of one direction.
    static Dual variable(const R& x, int direction) {
        Dual r(x);
        r.slope[direction] = R(1.0);
        return r;
    }

    /// g(x) with derivative `derivative` at x = *this.
    Dual chained(const R& g, const R& derivative) const {
        return with_slopes(g, [&](int i) { return times(slope[i], derivative); });
    }
    /// g(a, b) with partial derivatives by_a and by_b.
    static Dual chained(const R& g, const Dual& a, const R& by_a, const Dual& b, const R& by_b) {
        return with_slopes(g, [&](int i) { return times(a.slope[i], by_a) + times(b.slope[i], by_b); });
    }

    friend Dual operator+(const Dual& a, const Dual& b) {
        return with_slopes(a.value + b.value, [&](int i) { return a.slope[i] + b.slope[i]; });
    }
    friend Dual operator-(const Dual& a, const Dual& b) {
        return with_slopes(a.value - b.value, [&](int i) { return a.slope[i] - b.slope[i]; });
    }
    friend Dual operator-(const Dual& a) {
        return with_slopes(-a.value, [&](int i) { return -a.slope[i]; });
    }
    friend Dual operator*(const Dual& a, const Dual& b) { return chained(a.value * b.value, a, b.value, b, a.value); }
    friend Dual operator/(const Dual& a, const Dual& b) {
        const R quotient = a.value / b.value;
        return chained(quotient, a, R(1.0) / b.value, b, -quotient / b.value);
    }
    Dual& operator+=(const Dual& b) { return *this = *this + b; }
    Dual& operator-=(const Dual& b) { return *this = *this - b; }
    Dual& operator*=(const Dual& b) { return *this = *this * b; }
    Dual& operator/=(const Dual& b) { return *this = *this / b; }

    friend auto operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
    friend auto operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
    friend auto operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
    friend auto operator>=(const Dual& a, const Dual& b) { return a.value >= b.value; }
    friend auto operator==(const Dual& a, const Dual& b) { return a.value == b.value; }
    friend auto operator!=(const Dual& a, const Dual& b) { return a.value != b.value; }

    // Friends and not templates, so that a drawn parameter, which is an R, may stand beside a Dual.
    using Truth = decltype(R(0.0) < R(0.0));
    friend Dual select(Truth m, const Dual& a, const Dual& b) {
        return with_slopes(select(m, a.value, b.value), [&](int i) { return select(m, a.slope[i], b.slope[i]); });
    }
    friend Dual abs(const Dual& a) {
        const R zero(0.0), up = select(a.value > zero, R(1.0), zero), down = select(a.value < zero, R(1.0), zero);
        return a.chained(abs(a.value), up - down);
    }
    friend Dual fma(const Dual& a, const Dual& b, const Dual& c) {
        const R sum = fma(a.value, b.value, c.value);
        return with_slopes(sum,
                           [&](int i) { return times(a.slope[i], b.value) + times(b.slope[i], a.value) + c.slope[i]; });
    }
    friend Dual sqrt(const Dual& a) {
        const R root = sqrt(a.value);
        return a.chained(root, R(0.5) / root);
    }

  private:
    template <class F>
    void set_slopes(F f) {
        for (int i = 0; i < D; ++i) slope[i] = f(i);
    }
    template <class F>
    static Dual with_slopes(const R& value, F f) {
        Dual r;
        r.value = value;
        r.set_slopes(f);
        return r;
    }
    // No variation times an infinite derivative is no variation.
    static R times(const R& slope, const R& derivative) { return select(slope == R(0.0), R(0.0), slope * derivative); }
};

template <class X>
inline constexpr bool is_dual = false;
template <class R, int D>
inline constexpr bool is_dual<Dual<R, D>> = true;

template <class R, int D>
inline constexpr int width<Dual<R, D>> = width<R>;

namespace elementary {

template <class R, int D>
Dual<R, D> exp(const Dual<R, D>& x) {
    const R r = exp(x.value);
    return x.chained(r, r);
}
template <class R, int D>
Dual<R, D> expm1(const Dual<R, D>& x) {
    return x.chained(expm1(x.value), exp(x.value));
}
template <class R, int D>
Dual<R, D> log(const Dual<R, D>& x) {
    return x.chained(log(x.value), R(1.0) / x.value);
}
template <class R, int D>
Dual<R, D> log1p(const Dual<R, D>& x) {
    return x.chained(log1p(x.value), R(1.0) / (R(1.0) + x.value));
}
template <class R, int D>
Dual<R, D> tanh(const Dual<R, D>& x) {
    const R r = tanh(x.value);
    return x.chained(r, (R(1.0) - r) * (R(1.0) + r));
}
template <class R, int D>
Dual<R, D> pow(const Dual<R, D>& x, const Dual<R, D>& y) {
    const R r = pow(x.value, y.value);
    return Dual<R, D>::chained(r, x, y.value * pow(x.value, y.value - R(1.0)), y, r * log(x.value));
}
template <class R, int D>
Dual<R, D> pow(const Dual<R, D>& x, const std::type_identity_t<Dual<R, D>>& y) {
    return pow<R, D>(x, y);
}
template <class R, int D>
Dual<R, D> pow(const std::type_identity_t<Dual<R, D>>& x, const Dual<R, D>& y) {
    return pow<R, D>(x, y);
}

template <class R, int D>
SinCos<Dual<R, D>> sincos(const Dual<R, D>& x) {
    const auto [sine, cosine] = sincos(x.value);
    return {x.chained(sine, cosine), x.chained(cosine, -sine)};
}
template <class R, int D>
Dual<R, D> sin(const Dual<R, D>& x) {
    return x.chained(sin(x.value), sincos(x.value).cos);
}
template <class R, int D>
Dual<R, D> cos(const Dual<R, D>& x) {
    return sincos(x).cos;
}
template <class R, int D>
SinCos<Dual<R, D>> sincos_turns(const Dual<R, D>& u) {
    const R turn(0x1.921fb54442d18p+2);  // 2 pi
    const auto [sine, cosine] = sincos_turns(u.value);
    return {u.chained(sine, turn * cosine), u.chained(cosine, -turn * sine)};
}
template <class R, int D>
Dual<R, D> atan(const Dual<R, D>& x) {
    return x.chained(atan(x.value), R(1.0) / fma(x.value, x.value, R(1.0)));
}

}  // namespace elementary
}  // namespace foldback::inline FOLDBACK_ISA
