#pragma once
#include <algorithm>

#include "models/laws/marginals.hpp"
#include "models/laws/scalar_affine.hpp"
#include "models/laws/start.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// On [0, 1]: x -> U x with probability p, else x + U (1 - x), U uniform: a jump of uniform length towards 0 or 1.
/// Stationary law Beta(1 - p, p), the arcsine law at p = 1/2 (Diaconis and Freedman, SIAM Review 41, 1999).
struct UnitInterval : ScalarAffineMap {
    static constexpr const char* kind = "unit_interval";
    static constexpr const char* summary = "on [0, 1]: x -> U x with probability p, else x + U (1 - x); Beta(1 - p, p)";
    static constexpr const char* example = "[model]\nkind = \"unit_interval\"\np    = 0.5\n";
    static constexpr Bits bits = Bits::portable;

    double p;

    static UnitInterval from(Settings& table) { return {{}, table.number("p", Range::open(0, 1))}; }
    std::vector<NamedArray> parameters() const { return {{"p", {}, {p}}}; }
    void check_start(std::span<const double> x) const { require_start(x, 0, 1, "[0, 1]"); }

    Consumption consumption() const { return {.uniforms = 2}; }
    /// 1 - U is exact, so that no rounding leaves [0, 1].
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R u = w.uniform();
        const auto down = w.uniform() < R(p);
        return {select(down, u, R(1.0) - u), select(down, R(0.0), u)};
    }

    Truth truth() const;
};

inline Truth UnitInterval::truth() const {
    Truth t;
    add_power_of_uniform(t, 1);  // the slope is U or 1 - U
    t.displacement = [p = p](std::span<const double> x, double q) -> std::optional<Fact> {
        // |f(x) - x| = (1 - U) x or U (1 - x)
        if (std::isinf(q)) return Fact{std::max(x[0], 1 - x[0])};
        return Fact{std::pow((p * std::pow(x[0], q) + (1 - p) * std::pow(1 - x[0], q)) / (q + 1), 1 / q)};
    };
    add_affine_law(t, scalar_affine_law(1. / 2, 1. / 3, (1 - p) / 2, (1 - p) / 3, (1 - p) / 6));
    t.marginals = {beta_law(1 - p, p)};
    if (p < 0.2)
        t.note = "for small p the law has mass closer to 1 than doubles are: mirror the model (p -> 1 - p) there";
    return t;
}

}  // namespace foldback
