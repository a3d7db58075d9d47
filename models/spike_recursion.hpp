#pragma once
#include <cmath>

#include "models/kesten.hpp"
#include "models/laws/spike_borders.hpp"

namespace foldback {

/// w -> a w + b, a = 1 - eta_lambda (1 + delta xi), xi standard normal: SGD of step size eta on (lambda/2) w^2 whose
/// gradient is off by delta xi times itself. b is a fair coin's +-scale, or normal. The spikes that the factors throw
/// are recovered with finite variance, recovered with heavy tails, or not at all (theory.md, spike-phase).
struct SpikeRecursion : ScalarAffineMap {
    static constexpr const char* kind = "spike_recursion";
    static constexpr const char* summary =
        "w -> (1 - eta_lambda (1 + delta xi)) w + noise, xi normal: gradient noise in proportion to the error";
    static constexpr const char* example =
        "[model]\nkind = \"spike_recursion\"\n"
        "eta_lambda = 0.5\n"
        "delta      = 2.5\n"
        "noise      = { distribution = \"coin\", scale = 1.0 }\n";
    static constexpr Bits bits = Bits::portable;

    double eta_lambda, delta;
    bool coin;
    double scale;

    static SpikeRecursion from(Settings& table) {
        const double eta_lambda = table.number("eta_lambda", Range::positive());
        const double delta = spike_amplitude(table, eta_lambda);
        Settings noise = table.table("noise");
        const bool coin = noise.word("distribution", {"coin", "normal"}) == "coin";
        return {{}, eta_lambda, delta, coin, noise.number("scale", Range::positive())};
    }
    std::vector<NamedArray> parameters() const {
        return {{"eta_lambda", {}, {eta_lambda}},
                {"delta", {}, {delta}},
                {"noise_is_coin", {}, {double(coin)}},
                {"noise_scale", {}, {scale}}};
    }

    Consumption consumption() const { return {.coins = coin ? 1U : 0U, .normals = coin ? 1U : 2U}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R slope = fma(R(-eta_lambda * delta), w.normal(), R(1 - eta_lambda));
        return {slope, R(scale) * (coin ? w.coin() : w.normal())};
    }

    Truth truth() const;
};

inline Truth SpikeRecursion::truth() const {
    const double drift = eta_lambda, sd = eta_lambda * delta;
    Truth t = Kesten{{}, NamedLaw::normal(1 - drift, sd), NamedLaw::normal(0, scale)}.truth();
    t.atoms = coin;  // from the start 0, whose first image is the noise itself
    if (!coin) return t;
    t.displacement = [drift, sd, scale = scale](std::span<const double> start, double p) -> std::optional<Fact> {
        const double mean = drift * start[0], spread = sd * std::abs(start[0]);
        if (p == 1)
            return Fact{(mean_absolute_normal(mean + scale, spread) + mean_absolute_normal(mean - scale, spread)) / 2};
        if (p > 2) return std::nullopt;
        return Fact{std::hypot(mean, spread, scale), p == 2 ? Label::exact : Label::bound};  // D_p <= D_2 for p < 2
    };
    return t;
}

}  // namespace foldback
