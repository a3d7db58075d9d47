#include <doctest/doctest.h>

#include "tests/support/simulate.hpp"
#include "tests/support/small_chain.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "backward-unbiased";
using Chain = SmallChain<4>;

Ensemble passes(std::size_t replicas = 150000, std::uint64_t seed = 20260504) {
    Ensemble e;
    e.seed = seed;
    e.replicas = replicas;
    e.starts = {Chain::rotations(1.1)};
    e.steps = {0, 2};
    e.observables = false;
    e.passes = true;
    return e;
}

Chain noisy(double shift = 0) {
    Chain chain;
    chain.bend = Bend::tanh;
    chain.backward = 0.1;
    chain.backward_shift = shift;
    chain.eta = 0.05;
    return chain;
}

// The backward perturbation is known to be biased: deterministic rounding.
void biased(Setup& setup) {
    CompositeTruth truth = *setup.truth.composite;
    truth.backward.zero_mean = false;
    truth.backward.deterministic = true;
    truth.backward.biased_by = "perturbations.1 (nearest, bf16)";
    setup.truth.composite = std::make_shared<const CompositeTruth>(truth);
}

std::string why_not(const Chain& chain, const std::function<void(Setup&)>& assume = {}) {
    Ensemble e = passes(8);
    e.assume = assume;
    return registered(id).plan(setup_of(chain, e)).failed_assumption;
}

}  // namespace

TEST_CASE("backward-unbiased: consistent in every coordinate, forward and backward") {
    const ClaimResult r = judge(id, simulate(noisy(), passes()));
    CHECK(r.overall == Verdict::consistent);
    REQUIRE(r.plan.cases.size() == 2);
    CHECK(r.plan.tests == 2 * 2 * 12);
    for (const Cell& cell : r.cells) {
        CHECK(cell.verdict == Verdict::consistent);
        CHECK(cell.bound == 0);
        CHECK(cell.upper - cell.lower > 0);
    }
    CHECK(r.finding.find("E g~ = g to ") == 0);
}

TEST_CASE("backward-unbiased: a mean of the noise of three percent of its deviation is violated") {
    const ClaimResult r = judge(id, simulate(noisy(0.003), passes()));
    CHECK(r.overall == Verdict::violated);
    bool named = false;
    for (const auto& note : r.notes) named |= note.find("E g~ is not g at weight ") != std::string::npos;
    CHECK(named);
}

TEST_CASE("backward-unbiased: few replicas are inconclusive, and it is told how many would do") {
    const ClaimResult r = judge(id, simulate(noisy(), passes(500)));
    CHECK(r.overall == Verdict::inconclusive);
    CHECK(r.replicas_to_decide > 5000);
    CHECK(r.replicas_to_decide < 300000);
}

TEST_CASE("backward-unbiased: a bias that is known is shown, not judged") {
    Ensemble e = passes(4000);
    e.assume = biased;
    const ClaimResult r = judge(id, simulate(noisy(0.1), e));
    CHECK(r.overall == Verdict::not_applicable);
    CHECK(r.plan.applicable);
    CHECK(r.plan.tests == 0);
    CHECK(r.plan.failed_assumption == "perturbations.1 (nearest, bf16) is not zero-mean");
    REQUIRE(r.finding.find("perturbations.1 (nearest, bf16) is biased: |E g~ - g| is at least ") == 0);
    for (const Cell& cell : r.cells) CHECK(cell.lower > 0);
    // Never above what it is: here (E|g~ - g|^2)^(1/2), of which the noise is a part.
    const double percent = std::stod(r.finding.substr(r.finding.find("at least ") + 9));
    CHECK(percent > 50);
    CHECK(percent < 100);
    // Of unbiased noise the lower limit is 0 or below.
    const ClaimResult none = judge(id, simulate(noisy(), e));
    CHECK(none.finding.find("at least 0 %") != std::string::npos);
}

TEST_CASE("backward-unbiased: the bias that is shown of unbiased noise is above 0 no more often than its level") {
    int above = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Ensemble e = passes(100, seed);
        e.assume = biased;
        above += judge(id, simulate(noisy(), e), 0.2).at(0, 0).lower > 0;
    }
    INFO(above);
    CHECK(above <= 33);  // 200 tests at 0.1 on this side: 20 +- 4.2, and 3 standard deviations
}

TEST_CASE("backward-unbiased: what it needs") {
    CHECK(why_not(noisy()).empty());
    auto both = noisy();
    both.forward = 0.1;
    CHECK(why_not(both).find("conditional on eps") != std::string::npos);
    auto none = noisy();
    none.backward = 0;
    CHECK(why_not(none) == "the backward pass is not perturbed");
    CHECK(why_not(noisy(), [](Setup& s) { s.orders = {order_named("window_2")}; }) ==
          "needs the order forward or backward");
    CHECK(why_not(noisy(), [](Setup& s) {
              CompositeTruth truth = *s.truth.composite;
              truth.gradient.perturbed = true;
              truth.gradient.zero_mean = false;
              truth.gradient.biased_by = "perturbations.2 (top-k)";
              s.truth.composite = std::make_shared<const CompositeTruth>(truth);
          }) == "perturbations.2 (top-k) is not zero-mean");
    Ensemble e = passes(8);
    e.passes = false;
    CHECK(judge(id, simulate(noisy(), e)).overall == Verdict::unresolved);
}

TEST_CASE("backward-unbiased: at alpha = 0.05 it is rejected no more often than that") {
    int rejected = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed)
        rejected += judge(id, simulate(noisy(), passes(150, seed)), 0.05).overall == Verdict::violated;
    INFO(rejected);
    CHECK(rejected <= 27);  // 300 tests at 0.05: 15 +- 3.8, and 3 standard deviations
}
