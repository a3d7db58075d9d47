#pragma once
#include "models/laws/affine_moments.hpp"
#include "models/laws/named_law.hpp"
#include "models/laws/normal_moments.hpp"
#include "models/laws/scalar_affine.hpp"

namespace foldback {

/// x -> a x + b, a normal or log-normal, b normal or constant, independent: Kesten's recursion (Acta Math. 131, 1973),
/// the simplest source of heavy tails. E log|a| < 0 <= log E a^2: stationary, of infinite variance, tail index alpha
/// with E|a|^alpha = 1. E log|a| > 0 diverges, and may be run: divergence is a result.
struct Kesten : ScalarAffineMap {
    static constexpr const char* kind = "kesten";
    static constexpr const char* summary =
        "x -> a x + b, a normal or log-normal: heavy tails, index alpha with E|a|^alpha = 1";
    static constexpr const char* example =
        "[model]\nkind = \"kesten\"\n"
        "a    = { distribution = \"lognormal\", mu = -0.5, sigma = 0.8 }\n"
        "b    = { distribution = \"normal\", mean = 0.0, scale = 1.0 }\n";
    static constexpr Bits bits = Bits::portable;

    NamedLaw a, b;

    static Kesten from(Settings& table) {
        using Kind = NamedLaw::Kind;
        const NamedLaw a = NamedLaw::from(table.table("a"), {Kind::normal, Kind::lognormal});
        return {{}, a, NamedLaw::from(table.table("b"), {Kind::normal, Kind::constant})};
    }
    std::vector<NamedArray> parameters() const {
        std::vector<NamedArray> all = a.parameters("a");
        for (auto& named : b.parameters("b")) all.push_back(std::move(named));
        return all;
    }

    Consumption consumption() const { return b.consumption(a.consumption({})); }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R slope = a.draw(w);
        return {slope, b.draw(w)};
    }

    Truth truth() const;
};

inline Truth Kesten::truth() const {
    Truth t;
    t.lipschitz_moment = [a = a](double p) -> std::optional<Fact> { return Fact{a.absolute_moment(p)}; };
    t.chi = t.lyapunov = Fact{a.log_mean()};
    t.log_lipschitz_variance = Fact{a.log_variance()};
    t.displacement = [a = a, b = b](std::span<const double> start, double p) -> std::optional<Fact> {
        const double x = start[0], drift = (a.mean() - 1) * x + b.mean();
        const double sd = std::sqrt(a.variance() * x * x + b.variance());
        if (p == 1 && (x == 0 || a.kind() == NamedLaw::Kind::normal)) return Fact{mean_absolute_normal(drift, sd)};
        if (p > 2) return std::nullopt;
        return Fact{std::hypot(drift, sd), p == 2 ? Label::exact : Label::bound};  // D_p <= D_2 for p < 2
    };
    add_affine_law(t, scalar_affine_law(a.mean(), a.second_moment(), b.mean(), b.second_moment(), a.mean() * b.mean()));
    if (t.chi->value >= 0)
        t.note = "E log|a| >= 0: no stationary law, paths diverge or wander";
    else if (b.second_moment() > 0)
        if (const auto alpha = kesten_index([a = a](double p) { return a.absolute_moment(p); }))
            t.tail_index = Fact{*alpha};
    return t;
}

}  // namespace foldback
