#pragma once
#include <algorithm>

#include "models/laws/marginals.hpp"
#include "models/laws/scalar_affine.hpp"
#include "models/laws/start.hpp"
#include "sim/elementary.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// On [0, inf): x -> U^(1/theta) (1 + x). Stationary: the generalized Dickman law, mean theta, variance theta / 2
/// (Vervaat, Adv. Appl. Prob. 11, 1979).
struct Dickman : ScalarAffineMap {
    static constexpr const char* kind = "dickman";
    static constexpr const char* summary = "x -> U^(1/theta) (1 + x) on [0, inf); the generalized Dickman law";
    static constexpr const char* example = "[model]\nkind  = \"dickman\"\ntheta = 1.0\n";
    static constexpr Bits bits = Bits::portable;

    double theta;

    static Dickman from(Settings& table) { return {{}, table.number("theta", Range::positive())}; }
    std::vector<NamedArray> parameters() const { return {{"theta", {}, {theta}}}; }
    void check_start(std::span<const double> x) const { require_start(x, 0, infinity, "[0, inf)"); }

    Consumption consumption() const { return {.uniforms = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R v = elementary::pow(w.uniform(), R(1 / theta));
        return {v, v};
    }

    Truth truth() const;
};

inline Truth Dickman::truth() const {
    Truth t;
    add_power_of_uniform(t, theta);
    const double v = theta / (theta + 1), vv = theta / (theta + 2);
    t.displacement = [th = theta, v, vv](std::span<const double> start, double p) -> std::optional<Fact> {
        const double x = start[0], y = 1 + x;  // f(x) - x = V y - x
        if (p == 2) return Fact{std::sqrt(vv * y * y - 2 * x * v * y + x * x)};
        if (p == 1) return Fact{v * y - x + 2 * x * std::pow(x / y, th) / (th + 1)};
        if (std::isinf(p)) return Fact{std::max(x, 1.0)};
        return std::nullopt;
    };
    add_affine_law(t, scalar_affine_law(v, vv, v, vv, vv));
    t.marginals = {dickman_law(theta)};
    return t;
}

}  // namespace foldback
