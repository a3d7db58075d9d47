#pragma once
#include "models/laws/marginals.hpp"
#include "models/laws/quadrature.hpp"
#include "models/laws/scalar_affine.hpp"
#include "models/laws/start.hpp"
#include "sim/elementary.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// On [0, inf): x -> V (x + E), V = U^(1/a) ~ Beta(a, 1), E ~ Exp(1). Stationary law Gamma(a, 1).
struct GammaPerpetuity : ScalarAffineMap {
    static constexpr const char* kind = "gamma_perpetuity";
    static constexpr const char* summary = "x -> V (x + E) on [0, inf), V ~ Beta(a, 1), E ~ Exp(1); Gamma(a, 1)";
    static constexpr const char* example = "[model]\nkind = \"gamma_perpetuity\"\na    = 2.5\n";
    static constexpr Bits bits = Bits::portable;

    double a;

    static GammaPerpetuity from(Settings& table) { return {{}, table.number("a", Range::positive())}; }
    std::vector<NamedArray> parameters() const { return {{"a", {}, {a}}}; }
    void check_start(std::span<const double> x) const { require_start(x, 0, infinity, "[0, inf)"); }

    Consumption consumption() const { return {.uniforms = 2}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R v = elementary::pow(w.uniform(), R(1 / a));
        return {v, v * w.exponential()};
    }

    Truth truth() const;
};

inline Truth GammaPerpetuity::truth() const {
    Truth t;
    add_power_of_uniform(t, a);
    const double v = a / (a + 1), vv = a / (a + 2);
    t.displacement = [a = a, v, vv](std::span<const double> start, double p) -> std::optional<Fact> {
        const double x = start[0];
        if (p == 2) return Fact{std::sqrt(vv * (x * x + 2 * x + 2) - 2 * x * v * (x + 1) + x * x)};
        if (p != 1) return std::nullopt;
        // Given E: E|V y - x| = v y - x + 2 x (x/y)^a / (a + 1), y = x + E.
        const double tail =
            x == 0 ? 0 : integrate([=](double e) { return std::exp(-e + a * std::log(x / (x + e))); }, 0, infinity);
        return Fact{v * (x + 1) - x + 2 * x * tail / (a + 1)};
    };
    add_affine_law(t, scalar_affine_law(v, vv, v, 2 * vv, vv));
    t.marginals = {gamma_law(a)};
    return t;
}

}  // namespace foldback
