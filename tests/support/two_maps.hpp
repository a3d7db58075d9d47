#pragma once
#include <cmath>

#include "sim/random_map.hpp"
#include "sim/truth.hpp"

namespace foldback::test {

/// x -> a x + b, (a, b) = (0.2, 5) with probability 0.3, else (0.95, 0): the counter-example of theory.md,
/// `exact-sampling`. Lipschitz constants are random, rho_1 = 0.725.
struct TwoMaps {
    double a0 = 0.2, b0 = 5, probability = 0.3, a1 = 0.95, b1 = 0;

    template <class R>
    struct Parameter {
        R a, b;
    };
    Consumption consumption() const { return {.uniforms = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const auto first = w.uniform() < R(probability);
        return {select(first, R(a0), R(a1)), select(first, R(b0), R(b1))};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = p.a * x + p.b;
    }
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return abs(p.a);
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
        c.shift = c.slope * p.b + c.shift;
        c.slope = c.slope * p.a;
    }
    template <class R>
    void evaluate(const Composition<R>& c, R& x) const {
        x = c.slope * x + c.shift;
    }

    double mean_of(double at0, double at1) const { return probability * at0 + (1 - probability) * at1; }

    Truth truth() const {
        Truth t;
        const TwoMaps f = *this;
        t.lipschitz_moment = [f](double p) -> std::optional<Fact> {
            return Fact{f.mean_of(std::pow(std::abs(f.a0), p), std::pow(std::abs(f.a1), p))};
        };
        t.lipschitz_sure = Fact{std::max(std::abs(a0), std::abs(a1))};
        const double l0 = std::log(std::abs(a0)), l1 = std::log(std::abs(a1)), chi = mean_of(l0, l1);
        t.chi = t.lyapunov = Fact{chi};
        t.log_lipschitz_variance = Fact{mean_of((l0 - chi) * (l0 - chi), (l1 - chi) * (l1 - chi))};
        t.displacement = [f](std::span<const double> x, double p) -> std::optional<Fact> {
            const double d0 = std::abs((f.a0 - 1) * x[0] + f.b0), d1 = std::abs((f.a1 - 1) * x[0] + f.b1);
            if (std::isinf(p)) return Fact{std::max(d0, d1)};
            return Fact{std::pow(f.mean_of(std::pow(d0, p), std::pow(d1, p)), 1 / p)};
        };
        const double a = mean_of(a0, a1), b = mean_of(b0, b1), ab = mean_of(a0 * b0, a1 * b1);
        const double aa = mean_of(a0 * a0, a1 * a1), bb = mean_of(b0 * b0, b1 * b1), mean = b / (1 - a);
        t.affine = AffineLaw{{a},
                             {b},
                             {bb},
                             [aa](std::span<const double> s) { return std::vector<double>{aa * s[0]}; },
                             [ab](std::span<const double> m) { return std::vector<double>{ab * m[0]}; }};
        t.mean = {mean};
        if (aa < 1) t.covariance = {(2 * ab * mean + bb) / (1 - aa) - mean * mean};
        t.atoms = true;
        return t;
    }
};

}  // namespace foldback::test
