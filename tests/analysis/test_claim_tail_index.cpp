#include <doctest/doctest.h>

#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {
Ensemble line() {
    Ensemble e;
    e.seed = 91;
    e.replicas = 100'000;
    e.starts = {{0}};
    e.orders = {Order::forward};
    e.observables = false;
    e.steps = {150};
    return e;
}
const Kesten kesten{-0.5, 0.8};  // tail index 1.5625
}  // namespace

TEST_CASE("claim tail-index: consistent with enough replicas, inconclusive with few") {
    const auto r = judge("tail-index", simulate(kesten, line()));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.cells[0].bound == doctest::Approx(1.5625));
    CHECK(r.finding.find("theory says 1.562") != std::string::npos);
    Ensemble e = line();
    e.replicas = 5'000;
    const auto few = judge("tail-index", simulate(kesten, e));
    CHECK(few.overall == Verdict::inconclusive);
    CHECK(few.replicas_to_decide > 5'000);
}

TEST_CASE("claim tail-index: violated by an index that is wrong") {
    Ensemble e = line();
    e.replicas = 50'000;
    for (double wrong : {1.15, 2.2}) {
        e.assume = [wrong](Setup& s) { s.truth.tail_index = Fact{wrong, Label::assumed}; };
        const auto r = judge("tail-index", simulate(kesten, e));
        if (wrong > 2)
            CHECK(r.overall == Verdict::violated);
        else
            CHECK(r.overall ==
                  Verdict::unresolved);  // E[|a|^1.15 log|a|] is hardly positive: the tail would form too slowly
    }
}

TEST_CASE("claim tail-index: unresolved at small n, where the tail has not formed") {
    Ensemble e = line();
    e.steps = {10};
    e.replicas = 20'000;
    const auto r = judge("tail-index", simulate(kesten, e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes[0].find("larger steps.last") != std::string::npos);
}

TEST_CASE("claim tail-index: what it needs") {
    Ensemble e = line();
    e.replicas = 100;
    CHECK(judge("tail-index", simulate(GaussianAr{}, e)).plan.failed_assumption ==
          "the model knows no alpha > 0 with E|a|^alpha = 1");
    e.starts = {{0, 0}};
    CHECK(judge("tail-index", simulate(TwoSpirals{}, e)).plan.failed_assumption.find("needs scalar maps") !=
          std::string::npos);
}

TEST_CASE("claim tail-index: at alpha = 0.05 a true index is rejected no more often than that") {
    Ensemble e = line();
    e.replicas = 2'000;
    e.steps = {80};
    int violated = 0;
    for (e.seed = 1; e.seed <= 100; ++e.seed)
        violated += judge("tail-index", simulate(kesten, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 11);  // 5 expected at most, 11 = 5 + 3 s.d.
}
