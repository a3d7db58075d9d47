#pragma once
#include <cmath>

#include "models/laws/affine_moments.hpp"
#include "sim/random_map.hpp"

namespace foldback {

/// The part that all models x -> slope x + shift on the line share; a model derives from it and draws {slope, shift}.
struct ScalarAffineMap {
    template <class R>
    struct Parameter {
        R slope, shift;
    };
    bool keeps_non_finite() const { return true; }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = p.slope * x + p.shift;
    }

    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return abs(p.slope);
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
        c.slope = c.slope * p.slope;
    }
    template <class R>
    void evaluate(const Composition<R>& c, R& x) const {
        x = c.slope * x + c.shift;
    }
};

/// What follows from a Lipschitz constant l that is the same for every drawn map.
inline void add_constant_lipschitz(Truth& t, double l) {
    t.lipschitz_moment = [l](double p) -> std::optional<Fact> { return Fact{std::pow(l, p)}; };
    t.lipschitz_sure = Fact{l};
    t.chi = Fact{std::log(l)};
    t.log_lipschitz_variance = Fact{l == 0 ? infinity : 0};
}

/// What follows from L = U^(1/a), U uniform on (0, 1): E L^p = a/(a + p), -log L exponential of mean 1/a.
inline void add_power_of_uniform(Truth& t, double a) {
    t.lipschitz_moment = [a](double p) -> std::optional<Fact> { return Fact{a / (a + p)}; };
    t.lipschitz_sure = Fact{1};
    t.chi = t.lyapunov = Fact{-1 / a};
    t.log_lipschitz_variance = Fact{1 / (a * a)};
}

}  // namespace foldback
