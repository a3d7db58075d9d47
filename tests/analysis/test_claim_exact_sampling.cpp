#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/two_maps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "exact-sampling";

Ensemble stopped(double product, std::uint64_t seed = 20260403, std::size_t replicas = 20000) {
    return {.seed = seed,
            .replicas = replicas,
            .starts = {{0.0}},
            .steps = {1},
            .observables = false,
            .stop = Shape::Stop{product, 2000}};
}

}  // namespace

TEST_CASE("exact-sampling: stopped backward is the truth, stopped forward is not") {
    // theory.md: forward mean 5.956, backward 5.453, truth 5.455.
    const auto evidence = simulate(TwoMaps{}, stopped(1e-3, 20260403, 40000));
    const ClaimResult r = judge(id, evidence);
    CHECK(r.at(0, 0).verdict == Verdict::consistent);
    CHECK(r.overall != Verdict::violated);  // the radius alone takes 2 % of the variance
    REQUIRE(r.plan.cases == std::vector<std::string>{"mean, start 0", "variance, start 0"});
    CHECK(r.plan.tests == 2);
    CHECK(r.at(0, 0).bound == doctest::Approx(1.5 / 0.275));
    CHECK(r.at(0, 0).measured == doctest::Approx(5.455).epsilon(0.01));
    const double forward = moments(evidence.values({Quantity::stopped_state, Order::forward})).mean;
    CHECK(forward == doctest::Approx(5.956).epsilon(0.01));
    CHECK(r.finding.find("stopped forward mean 5.9") != std::string::npos);
    CHECK(r.finding.find("truth 5.455") != std::string::npos);
    CHECK(judge(id, simulate(TwoMaps{}, stopped(1e-5, 20260403, 40000))).overall == Verdict::consistent);
}

TEST_CASE("exact-sampling: the radius of sure constants holds where that of moments is unknown") {
    auto ensemble = stopped(1e-7);
    ensemble.assume = [](Setup& setup) {
        const auto displacement = setup.truth.displacement;
        setup.truth.displacement = [displacement](std::span<const double> x, double p) {
            return std::isinf(p) ? displacement(x, p) : std::nullopt;
        };
    };
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::consistent);
}

TEST_CASE("exact-sampling: the forward states would fail the same test") {
    // The negative control: the evidence with the orders exchanged.
    struct Exchanged final : Evidence {
        explicit Exchanged(const Evidence& e) : inner(e) {}
        const Evidence& inner;
        const Setup& setup() const override { return inner.setup(); }
        bool has(Quantity q, Order) const override { return inner.has(q, Order::forward); }
        std::vector<double> values(const Address& a) const override {
            Address b = a;
            b.order = Order::forward;
            return inner.values(b);
        }
        SampleMoments moments(Order o, std::size_t s, std::size_t k, std::size_t d) const override {
            return inner.moments(o, s, k, d);
        }
        std::uint64_t diverged(Order o, std::size_t s) const override { return inner.diverged(o, s); }
    };
    const auto evidence = simulate(TwoMaps{}, stopped(1e-3));
    CHECK(judge(id, Exchanged(evidence)).overall == Verdict::violated);
}

TEST_CASE("exact-sampling: the whole law, where it is known") {
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, stopped(1e-6)));
    CHECK(r.overall == Verdict::consistent);
    REQUIRE(r.plan.cases.size() == 3);
    CHECK(r.at(2, 0).measured < 0.02);
    // A truth moved by 5 % of its width, or known on a part only, at the same size.
    auto ensemble = stopped(1e-6);
    ensemble.assume = [](Setup& setup) {
        setup.truth.mean.clear();
        setup.truth.covariance.clear();
        setup.truth.marginals[0].cdf = [](double x) { return std::clamp((x + 1.1) / 2, 0.0, 1.0); };
    };
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).overall == Verdict::violated);
    ensemble.assume = [](Setup& setup) { setup.truth.marginals[0].known_up_to = -0.5; };
    const ClaimResult part = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(part.overall == Verdict::consistent);
    CHECK(part.at(2, 0).measured <= r.at(2, 0).measured);
}

TEST_CASE("exact-sampling: a coarse radius is no excuse, and no proof") {
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, stopped(0.3)));
    CHECK(r.overall == Verdict::inconclusive);
    CHECK(r.replicas_to_decide == infinity);
    const auto censored = [] {
        auto ensemble = stopped(1e-3);
        ensemble.stop->max_steps = 10;
        return judge(id, simulate(TwoMaps{}, ensemble));
    }();
    CHECK(censored.overall == Verdict::inconclusive);
    CHECK(censored.notes[0].find("replicas reached stop.max_steps = 10") != std::string::npos);
}

TEST_CASE("exact-sampling: what it needs") {
    auto ensemble = stopped(1e-3);
    ensemble.stop.reset();
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).plan.failed_assumption == "replicas are not stopped: needs [stop]");
    ensemble = stopped(1e-3);
    CHECK(judge(id, simulate(TwoMaps{.a1 = 1.5}, ensemble)).plan.failed_assumption ==
          "no certified radius: rho_1 = 1.11: needs rho_1 < 1");
    ensemble.orders = {Order::forward};
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).plan.failed_assumption == "needs the order backward");
}

TEST_CASE("exact-sampling: at alpha = 0.05 exact draws are rejected no more often than that") {
    int rejected = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed)
        rejected += judge(id, simulate(TwoMaps{}, stopped(1e-3, seed, 300)), 0.05).overall == Verdict::violated;
    CHECK(rejected <= 27);  // 15 +- 3.8, and 3 standard deviations
}
