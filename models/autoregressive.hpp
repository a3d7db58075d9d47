#pragma once
#include "models/laws/marginals.hpp"
#include "models/laws/normal_moments.hpp"
#include "models/laws/scalar_affine.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// x -> a x + s N, N standard normal: AR(1). Stationary law Normal(0, s^2 / (1 - a^2)) for |a| < 1; none otherwise. The
/// vector form is vector_autoregressive.
struct Autoregressive : ScalarAffineMap {
    static constexpr const char* kind = "autoregressive";
    static constexpr const char* summary =
        "x -> a x + s N(0, 1), the AR(1) process; Normal(0, s^2 / (1 - a^2)) for |a| < 1";
    static constexpr const char* example = "[model]\nkind = \"autoregressive\"\na    = 0.9\ns    = 1.0\n";
    static constexpr Bits bits = Bits::portable;

    double a, s;

    static Autoregressive from(Settings& table) {
        const double a = table.number("a");
        return {{}, a, table.number("s", Range::non_negative())};
    }
    std::vector<NamedArray> parameters() const { return {{"a", {}, {a}}, {"s", {}, {s}}}; }

    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(a), R(s) * w.normal()};
    }

    Truth truth() const;
};

inline Truth Autoregressive::truth() const {
    const double l = std::abs(a);
    Truth t;
    add_constant_lipschitz(t, l);
    t.lyapunov = t.chi;
    t.displacement = [a = a, s = s](std::span<const double> x, double p) { return normal_norm((a - 1) * x[0], s, p); };
    add_affine_law(t, scalar_affine_law(a, a * a, 0, s * s, 0));
    t.atoms = s == 0;
    if (l < 1 && s > 0) t.marginals = {normal_law(0, s / std::sqrt((1 - l) * (1 + l)))};
    if (l >= 1) t.note = "|a| >= 1: no stationary law";
    return t;
}

}  // namespace foldback
