#pragma once
#include <algorithm>

#include "models/laws/marginals.hpp"
#include "models/laws/scalar_affine.hpp"
#include "models/laws/start.hpp"
#include "sim/elementary.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// On [0, 1]: x -> (1 - V) x + V xi, V ~ Beta(1, alpha), xi ~ Bernoulli(p). Stationary law Beta(alpha p, alpha (1 - p))
/// (Sethuraman, Statistica Sinica 4, 1994: the Dirichlet process on two points).
struct Sethuraman : ScalarAffineMap {
    static constexpr const char* kind = "sethuraman";
    static constexpr const char* summary =
        "on [0, 1]: x -> (1 - V) x + V xi, V ~ Beta(1, alpha), xi ~ Bernoulli(p); Beta(alpha p, alpha (1 - p))";
    static constexpr const char* example = "[model]\nkind  = \"sethuraman\"\nalpha = 2.0\np     = 0.3\n";
    static constexpr Bits bits = Bits::portable;

    double alpha, p;

    static Sethuraman from(Settings& table) {
        const double alpha = table.number("alpha", Range::positive());
        return {{}, alpha, table.number("p", Range::open(0, 1))};
    }
    std::vector<NamedArray> parameters() const { return {{"alpha", {}, {alpha}}, {"p", {}, {p}}}; }
    void check_start(std::span<const double> x) const { require_start(x, 0, 1, "[0, 1]"); }

    Consumption consumption() const { return {.uniforms = 2}; }
    /// 1 - V = U^(1/alpha) near 0 and V = -expm1(log(U) / alpha) near 0, each to full relative precision.
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R exponent = elementary::log(w.uniform()) / R(alpha);
        const auto up = w.uniform() < R(p);
        return {elementary::exp(exponent), select(up, -elementary::expm1(exponent), R(0.0))};
    }
    /// slope + shift may round to just above 1.
    bool keeps_non_finite() const { return false; }  // what is outside [0, 1] is brought back
    template <class P, class R>
    void apply(const P& q, R& x) const {
        x = smaller(q.slope * x + q.shift, R(1.0));
    }

    Truth truth() const;
};

inline Truth Sethuraman::truth() const {
    Truth t;
    add_power_of_uniform(t, alpha);
    t.displacement = [al = alpha, p = p](std::span<const double> x, double q) -> std::optional<Fact> {
        // |f(x) - x| = V |xi - x|
        if (std::isinf(q)) return Fact{std::max(x[0], 1 - x[0])};
        const double v = std::exp(std::lgamma(1 + q) + std::lgamma(1 + al) - std::lgamma(1 + al + q));
        return Fact{std::pow(v * (p * std::pow(1 - x[0], q) + (1 - p) * std::pow(x[0], q)), 1 / q)};
    };
    const double v = 1 / (1 + alpha), vv = 2 / ((1 + alpha) * (2 + alpha));
    add_affine_law(t, scalar_affine_law(1 - v, alpha / (alpha + 2), p * v, p * vv, p * (v - vv)));
    t.marginals = {beta_law(alpha * p, alpha * (1 - p))};
    if (alpha * (1 - p) < 0.2)
        t.note = "the law has mass closer to 1 than doubles are: mirror the model (p -> 1 - p) there";
    return t;
}

}  // namespace foldback
