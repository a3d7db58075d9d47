#pragma once
#include "models/laws/named_law.hpp"
#include "models/laws/start.hpp"
#include "sim/random_map.hpp"

namespace foldback {

/// On [0, inf): x -> |theta - x|, theta from a named law on [0, inf). Every map is an isometry but for one fold, so
/// nothing contracts, and yet F_n converges in law: stationary density (1 - F(x)) / E theta, F the law of theta (Feller
/// II, VI.11); Exp(1) again for theta ~ Exp(1). B_n need not converge on any path. A model to see claims not apply.
struct AbsoluteDifference {
    static constexpr const char* kind = "absolute_difference";
    static constexpr const char* summary =
        "x -> |theta - x| on [0, inf), theta from a named law: isometric, yet stationary";
    static constexpr const char* example =
        "[model]\nkind  = \"absolute_difference\"\ntheta = { distribution = \"exponential\", scale = 1.0 }\n";

    NamedLaw theta;

    static AbsoluteDifference from(Settings& table);
    Bits bits() const { return theta.bits(); }
    std::vector<NamedArray> parameters() const { return theta.parameters("theta"); }
    void check_start(std::span<const double> x) const { require_start(x, 0, infinity, "[0, inf)"); }

    template <class R>
    struct Parameter {
        R theta;
    };
    Consumption consumption() const { return theta.consumption({}); }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {theta.draw(w)};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = abs(p.theta - x);
    }

    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(1.0);
    }

    Truth truth() const;
};

inline AbsoluteDifference AbsoluteDifference::from(Settings& table) {
    using Kind = NamedLaw::Kind;
    const NamedLaw law = NamedLaw::from(table.table("theta"), {Kind::exponential, Kind::uniform, Kind::lognormal,
                                                               Kind::gamma, Kind::weibull, Kind::beta});
    if (law.lower() < 0)
        throw table.wrong("theta", "is a law with negative values",
                          "it must be one on [0, inf), such as lower = 0 for uniform");
    return {law};
}

inline Truth AbsoluteDifference::truth() const {
    Truth t;
    t.lipschitz_moment = [](double) -> std::optional<Fact> { return Fact{1}; };
    t.lipschitz_sure = Fact{1};
    t.chi = t.log_lipschitz_variance = Fact{0};
    t.displacement = [law = theta](std::span<const double> start, double p) -> std::optional<Fact> {
        const double x = start[0];
        const auto moved = [=](double y) { return std::abs(std::abs(y - x) - x); };
        // |theta - x| - x: decreasing from 0 on [0, x], increasing beyond.
        if (std::isinf(p))
            return Fact{std::fmax(std::fmax(moved(law.lower()), moved(law.upper())),
                                  law.upper() < x || law.lower() > x ? 0 : x)};
        return Fact{std::pow(law.expectation([=](double y) { return std::pow(moved(y), p); }, {x, 2 * x}), 1 / p)};
    };
    const double m = theta.mean(), second = theta.second_moment() / (2 * m), third = theta.absolute_moment(3) / (3 * m);
    t.mean = {second};
    t.covariance = {third - second * second};
    t.marginals = {{"(1 - F(x)) / E theta",
                    [law = theta, m](double x) {
                        if (x <= 0 || std::isinf(x)) return x > 0 ? 1.0 : 0.0;
                        return (x * (1 - law.cdf(x)) + law.partial_mean(x)) / m;
                    },
                    [law = theta, m](double x) { return x < 0 ? 0 : (1 - law.cdf(x)) / m; },
                    {}}};
    return t;
}

}  // namespace foldback
