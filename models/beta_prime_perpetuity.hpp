#pragma once
#include "models/laws/beta_prime_moments.hpp"
#include "models/laws/marginals.hpp"
#include "models/laws/scalar_affine.hpp"
#include "models/laws/start.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// On [0, inf): x -> A (1 + x), A ~ BetaPrime(p, q). Stationary law BetaPrime(p, q - p) if q > p (Chamayou and Letac,
/// J. Theoret. Probab. 4, 1991), with tail index q - p; none otherwise.
struct BetaPrimePerpetuity : ScalarAffineMap {
    static constexpr const char* kind = "beta_prime_perpetuity";
    static constexpr const char* summary =
        "x -> A (1 + x) on [0, inf), A ~ BetaPrime(p, q); BetaPrime(p, q - p), tail index q - p";
    static constexpr const char* example = "[model]\nkind = \"beta_prime_perpetuity\"\np    = 1.5\nq    = 4.0\n";
    static constexpr Bits bits = Bits::portable;

    double p, q;

    static BetaPrimePerpetuity from(Settings& table) {
        const double p = table.number("p", Range::closed(1e-3, 1e6));
        return {{}, p, table.number("q", Range::closed(1e-3, 1e6))};
    }
    std::vector<NamedArray> parameters() const { return {{"p", {}, {p}}, {"q", {}, {q}}}; }
    void check_start(std::span<const double> x) const { require_start(x, 0, infinity, "[0, inf)"); }

    Consumption consumption() const { return {}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R a = w.general([this](auto& stream) { return beta_prime(stream, p, q); });
        return {a, a};
    }

    Truth truth() const;
};

inline Truth BetaPrimePerpetuity::truth() const {
    Truth t;
    const BetaPrimeMoments a(p, q);
    t.lipschitz_moment = [a](double r) -> std::optional<Fact> { return Fact{a.moment(r)}; };
    t.chi = t.lyapunov = Fact{a.log_mean()};
    t.log_lipschitz_variance = Fact{a.log_variance()};
    t.displacement = [a](std::span<const double> start, double r) -> std::optional<Fact> {
        const double x = start[0], y = 1 + x;  // f(x) - x = A y - x
        if (r == 1) return Fact{y * a.moment(1) - x + 2 * y * a.shortfall(x / y)};
        if (r == 2) return Fact{std::sqrt(y * y * a.moment(2) - 2 * x * y * a.moment(1) + x * x)};
        return std::nullopt;
    };
    if (q > 2) add_affine_law(t, scalar_affine_law(a.moment(1), a.moment(2), a.moment(1), a.moment(2), a.moment(2)));
    if (q <= p) {
        t.note = "q <= p: E log A >= 0, no stationary law";
        return t;
    }
    t.tail_index = Fact{q - p};
    t.marginals = {beta_prime_law(p, q - p)};
    if (q - p > 1) t.mean = {p / (q - p - 1)};
    if (q - p > 2) t.covariance = {p * (q - 1) / ((q - p - 2) * (q - p - 1) * (q - p - 1))};
    return t;
}

}  // namespace foldback
