#include <doctest/doctest.h>

#include "analysis/affine_recursion.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {
Ensemble line() {
    Ensemble e;
    e.seed = 61;
    e.replicas = 20'000;
    e.starts = {{2}};
    e.steps = {0, 1, 2, 10, 40};
    e.path_mean = true;
    return e;
}
}  // namespace

TEST_CASE("affine path sums: two maps by hand, and the limits") {
    const GaussianAr model{0.5, 1, 3};
    const std::vector<std::uint32_t> steps{0, 1, 2, 200'000};
    const auto sums = affine_path_sums(*model.truth().affine, 7, steps);
    CHECK(sums[0].forward == 0);
    CHECK(sums[0].backward == 0);
    CHECK(sums[1].forward == doctest::Approx(1));
    CHECK(sums[1].backward == doctest::Approx(1));
    // F_1 + F_2 = (1 + a) b_1 + b_2 + ..., B_1 + B_2 = 2 b_1 + a b_2 + ...
    CHECK(sums[2].forward == doctest::Approx(1.5 * 1.5 + 1));
    CHECK(sums[2].backward == doctest::Approx(4 + 0.25));
    const double n = 200'000, variance = 1 / 0.75;
    CHECK(sums[3].forward / n == doctest::Approx(3 * variance).epsilon(1e-4));
    CHECK(sums[3].backward / (n * n) == doctest::Approx(variance).epsilon(1e-4));
}

TEST_CASE("claim averaging: consistent in both orders") {
    for (const auto& r : {judge("averaging", simulate(GaussianAr{0.5, 1, 3}, line())),
                          judge("averaging", simulate(BernoulliConvolution{{}, 0.8}, line()))}) {
        CHECK(r.overall == Verdict::consistent);
        CHECK(r.plan.tests == 2 * 4);
        CHECK(r.finding.find("limit") != std::string::npos);
    }
}

TEST_CASE("claim averaging: random slopes, dependent on nothing but themselves") {
    Ensemble e = line();
    e.replicas = 60'000;
    e.steps = {1, 2, 4, 8};
    const auto r = judge("averaging", simulate(Kesten{-1.5, 0.45}, e));  // tail index 14.8
    CHECK(r.overall != Verdict::violated);
    CHECK(r.at(0, 1).verdict == Verdict::consistent);
    CHECK(r.at(1, 1).verdict == Verdict::consistent);
}

TEST_CASE("claim averaging: violated when E a is wrong, or the noise is") {
    Ensemble e = line();
    e.assume = [](Setup& s) { s.truth.affine->mean_A[0] = 0.55; };
    CHECK(judge("averaging", simulate(GaussianAr{0.5, 1, 3}, e)).overall == Verdict::violated);
    e.assume = [](Setup& s) { s.truth.affine->mean_bb[0] += 0.06; };
    CHECK(judge("averaging", simulate(GaussianAr{0.5, 1, 3}, e)).overall == Verdict::violated);
}

TEST_CASE("claim averaging: what it needs") {
    Ensemble e = line();
    e.replicas = 500;
    CHECK(judge("averaging", simulate(Sine{0.5, 1}, e)).plan.failed_assumption ==
          "the maps are not scalar and affine with known moments");
    CHECK(judge("averaging", simulate(Kesten{-0.2, 0.7}, e)).plan.failed_assumption.find("needs rho_2 < 1") !=
          std::string::npos);
    e.path_mean = false;
    const auto r = judge("averaging", simulate(GaussianAr{}, e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes[0].find("path_mean") != std::string::npos);
}

TEST_CASE("claim averaging: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = line();
    e.replicas = 300;
    e.steps = {1, 3, 10};
    int violated = 0;
    for (e.seed = 1; e.seed <= 400; ++e.seed)
        violated += judge("averaging", simulate(GaussianAr{0.5, 1, 3}, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 33);  // 20 expected at most, 33 = 20 + 3 s.d.
}
