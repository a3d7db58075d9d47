#include <doctest/doctest.h>

#include "analysis/claims/law_modulus.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Ensemble line(std::size_t replicas) {
    Ensemble e;
    e.seed = 101;
    e.replicas = replicas;
    e.starts = {{1}};
    e.steps = {1, 50};
    return e;
}

std::optional<std::string> note_with(const ClaimResult& r, const std::string& words) {
    for (const auto& n : r.notes)
        if (n.find(words) != std::string::npos) return n;
    return std::nullopt;
}

/// x -> U x with probability q, else x + U (1 - x): Beta(1 - q, q).
struct BetaWalk {
    double q = 0.05;
    template <class R>
    struct Parameter {
        R slope, shift;
    };
    Consumption consumption() const { return {.uniforms = 2}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R u = w.uniform();
        const auto down = w.uniform() < R(q);
        return {select(down, u, R(1.0) - u), select(down, R(0.0), u)};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = p.slope * x + p.shift;
    }
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return p.slope;
    }
    Truth truth() const {
        Truth t;
        t.lipschitz_moment = [](double p) -> std::optional<Fact> { return Fact{1 / (p + 1)}; };
        t.displacement = [](std::span<const double>, double) -> std::optional<Fact> { return Fact{1, Label::bound}; };
        t.log_lipschitz_variance = Fact{1};
        if (q == 0.5)
            t.marginals = {{"arcsine",
                            [](double x) { return 2 / M_PI * std::asin(std::sqrt(std::clamp(x, 0.0, 1.0))); },
                            {},
                            {},
                            infinity}};
        // The law near 1 is all that matters here: 1 - F(x) ~ (1 - x)^q.
        else
            t.marginals = {{"near 1",
                            [q = q](double x) { return x >= 1 ? 1.0 : 1 - std::pow(1 - std::max(x, 0.0), q); },
                            {},
                            {},
                            infinity}};
        return t;
    }
};

}  // namespace

TEST_CASE("claim exact-law: consistent, Kolmogorov-Smirnov and Anderson-Darling, both orders") {
    const auto r = judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, line(30'000)));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.tests == 4);
    for (const Cell& cell : r.cells) CHECK(cell.verdict == Verdict::consistent);
    CHECK(r.plan.axis_values == std::vector<double>{50});
    CHECK(judge("exact-law", simulate(BetaWalk{0.5}, line(30'000))).overall == Verdict::consistent);
}

TEST_CASE("claim exact-law: the uniform Bernoulli convolution, whose states have atoms at finite n") {
    const auto r = judge("exact-law", simulate(BernoulliConvolution{{}, 0.5}, line(30'000)));
    CHECK(r.at(0, 0).verdict == Verdict::consistent);
    CHECK(r.overall == Verdict::consistent);
}

TEST_CASE("claim exact-law: violated by a parameter that is wrong by 5 per cent") {
    Ensemble e = line(30'000);
    e.assume = [](Setup& s) { s.truth.marginals = GaussianAr{0.5, 1.05, 3}.truth().marginals; };
    const auto r = judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e));
    CHECK(r.at(1, 0).verdict == Verdict::violated);  // Anderson-Darling sees scales
    e.assume = [](Setup& s) { s.truth.marginals = GaussianAr{0.5, 1, 3.03}.truth().marginals; };
    const auto shifted = judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e));
    CHECK(shifted.at(0, 0).verdict == Verdict::violated);
    CHECK(shifted.overall == Verdict::violated);
}

TEST_CASE("claim exact-law: a law that is known up to a point is judged up to it") {
    Ensemble e = line(30'000);
    e.assume = [](Setup& s) {
        const auto cdf = s.truth.marginals[0].cdf;
        s.truth.marginals[0].known_up_to = 6;
        s.truth.marginals[0].cdf = [cdf](double x) { return x <= 6 ? cdf(x) : std::nan(""); };
    };
    const auto r = judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e));
    CHECK(r.plan.cases.size() == 2);  // no Anderson-Darling
    CHECK(r.overall == Verdict::consistent);
    e.assume = [](Setup& s) {
        const auto cdf = GaussianAr{0.5, 1, 3.1}.truth().marginals[0].cdf;
        s.truth.marginals[0].known_up_to = 6;
        s.truth.marginals[0].cdf = [cdf](double x) { return x <= 6 ? cdf(x) : std::nan(""); };
    };
    CHECK(judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e)).overall == Verdict::violated);
}

TEST_CASE("claim exact-law: unresolved at small n, and where the limit's distance is not known") {
    Ensemble e = line(10'000);
    e.steps = {1, 4};
    const auto r = judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(note_with(r, "larger steps.last"));
    e = line(10'000);
    e.assume = [](Setup& s) { s.truth.lipschitz_moment = {}; };
    CHECK(note_with(judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e)), "no rho_p < 1"));
}

TEST_CASE("claim exact-law: mass that rounds to one number is refused") {
    Ensemble e = line(10'000);
    e.starts = {{0.5}};
    e.steps = {200};
    const auto r = judge("exact-law", simulate(BetaWalk{0.05}, e));
    CHECK(r.at(0, 0).verdict == Verdict::unresolved);
    CHECK(note_with(r, "mirrored coordinate"));
    CHECK(note_with(r, "rounds to 0 or 1"));
}

TEST_CASE("claim exact-law: needs a law") {
    CHECK(judge("exact-law", simulate(Sine{0.5, 1}, line(100))).plan.failed_assumption ==
          "the stationary law of this model is not known in closed form");
}

TEST_CASE("law modulus: a uniform law over a sure radius") {
    Setup s = setup_of(BernoulliConvolution{{}, 0.5}, line(1));
    s.steps = {10};
    // Radius 2^-10 * 2 about each point, density 1/2: 2 * 2^-9 / 2 = 2^-9.
    CHECK(claims::distance_to_limit(s, 0, s.truth.marginals[0], {-0.5, 0.0, 0.5}) == doctest::Approx(0x1p-9));
    s.truth.lipschitz_sure.reset();  // then by Markov's inequality from the moments: coarser
    const double coarse = claims::distance_to_limit(s, 0, s.truth.marginals[0], {-0.5, 0.0, 0.5});
    CHECK(coarse > 0x1p-9);
    CHECK(coarse < 0.1);
}

TEST_CASE("claim exact-law: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = line(300);
    e.steps = {60};
    int violated = 0;
    for (e.seed = 1; e.seed <= 200; ++e.seed)
        violated += judge("exact-law", simulate(GaussianAr{0.5, 1, 3}, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 19);  // 10 expected at most, 19 = 10 + 3 s.d.
}
