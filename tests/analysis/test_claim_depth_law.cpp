#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/simulate.hpp"
#include "tests/support/small_chain.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "depth-law";
using Chain = SmallChain<6>;

Ensemble passes(std::size_t replicas = 20000, std::uint64_t seed = 20260503) {
    Ensemble e;
    e.seed = seed;
    e.replicas = replicas;
    e.starts = {Chain::rotations(1.1)};
    e.steps = {0, 1, 4};
    e.observables = false;
    e.passes = true;
    return e;
}

Chain noisy(double forward = 0.1, double backward = 0.1) {
    Chain chain;
    chain.forward = forward;
    chain.backward = backward;
    return chain;
}

// What the claim believes is `factor` times the truth.
Ensemble believing(Ensemble e, double factor) {
    e.assume = [factor](Setup& setup) {
        CompositeTruth truth = *setup.truth.composite;
        for (auto* law : {&truth.forward_error_square, &truth.gradient_error_square})
            *law = [right = *law, factor](std::span<const double> w) {
                auto squares = right(w);
                for (double& x : squares) x *= factor;
                return squares;
            };
        setup.truth.composite = std::make_shared<const CompositeTruth>(truth);
    };
    return e;
}

std::string why_not(const Chain& chain, const std::function<void(Ensemble&)>& change) {
    Ensemble e = passes(8);
    change(e);
    return registered(id).plan(setup_of(chain, e)).failed_assumption;
}

}  // namespace

TEST_CASE("depth-law: consistent by operator, with the formulas of theory.md") {
    const ClaimResult r = judge(id, simulate(noisy(), passes()));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.axis == "operator");
    CHECK(r.plan.axis_values == std::vector<double>{1, 2, 3, 4, 5, 6});
    REQUIRE(r.plan.cases.size() == 2);
    CHECK(r.plan.tests == 11);  // the readout has no weights
    const double a2 = 1.21;
    for (std::size_t n = 1; n <= 5; ++n)
        CHECK(r.at(0, n - 1).bound == doctest::Approx(2 * 0.01 * (1 - std::pow(a2, double(n))) / (1 - a2)));
    CHECK(r.finding.find("grows by a factor of") != std::string::npos);
    CHECK(r.finding.find("relative to |g| by") != std::string::npos);
    CHECK(r.notes.front().find("3 checkpoints") != std::string::npos);
    // Backward noise alone: dim s_b^2 a^(2(n-1)) |x_0|^2 (1 - a^(2(N-n)))/(1 - a^2).
    const ClaimResult b = judge(id, simulate(noisy(0), passes()));
    REQUIRE(b.plan.cases.size() == 1);
    CHECK(b.overall == Verdict::consistent);
    for (std::size_t n = 1; n <= 5; ++n)
        CHECK(b.at(0, n - 1).bound == doctest::Approx(2 * 0.01 * std::pow(a2, double(n) - 1) * 1.69 *
                                                      (1 - std::pow(a2, 6 - double(n))) / (1 - a2)));
    // Forward noise alone: nothing reaches the first gradient, exactly.
    const ClaimResult f = judge(id, simulate(noisy(0.1, 0), passes()));
    CHECK(f.overall == Verdict::consistent);
    CHECK(f.at(1, 0).bound == 0);
    CHECK(f.at(1, 0).measured == 0);
    CHECK(f.plan.tests == 10);
}

TEST_CASE("depth-law: a mean square five percent off is violated, within tolerance it is not") {
    for (double wrong : {0.95, 1.05})
        CHECK(judge(id, simulate(noisy(), believing(passes(), wrong))).overall == Verdict::violated);
    // Few replicas decide nothing.
    const ClaimResult few = judge(id, simulate(noisy(), passes(100)));
    CHECK(few.overall == Verdict::inconclusive);
    CHECK(few.replicas_to_decide > 100);
}

TEST_CASE("depth-law: noise where the formula has none is violated") {
    Ensemble e = passes(2000);
    e.assume = [](Setup& setup) { setup.truth = noisy(0.1, 0).truth(); };
    const ClaimResult r = judge(id, simulate(noisy(0.1, 1e-4), e));
    CHECK(r.at(1, 0).bound == 0);
    CHECK(r.at(1, 0).verdict == Verdict::violated);
}

TEST_CASE("depth-law: where the weights move only the passes before the first step count") {
    auto moving = noisy();
    moving.eta = 0.1;
    const ClaimResult r = judge(id, simulate(moving, passes(60000)));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.notes.empty());
}

TEST_CASE("depth-law: errors not far above rounding are unresolved") {
    CHECK(judge(id, simulate(noisy(1e-14, 0), passes(2000))).at(0, 0).verdict == Verdict::unresolved);
}

TEST_CASE("depth-law: the last output under the squared loss is no test") {
    auto chain = noisy(0.1, 0);
    chain.squared = true;
    const ClaimResult r = judge(id, simulate(chain, passes()));
    REQUIRE(r.plan.cases.size() == 1);  // gradients under forward noise have no formula here
    CHECK(r.plan.tests == 5);
    CHECK(r.at(0, 5).verdict == Verdict::not_applicable);
    CHECK(r.overall == Verdict::consistent);
}

TEST_CASE("depth-law: what it needs") {
    CHECK(why_not(noisy(), [](Ensemble&) {}).empty());
    auto bent = noisy();
    bent.bend = Bend::tanh;
    CHECK(why_not(bent, [](Ensemble&) {}).find("no exact mean squares") != std::string::npos);
    auto moving = noisy();
    moving.eta = 0.1;
    CHECK(why_not(moving, [](Ensemble& e) { e.steps = {1, 4}; }).find("no checkpoint 0") != std::string::npos);
    CHECK(why_not(noisy(), [](Ensemble& e) { e.steps = {1, 4}; }).empty());
    CHECK(why_not(noisy(), [](Ensemble& e) {
              e.assume = [](Setup& s) { s.truth.homogeneous = false; };
          }).find("schedule") != std::string::npos);
    Ensemble e = passes(8);
    e.passes = false;
    const ClaimResult r = judge(id, simulate(noisy(), e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes.front().find("record.observables") != std::string::npos);
}

TEST_CASE("depth-law: at alpha = 0.05 it is rejected no more often than that") {
    int rejected = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed)
        rejected += judge(id, simulate(noisy(), passes(200, seed)), 0.05).overall == Verdict::violated;
    CHECK(rejected <= 27);  // 300 tests at 0.05: 15 +- 3.8, and 3 standard deviations
    INFO(rejected);
}
