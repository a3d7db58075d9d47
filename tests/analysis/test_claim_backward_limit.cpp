#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/two_maps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "backward-limit";

Ensemble small() {
    return {.seed = 20260331, .replicas = 20000, .starts = {{-1.0}, {0.25}}, .steps = {0, 1, 2, 5, 10, 20, 40, 200}};
}

}  // namespace

TEST_CASE("backward-limit: holds, and nearly attains its bound at a corner of the support") {
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, small()));
    CHECK(r.overall == Verdict::holds);
    REQUIRE(r.plan.cases[0] == "path, start -1");
    // |B_n - B_inf| = 2^-n |x - Z| reaches 2^-n (1 + |x|), D/(1 - rho) = 2.
    CHECK(r.at(0, 3).tightness > 0.99);
    CHECK(r.at(0, 3).tightness <= 1);
    CHECK(r.at(0, 7).verdict == Verdict::unresolved);  // the last checkpoint stands in for the limit
    REQUIRE(r.plan.cases[1] == "p = 1, start -1");
    CHECK(r.at(1, 3).measured == doctest::Approx(std::pow(0.5, 5) * 1).epsilon(0.05));  // E|-1 - Z| = 1
    CHECK(r.plan.tests == 4 * 7);
}

TEST_CASE("backward-limit: holds for random Lipschitz constants and for a map that is not affine") {
    auto ensemble = small();
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::holds);
    ensemble.closed_backward = true;
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::holds);
    ensemble.closed_backward = false;
    ensemble.merge_tolerance = 1e-6;
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::holds);
    // Normal noise: no sure displacement, moments only; D_4 is not known, but finite.
    ensemble.merge_tolerance = 0;
    const ClaimResult sine = judge(id, simulate(Sine{0.9, 0.5}, ensemble));
    CHECK(sine.overall == Verdict::holds);
    CHECK(sine.plan.cases[0] == "p = 1, start -1");
}

TEST_CASE("backward-limit: an assumed rate that is too small is violated") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) {
        setup.truth.lipschitz_moment = [](double p) -> std::optional<Fact> {
            return Fact{std::pow(0.45, p), Label::assumed};
        };
    };
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(r.overall == Verdict::violated);
    ensemble.assume = [](Setup& setup) { setup.truth.lipschitz_sure = Fact{0.45, Label::assumed}; };
    const ClaimResult sure = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(sure.overall == Verdict::violated);
    CHECK(sure.plan.cases[1] == "path, rho_inf^n, start -1");
}

TEST_CASE("backward-limit: what it needs") {
    auto ensemble = small();
    CHECK(judge(id, simulate(TwoMaps{.a1 = 1.5}, ensemble)).plan.failed_assumption == "rho_1 = 1.11: needs rho_1 < 1");
    ensemble.orders = {Order::forward};
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).plan.failed_assumption ==
          "needs the order backward");
    ensemble = small();
    ensemble.states = false;
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.notes[0].find("record.states = true") != std::string::npos);
}

TEST_CASE("backward-limit: too few steps leave the moments unresolved") {
    auto ensemble = small();
    ensemble.steps = {0, 1, 2};
    const ClaimResult r = judge(id, simulate(Sine{0.9, 0.5}, ensemble));
    CHECK(r.overall == Verdict::unresolved);
    bool says = false;
    for (const auto& note : r.notes) says = says || note.find("a larger steps.last") != std::string::npos;
    CHECK(says);
    // The last checkpoint is its own limit: nothing is said of it, although its bound is far above rounding.
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).at(0, 2).verdict == Verdict::unresolved);
}
