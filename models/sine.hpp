#pragma once
#include <cmath>

#include "models/laws/normal_moments.hpp"
#include "models/laws/scalar_affine.hpp"
#include "sim/elementary.hpp"
#include "sim/model.hpp"
#include "sim/random_map.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// x -> a sin x + s N, N standard normal: not affine, Lipschitz constant |a|.
struct Sine {
    static constexpr const char* kind = "sine";
    static constexpr const char* summary = "x -> a sin x + s N(0, 1); contracts for |a| < 1";
    static constexpr const char* example = "[model]\nkind = \"sine\"\na    = 0.9\ns    = 0.5\n";
    static constexpr Bits bits = Bits::portable;

    double a, s;

    static Sine from(Settings& table) {
        return {table.number("a", Range::any()), table.number("s", Range::non_negative())};
    }
    std::vector<NamedArray> parameters() const { return {{"a", {}, {a}}, {"s", {}, {s}}}; }

    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(s) * w.normal()};
    }
    bool keeps_non_finite() const { return true; }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = R(a) * elementary::sin(x) + p.shift;
    }

    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(std::abs(a));
    }

    Truth truth() const {
        const double l = std::abs(a);
        Truth t;
        add_constant_lipschitz(t, l);
        t.displacement = [a = a, s = s](std::span<const double> x, double p) {
            return normal_norm(a * std::sin(x[0]) - x[0], s, p);
        };
        t.atoms = s == 0;
        return t;
    }
};

}  // namespace foldback
