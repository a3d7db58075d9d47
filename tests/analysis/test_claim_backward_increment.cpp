#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/two_maps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "backward-increment";

Ensemble small() {
    return {.seed = 20260330, .replicas = 20000, .starts = {{-1.0}, {0.25}}, .steps = {0, 1, 2, 5, 10, 20, 40, 200}};
}

void assume_rho(Setup& setup, double rho) {
    setup.truth.lipschitz_moment = [rho](double p) -> std::optional<Fact> {
        return Fact{std::pow(rho, p), Label::assumed};
    };
}

}  // namespace

TEST_CASE("backward-increment: holds, and is attained, for the Bernoulli convolution") {
    const auto evidence = simulate(BernoulliConvolution{{}, 0.5}, small());
    const ClaimResult r = judge(id, evidence);
    CHECK(r.overall == Verdict::holds);
    REQUIRE(r.plan.cases.size() == 6);  // path, p = 1, p = 2 for each start
    CHECK(r.plan.tests == 4 * 8);
    // On every path the increment is its bound, to the last bit here.
    for (std::size_t k = 0; k < 6; ++k) {
        CHECK(r.at(0, k).tightness == doctest::Approx(1).epsilon(1e-9));
        CHECK(r.at(0, k).verdict == Verdict::holds);
    }
    CHECK(r.at(0, 7).measured == 0);
    CHECK(r.at(0, 7).verdict == Verdict::unresolved);  // 2^-200 is below rounding
    CHECK(r.at(1, 7).verdict == Verdict::unresolved);
    CHECK(r.finding.find("increment at n = 200 is 0; nearest to its bound (tightness 1") != std::string::npos);
}

TEST_CASE("backward-increment: holds for random Lipschitz constants and for a map that is not affine") {
    auto ensemble = small();
    ensemble.starts = {{5.88}, {5.7}};  // both maps move these about equally far: narrow intervals
    for (bool closed : {false, true}) {
        ensemble.closed_backward = closed;
        const ClaimResult r = judge(id, simulate(TwoMaps{}, ensemble));
        CHECK(r.overall == Verdict::holds);
        CHECK(r.plan.cases[1] == "path, rho_inf^n, start 5.88");
    }
    ensemble = small();
    const ClaimResult sine = judge(id, simulate(Sine{0.9, 0.5}, ensemble));
    CHECK(sine.overall == Verdict::holds);
}

TEST_CASE("backward-increment: rare paths cut the moment form, not the path form") {
    // Var log L = 0.28: with 20000 replicas E L_1...L_n can be judged up to n = 7, its square up to n = 1.
    const ClaimResult r = judge(id, simulate(TwoMaps{.a0 = 0.3}, small()));
    CHECK(r.overall != Verdict::violated);
    CHECK(r.at(0, 4).verdict == Verdict::holds);
    REQUIRE(r.plan.cases[2] == "p = 1, start -1");
    REQUIRE(r.plan.cases[3] == "p = 2, start -1");
    CHECK(r.at(2, 3).verdict != Verdict::unresolved);
    CHECK(r.at(2, 4).verdict == Verdict::unresolved);
    CHECK(r.at(3, 1).verdict != Verdict::unresolved);
    CHECK(r.at(3, 2).verdict == Verdict::unresolved);
    CHECK(r.plan.tests == 2 * (4 + 2));
    // No moment at all where single maps nearly forget the state.
    const ClaimResult rare = judge(id, simulate(TwoMaps{.a0 = 0.01}, small()));
    CHECK(rare.overall == Verdict::holds);
    CHECK(rare.plan.tests == 0);
}

TEST_CASE("backward-increment: a contraction rate assumed two percent too small is violated") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) { assume_rho(setup, 0.49); };
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.plan.rests_on[0] == "rho_1 = 0.49 (assumed)");
    ensemble.assume = [](Setup& setup) { assume_rho(setup, 0.5); };
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).overall == Verdict::holds);
}

TEST_CASE("backward-increment: a sure rate assumed too small is violated on single paths") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) { setup.truth.lipschitz_sure = Fact{0.94, Label::assumed}; };
    const ClaimResult r = judge(id, simulate(TwoMaps{}, ensemble));
    CHECK(r.overall == Verdict::violated);
    bool offender = false;
    for (const auto& note : r.notes) offender = offender || note.find("the first at replica ") != std::string::npos;
    CHECK(offender);
}

TEST_CASE("backward-increment: what it needs") {
    auto ensemble = small();
    ensemble.orders = {Order::forward};
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).plan.failed_assumption ==
          "needs the order backward");
    ensemble = small();
    ensemble.observables = false;
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes[0].find("record.observables = [\"increment\"]") != std::string::npos);
    ensemble = small();
    ensemble.assume = [](Setup& setup) {
        setup.truth = {};
        setup.has_lipschitz = false;
    };
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).overall == Verdict::not_applicable);
    ensemble = small();
    ensemble.merge_tolerance = 1e-9;
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).overall == Verdict::unresolved);
}

TEST_CASE("backward-increment: at alpha = 0.05 the moment form is rejected no more often than that") {
    int rejected = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Ensemble ensemble{.seed = seed, .replicas = 100, .starts = {{0.25}}, .steps = {0, 1, 3, 5}};
        rejected += judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble), 0.05).overall == Verdict::violated;
    }
    CHECK(rejected <= 27);  // 300 tests at 0.05: 15 +- 3.8, and 3 standard deviations
}
