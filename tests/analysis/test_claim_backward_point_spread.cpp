#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/two_maps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "backward-point-spread";

Ensemble small() {
    return {
        .seed = 20260401, .replicas = 500, .starts = {{-1.0}, {0.25}, {1.0}}, .steps = {0, 1, 2, 5, 10, 20, 40, 200}};
}

/// A model that understates its Lipschitz constants.
struct Understated : TwoMaps {
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return R(0.999) * abs(p.a);
    }
};

}  // namespace

TEST_CASE("backward-point-spread: holds on every path, in both orders") {
    const ClaimResult r = judge(id, simulate(BernoulliConvolution{{}, 0.5}, small()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 0);
    REQUIRE(r.plan.cases == std::vector<std::string>{"forward", "backward"});
    for (std::size_t c : {0u, 1u})
        for (std::size_t k = 0; k < 6; ++k) CHECK(r.at(c, k).tightness == doctest::Approx(1).epsilon(1e-4));
    for (bool closed : {false, true}) {
        auto ensemble = small();
        ensemble.closed_backward = closed;
        CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::holds);
    }
    CHECK(judge(id, simulate(Sine{0.9, 0.5}, small())).overall == Verdict::holds);
}

TEST_CASE("backward-point-spread: Lipschitz constants stated too small are found out") {
    const ClaimResult r = judge(id, simulate(Understated{}, small()));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.at(0, 1).verdict == Verdict::violated);
    CHECK(r.at(2, 1).verdict == Verdict::violated);  // cases 1 and 3: rho_inf^n
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) { setup.truth.lipschitz_sure = Fact{0.49, Label::assumed}; };
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).overall == Verdict::violated);
}

TEST_CASE("backward-point-spread: what it needs") {
    auto ensemble = small();
    ensemble.starts = {{1.0}};
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).plan.failed_assumption == "one start: needs two or more");
    ensemble = small();
    ensemble.observables = false;
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::unresolved);
    ensemble.assume = [](Setup& setup) {
        setup.has_lipschitz = false;
        setup.truth.lipschitz_sure.reset();
    };
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).plan.failed_assumption == "the model gives no Lipschitz constant");
}
