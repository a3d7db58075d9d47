#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {
Ensemble line() {
    Ensemble e;
    e.seed = 41;
    e.replicas = 40'000;
    e.starts = {{1}};
    e.steps = {0, 1, 2, 10, 60};
    return e;
}
}  // namespace

TEST_CASE("claim forward-floor: consistent at every n, and the headline") {
    const auto r = judge("forward-floor", simulate(GaussianAr{0.5, 1, 3}, line()));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.tests == 5);
    for (std::size_t c = 0; c < 5; ++c) CHECK(r.at(0, c).verdict == Verdict::consistent);
    CHECK(r.at(0, 4).bound == doctest::Approx(4.0 / 3));  // 2 (1 - a) s^2/(1 - a^2)
    CHECK(r.finding.find("times less") != std::string::npos);
}

TEST_CASE("claim forward-floor: attained by maps with few values, and in the plane") {
    CHECK(judge("forward-floor", simulate(BernoulliConvolution{{}, 0.5}, line())).overall == Verdict::consistent);
    Ensemble e = line();
    e.starts = {{1, 0}};
    CHECK(judge("forward-floor", simulate(TwoSpirals{}, e)).overall == Verdict::consistent);
}

TEST_CASE("claim forward-floor: violated when the maps' moments are wrong by a few per cent") {
    Ensemble e = line();
    e.assume = [](Setup& s) { s.truth.affine->mean_bb[0] += 0.1; };
    CHECK(judge("forward-floor", simulate(GaussianAr{0.5, 1, 3}, e)).overall == Verdict::violated);
}

TEST_CASE("claim forward-floor: reported, not judged, for maps that are not affine") {
    const auto r = judge("forward-floor", simulate(Sine{0.7, 0.5}, line()));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.plan.tests == 0);
    CHECK(r.at(0, 4).measured > 0.1);
    CHECK(r.notes[0].find("reported, not judged") != std::string::npos);
}

TEST_CASE("claim forward-floor: needs the forward order, and contraction for maps that are not affine") {
    Ensemble e = line();
    e.replicas = 500;
    e.orders = {Order::backward};
    CHECK(judge("forward-floor", simulate(Sine{0.7, 0.5}, e)).plan.failed_assumption == "needs the order forward");
    e.orders = {Order::forward};
    CHECK(judge("forward-floor", simulate(Sine{1.5, 0.5}, e)).plan.failed_assumption == "rho_2 = 1.5: needs rho_2 < 1");
    e.observables = false;
    const auto r = judge("forward-floor", simulate(GaussianAr{}, e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes[0].find("record.observables = [\"increment\"]") != std::string::npos);
}

TEST_CASE("claim forward-floor: no floor under a common fixed point") {
    Ensemble e = line();
    const auto r = judge("forward-floor", simulate(GaussianAr{0.5, 0, 3}, e));
    CHECK(r.at(0, 1).verdict == Verdict::consistent);
    CHECK(r.at(0, 4).verdict == Verdict::unresolved);
    CHECK(r.overall == Verdict::consistent);
}
