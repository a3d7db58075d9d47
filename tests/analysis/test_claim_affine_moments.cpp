#include <doctest/doctest.h>

#include "analysis/affine_recursion.hpp"
#include "analysis/claims/moment_tests.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {
Ensemble plane() {
    Ensemble e;
    e.seed = 31;
    e.replicas = 60'000;
    e.starts = {{0, 0}, {3, -2}};
    e.steps = {0, 1, 2, 5, 20};
    return e;
}
}  // namespace

TEST_CASE("affine recursion: the moments of an autoregression in closed form") {
    const GaussianAr model{0.5, 1, 3};
    AffineRecursion r(*model.truth().affine, std::vector<double>{8.0});
    r.to(3);
    CHECK(r.mean()[0] == 6 + 2 * 0.125);
    CHECK(r.variance(0) == doctest::Approx((1 - std::pow(0.25, 3)) / 0.75).epsilon(1e-14));
    CHECK(r.to_limit());
    CHECK(r.mean()[0] == doctest::Approx(6).epsilon(1e-14));
    CHECK(r.variance(0) == doctest::Approx(1 / 0.75).epsilon(1e-14));
    CHECK(r.mean_square_increment() == doctest::Approx(2 * 0.5 / 0.75).epsilon(1e-14));  // 2 (1 - a) Var Z
}

TEST_CASE("affine recursion: means far from zero leave the variance its digits") {
    AffineRecursion r(*GaussianAr{0.5, 1e-3, 1e5}.truth().affine, std::vector<double>{2e5});
    r.to(200);
    CHECK(r.variance(0) == doctest::Approx(1e-6 / 0.75).epsilon(1e-4));
}

TEST_CASE("claim affine-moments: consistent in the plane, both orders, all pairs of components") {
    const auto evidence = simulate(TwoSpirals{}, plane());
    const auto r = judge("affine-moments", evidence);
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.cases.size() == 2 * 2 * 5);
    CHECK(r.plan.tests == 2 * 2 * 5 * 4);
    CHECK(r.at(0, 0).verdict == Verdict::unresolved);  // the start itself
    std::size_t resolved = 0;
    for (const Cell& cell : r.cells) resolved += cell.verdict == Verdict::consistent;
    CHECK(resolved + 8 >= r.plan.tests);  // the second component has two values only after one map
    CHECK(r.finding.find("mean") != std::string::npos);
}

TEST_CASE("claim affine-moments: violated when a mean or a covariance is wrong") {
    Ensemble e = plane();
    e.assume = [](Setup& s) { s.truth.affine->mean_b[1] *= 1.1; };
    CHECK(judge("affine-moments", simulate(TwoSpirals{}, e)).overall == Verdict::violated);
    e.assume = [](Setup& s) { s.truth.affine->mean_bb[1] += 0.1, s.truth.affine->mean_bb[2] += 0.1; };
    CHECK(judge("affine-moments", simulate(TwoSpirals{}, e)).overall == Verdict::violated);
    e.assume = [](Setup& s) { s.truth.affine->mean_bb[0] += 0.05; };
    CHECK(judge("affine-moments", simulate(TwoSpirals{}, e)).overall == Verdict::violated);
}

TEST_CASE("claim affine-moments: without states means and variances come from streamed moments") {
    Ensemble e = plane();
    e.states = false;
    const auto r = judge("affine-moments", simulate(TwoSpirals{}, e));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.cases.size() == 2 * 2 * 4);
    CHECK(r.plan.needs.empty());
}

TEST_CASE("claim affine-moments: not for other maps") {
    Ensemble e = plane();
    e.starts = {{0}};
    const auto r = judge("affine-moments", simulate(Sine{0.5, 1}, e));
    CHECK(r.overall == Verdict::not_applicable);
    CHECK(r.plan.failed_assumption == "the model's maps are not affine, or their moments are not known");
}

TEST_CASE("claim affine-moments: heavy tails leave variances unresolved, with the reason") {
    Ensemble e;
    e.seed = 5;
    e.replicas = 20'000;
    e.starts = {{1}};
    e.steps = {1, 4};
    const auto r = judge("affine-moments", simulate(Kesten{-0.5, 0.6}, e));  // tail index 2.78
    CHECK(r.overall == Verdict::consistent);                                 // the means
    CHECK(r.plan.tests == 2 * 2);
    CHECK(r.at(1, 1).verdict == Verdict::unresolved);
    REQUIRE(!r.notes.empty());
    CHECK(r.notes[0].find("tail index 2.778") != std::string::npos);
}

TEST_CASE("claim affine-moments: two-point laws, whose sample variance is no average of squares") {
    Ensemble e;
    e.replicas = 2'000;
    e.starts = {{0}};
    e.steps = {1, 2};
    int violated = 0;
    for (e.seed = 1; e.seed <= 200; ++e.seed)
        violated += judge("affine-moments", simulate(BernoulliConvolution{{}, 0.5}, e)).overall == Verdict::violated;
    CHECK(violated == 0);
}

TEST_CASE("claim affine-moments: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e;
    e.replicas = 400;
    e.starts = {{1}};
    e.steps = {1, 3, 9};
    int violated = 0;
    for (e.seed = 1; e.seed <= 400; ++e.seed)
        violated += judge("affine-moments", simulate(GaussianAr{0.7, 1, 0.5}, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 33);  // 20 expected at most, 33 = 20 + 3 s.d.
}

TEST_CASE("mean limits: a sample that misses a rare event keeps the width that the exact variance asks for") {
    // 1 with probability 1e-3: 300 replicas miss it with probability 0.74.
    const SampleMoments x = moments(std::vector<double>(300, 0.0));
    const Interval limits = claims::mean_limits(x, 1e-3 * 0.999, 1e-3);
    CHECK(limits.contains(1e-3));
    CHECK_FALSE(limits.contains(0.01));
}
