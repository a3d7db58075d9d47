#pragma once
#include "models/laws/marginals.hpp"
#include "models/laws/normal_moments.hpp"
#include "models/laws/scalar_affine.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// x -> a x + s N, N standard normal: AR(1). Stationary law Normal(0, s^2 / (1 - a^2)) for |a| < 1; none otherwise. The
/// vector form is vector_autoregressive.
struct Autoregressive {
    static constexpr const char* kind = "autoregressive";
    static constexpr const char* summary =
        "x -> a x + s N(0, 1), the AR(1) process; Normal(0, s^2 / (1 - a^2)) for |a| < 1";
    static constexpr const char* example = "[model]\nkind = \"autoregressive\"\na    = 0.9\ns    = 1.0\n";
    static constexpr Bits bits = Bits::portable;

    double a, s;

    static Autoregressive from(Settings& table) {
        const double a = table.number("a");
        return {a, table.number("s", Range::non_negative())};
    }
    std::vector<NamedArray> parameters() const { return {{"a", {}, {a}}, {"s", {}, {s}}}; }

    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(s) * w.normal()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = R(a) * x + p.shift;
    }

    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(std::abs(a));
    }

    template <class R>
    struct Composition {
        R slope, shift;
    };
    template <class R>
    Composition<R> identity() const {
        return {R(1.0), R(0.0)};
    }
    template <class R>
    void compose(Composition<R>& c, const Parameter<R>& p) const {
        c.shift = c.slope * p.shift + c.shift;
        c.slope = c.slope * R(a);
    }
    template <class R>
    void evaluate(const Composition<R>& c, R& x) const {
        x = c.slope * x + c.shift;
    }

    Truth truth() const;
};

inline Truth Autoregressive::truth() const {
    const double l = std::abs(a);
    Truth t;
    t.lipschitz_moment = [l](double p) -> std::optional<Fact> { return Fact{std::pow(l, p)}; };
    t.lipschitz_sure = Fact{l};
    t.chi = t.lyapunov = Fact{std::log(l)};
    t.log_lipschitz_variance = Fact{a == 0 ? infinity : 0};
    t.displacement = [a = a, s = s](std::span<const double> x, double p) -> std::optional<Fact> {
        const double drift = (a - 1) * x[0];  // f(x) - x ~ N(drift, s^2)
        if (p == 2) return Fact{std::hypot(drift, s)};
        if (p == 1) return Fact{mean_absolute_normal(drift, s)};
        if (s == 0) return Fact{std::abs(drift)};
        return std::nullopt;
    };
    add_affine_law(t, scalar_affine_law(a, a * a, 0, s * s, 0));
    t.atoms = s == 0;
    if (l < 1 && s > 0) t.marginals = {normal_law(0, s / std::sqrt((1 - l) * (1 + l)))};
    if (l >= 1) t.note = "|a| >= 1: no stationary law";
    return t;
}

}  // namespace foldback
