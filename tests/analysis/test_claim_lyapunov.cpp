#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/two_maps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "lyapunov";

Ensemble small() {
    return {
        .seed = 20260402, .replicas = 4000, .starts = {{-1.0}, {0.25}}, .steps = {0, 1, 2, 5, 8, 12, 20, 40, 200, 400}};
}

/// log-normal-like contraction with E L > 1 and E log L < 0: single maps expand, and no rho_p helps.
TwoMaps expanding() { return {.a0 = 0.05, .b0 = 1, .probability = 0.3, .a1 = 1.5, .b1 = 0.5}; }

}  // namespace

TEST_CASE("lyapunov: the exponent of scalar affine maps, and the rate to the limit") {
    auto ensemble = small();
    ensemble.replicas = 40000;
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(r.overall == Verdict::holds);
    REQUIRE(r.plan.cases.size() == 3);
    CHECK(r.plan.tests == 2 * 6 + 9);
    CHECK(r.at(2, 4).verdict == Verdict::consistent);
    CHECK(r.at(2, 4).measured == doctest::Approx(std::log(0.5)).epsilon(1e-12));
    CHECK(r.at(0, 3).verdict == Verdict::holds);
    CHECK(r.at(0, 7).verdict == Verdict::unresolved);  // 2^-40 is below rounding on some path
    CHECK(r.at(0, 9).verdict == Verdict::unresolved);
}

TEST_CASE("lyapunov: contraction on average suffices") {
    const auto f = expanding();
    REQUIRE(f.truth().lipschitz_moment(1)->value > 1);
    const ClaimResult r = judge(id, simulate(f, small()));
    CHECK(r.overall != Verdict::violated);
    CHECK(r.at(2, 2).verdict != Verdict::unresolved);
    CHECK(r.at(0, 5).verdict != Verdict::unresolved);
    CHECK(judge(id, simulate(TwoMaps{}, small())).overall != Verdict::violated);
}

TEST_CASE("lyapunov: a map that is not affine settles faster than chi") {
    const ClaimResult r = judge(id, simulate(Sine{0.9, 0.5}, small()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.cases.size() == 2);
    CHECK(r.at(0, 6).tightness > 1.2);
}

TEST_CASE("lyapunov: wrong exponents are violated") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) { setup.truth.chi = Fact{std::log(0.49), Label::assumed}; };
    const ClaimResult chi = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(chi.overall == Verdict::violated);
    CHECK(chi.plan.rests_on[0] == "chi = -0.7133 (assumed)");
    ensemble.assume = [](Setup& setup) {
        setup.truth.lyapunov = Fact{1.1 * setup.truth.lyapunov->value, Label::assumed};
    };
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::violated);
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).overall == Verdict::violated);
}

TEST_CASE("lyapunov: what it needs") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) {
        setup.truth.affine.reset();
        setup.truth.chi = Fact{0.1};
    };
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).plan.failed_assumption ==
          "chi = 0.1: needs chi < 0; the maps are not scalar affine");
    ensemble = small();
    ensemble.states = ensemble.observables = false;
    const ClaimResult r = judge(id, simulate(TwoMaps{}, ensemble));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes.size() == 2);
}

TEST_CASE("lyapunov: at alpha = 0.05 a true exponent is rejected no more often than that") {
    int rejected = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Ensemble ensemble{.seed = seed, .replicas = 200, .starts = {{-1.0}, {1.0}}, .steps = {4, 8, 20}};
        rejected += judge(id, simulate(TwoMaps{}, ensemble), 0.05).overall == Verdict::violated;
    }
    CHECK(rejected <= 27);  // 15 +- 3.8, and 3 standard deviations
}
