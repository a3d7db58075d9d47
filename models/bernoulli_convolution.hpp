#pragma once
#include <algorithm>
#include <cmath>

#include "models/laws/scalar_affine.hpp"
#include "sim/model.hpp"
#include "sim/random_map.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// x -> lambda x + (1 - lambda) s, s = +1 or -1, fair: the Bernoulli convolution. Stationary mean 0, variance
/// (1 - lambda)/(1 + lambda), on [-1, 1] for lambda >= 0; Uniform(-1, 1) at lambda = 1/2.
struct BernoulliConvolution : ScalarAffineMap {
    static constexpr const char* kind = "bernoulli_convolution";
    static constexpr const char* summary =
        "x -> lambda x + (1 - lambda) s with a fair sign s; Uniform(-1, 1) at lambda = 1/2";
    static constexpr const char* example = "[model]\nkind   = \"bernoulli_convolution\"\nlambda = 0.5\n";
    static constexpr Bits bits = Bits::portable;

    double lambda;

    static BernoulliConvolution from(Settings& table) { return {{}, table.number("lambda", Range::open(-1, 1))}; }
    std::vector<NamedArray> parameters() const { return {{"lambda", {}, {lambda}}}; }

    Consumption consumption() const { return {.coins = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(lambda), w.coin(R(1 - lambda))};
    }

    Truth truth() const;
};

inline Truth BernoulliConvolution::truth() const {
    const double a = std::abs(lambda), shift = 1 - lambda;
    Truth t;
    add_constant_lipschitz(t, a);
    if (a > 0) t.lyapunov = t.chi;
    t.displacement = [this_shift = shift](std::span<const double> x, double p) -> std::optional<Fact> {
        // f(x) - x = -(1 - lambda) (x -+ 1)
        const double up = this_shift * std::abs(1 - x[0]), down = this_shift * std::abs(1 + x[0]);
        if (std::isinf(p)) return Fact{std::max(up, down)};
        return Fact{std::pow((std::pow(up, p) + std::pow(down, p)) / 2, 1 / p)};
    };
    t.affine = AffineLaw{{lambda},
                         {0},
                         {shift * shift},
                         [l2 = lambda * lambda](std::span<const double> s) { return std::vector<double>{l2 * s[0]}; },
                         [](std::span<const double>) { return std::vector<double>{0}; }};
    t.mean = {0};
    t.covariance = {(1 - lambda) / (1 + lambda)};
    t.atoms = true;
    if (lambda == 0.5)
        t.marginals = {{"Uniform(-1, 1)", [](double x) { return std::clamp((x + 1) / 2, 0.0, 1.0); },
                        [](double x) { return x > -1 && x < 1 ? 0.5 : 0.0; }, [](double u) { return 2 * u - 1; }}};
    return t;
}

}  // namespace foldback
