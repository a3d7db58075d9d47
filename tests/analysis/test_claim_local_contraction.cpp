#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "local-contraction";

/// x -> c x^2 + s coin: contracts [-1, 1] by 2 c and maps it into itself if c + s <= 1; diverges from far outside.
struct Parabola {
    double c = 0.4, s = 0.5;

    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.coins = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(s) * w.coin()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = R(c) * x * x + p.shift;
    }

    Truth truth() const {
        Truth t;
        t.region = Region{{-1}, {1}, {2 * c}, c + s <= 1};
        return t;
    }
};

Ensemble small() {
    return {.seed = 20260405, .replicas = 1000, .starts = {{-1.0}, {0.3}, {1.0}}, .steps = {0, 1, 2, 5, 10, 20, 100}};
}

}  // namespace

TEST_CASE("local-contraction: holds on an invariant region, where global claims do not apply") {
    const ClaimResult r = judge(id, simulate(Parabola{}, small()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 0);
    CHECK(r.plan.rests_on[1] == "K = [-1, 1], invariant");
    for (std::size_t c = 0; c < r.plan.cases.size(); ++c) {
        CHECK(r.at(c, 1).verdict == Verdict::holds);
        CHECK((r.at(c, 3).tightness <= 1 || r.at(c, 3).bound == 0));
    }
    CHECK(r.finding.find("0 of 3000 states forward, 0 of 3000 states backward") != std::string::npos);
    CHECK(judge("backward-limit", simulate(Parabola{}, small())).overall == Verdict::not_applicable);
}

TEST_CASE("local-contraction: exits from a region said to be invariant violate it") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) { setup.truth.region->invariant = true; };
    const ClaimResult r = judge(id, simulate(Parabola{.c = 0.4, .s = 0.65}, ensemble));
    CHECK(r.overall == Verdict::violated);
    // The same paths, from a region that does not claim it: reported, and the statements hold on those that stayed.
    ensemble.assume = {};
    const ClaimResult open = judge(id, simulate(Parabola{.c = 0.4, .s = 0.65}, ensemble));
    CHECK(open.overall != Verdict::violated);
    bool counted = false;
    for (const auto& note : open.notes)
        counted = counted || note.find("replicas were seen outside K") != std::string::npos;
    CHECK(counted);
}

TEST_CASE("local-contraction: a rate assumed too small is violated") {
    auto ensemble = small();
    ensemble.assume = [](Setup& setup) { setup.truth.region->lipschitz = {0.45, Label::assumed}; };
    const ClaimResult r = judge(id, simulate(Parabola{}, ensemble));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.plan.rests_on[0] == "rho_K = 0.45 (assumed)");
}

TEST_CASE("local-contraction: what it needs") {
    auto ensemble = small();
    CHECK(judge(id, simulate(BernoulliConvolution{{}, 0.5}, ensemble)).plan.failed_assumption ==
          "no region is known that the maps contract: [verify] assume = { region_radius = ..., rho_K = ... } names one");
    CHECK(judge(id, simulate(Parabola{.c = 0.5, .s = 0.5}, ensemble)).plan.failed_assumption ==
          "rho_K = 1: needs rho_K < 1");
    ensemble.starts = {{0.0}, {1.5}};
    CHECK(judge(id, simulate(Parabola{}, ensemble)).plan.failed_assumption ==
          "start 1.5 is outside the region [-1, 1]");
    ensemble = small();
    ensemble.states = false;
    CHECK(judge(id, simulate(Parabola{}, ensemble)).overall == Verdict::unresolved);
}

TEST_CASE("local-contraction: a ball that the user names, with exits counted") {
    auto ensemble = small();
    ensemble.starts = {{0.3}, {1.0}};
    double radius = 0.9;
    ensemble.assume = [&](Setup& setup) {
        Region ball;
        ball.lipschitz = {0.96, Label::assumed};
        ball.center = {0.3};
        ball.radius = radius;
        setup.truth.region = ball;
    };
    const ClaimResult r = judge(id, simulate(Parabola{}, ensemble));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.finding.find("outside K = ball of radius 0.9 about start number 0 at n = 100: 0 of 2000 states") != std::string::npos);
    CHECK(r.plan.rests_on[1] == "K = ball of radius 0.9 about start number 0, which paths may leave");
    radius = 0.75;  // leaves out [-0.5, -0.45)
    const ClaimResult left = judge(id, simulate(Parabola{}, ensemble));
    CHECK(left.finding.find(": 0 of 2000 states forward") == std::string::npos);
    CHECK(left.notes[0].find("states are outside K at the last checkpoint") != std::string::npos);
}
