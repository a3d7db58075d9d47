#include <doctest/doctest.h>

#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/small_sgd.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {
Ensemble two_starts() {
    Ensemble e;
    e.seed = 203;
    e.replicas = 20'000;
    e.starts = {{4}, {-3}};
    e.steps = {0, 1, 2, 8, 40};
    e.loss = true;
    return e;
}

Ensemble with_truth(std::function<void(SgdTruth&)> change) {
    Ensemble e = two_starts();
    e.assume = [change](Setup& s) {
        auto sgd = std::make_shared<SgdTruth>(*s.truth.sgd);
        change(*sgd);
        s.truth.sgd = sgd;
    };
    return e;
}
/// Says a constant that is a per mille too small for one map in twenty thousand.
struct RarelyTooSmall : FlatOrCurved {
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return FlatOrCurved::lipschitz(p) * select(p.e > R(3.9), R(0.999), R(1.0));
    }
};
}  // namespace

TEST_CASE("claim sgd-lipschitz: holds on every path, and sharp") {
    const auto r = judge("sgd-lipschitz", simulate(FlatOrCurved{}, two_starts()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 0);
    for (std::size_t k = 1; k < 5; ++k) CHECK(r.at(0, k).tightness == doctest::Approx(1).epsilon(1e-9));
    CHECK(r.notes[0].find("80000 comparisons on single paths, none failed") != std::string::npos);
}

TEST_CASE("claim sgd-lipschitz: violated by one path whose constant is a per mille too small") {
    const auto r = judge("sgd-lipschitz", simulate(RarelyTooSmall{}, two_starts()));
    CHECK(r.overall == Verdict::violated);
}

TEST_CASE("claim sgd-lipschitz: says what it lacks") {
    const auto why = [](const auto& model, const Ensemble& e) {
        return judge("sgd-lipschitz", simulate(model, e)).plan.failed_assumption;
    };
    Ensemble e = two_starts();
    e.replicas = 100;
    CHECK(why(GaussianAr{}, e) == "the model is not plain constant-step SGD on a loss it knows");
    e.orders = {Order::backward};
    CHECK(why(FlatOrCurved{}, e) == "needs the order forward");
    e = two_starts();
    e.starts = {{4}};
    CHECK(why(FlatOrCurved{}, e) == "one start: needs two or more");
}

TEST_CASE("claim sgd-mean-square: holds, attained where samples are flat or as curved as any") {
    const auto r = judge("sgd-mean-square", simulate(FlatOrCurved{}, two_starts()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 8);
    CHECK(r.plan.cases == std::vector<std::string>{"forward, start 4 and start -3", "backward, start 4 and start -3"});
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t k = 1; k < 5; ++k) {
            CHECK(r.at(c, k).verdict == Verdict::holds);
            CHECK(r.at(c, k).tightness == doctest::Approx(1).epsilon(0.02));
        }
}

TEST_CASE("claim sgd-mean-square: violated when the strong convexity is 15 per cent too large") {
    const auto r = judge("sgd-mean-square", simulate(FlatOrCurved{}, with_truth([](SgdTruth& t) {
        t.strong_convexity->value *= 1.15;
    })));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.at(0, 4).verdict == Verdict::violated);
}

TEST_CASE("claim sgd-mean-square: paths too rare for the mean square are not judged") {
    Ensemble e = two_starts();
    e.steps = {0, 40, 2'000};
    const auto r = judge("sgd-mean-square", simulate(FlatOrCurved{}, e));
    CHECK(r.at(0, 1).verdict == Verdict::holds);
    CHECK(r.at(0, 2).verdict == Verdict::unresolved);
    CHECK(r.notes[0].find("too rare") != std::string::npos);
}

TEST_CASE("claim sgd-mean-square: several starts go by their states") {
    Ensemble e = two_starts();
    e.starts = {{4}, {-3}, {0}};
    const auto r = judge("sgd-mean-square", simulate(FlatOrCurved{}, e));
    CHECK(r.plan.cases.size() == 4);
    CHECK(r.overall == Verdict::holds);
    CHECK(r.at(1, 1).bound == doctest::Approx(4 * std::sqrt(r.at(0, 1).bound * r.at(0, 1).bound / 49)));
}

TEST_CASE("claim sgd-floor: holds at every n for forward and backward, near its bound for small steps") {
    FlatOrCurved model;
    model.h = 0.01;
    Ensemble e = two_starts();
    e.replicas = 4'000;
    e.starts = {{0.05}, {-3}};
    e.steps = {0, 1, 100, 1'000};
    const auto r = judge("sgd-floor", simulate(model, e));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 12);
    // E Z^2 = h tau^2/(2 mu (1 - h L/2)); the bound has (1 - sqrt(h L/2))^2 in its place.
    const double exact = 0.01 * model.s * model.s / (2 * model.mu() * (1 - 0.01 * model.L / 2));
    CHECK(r.at(0, 3).measured == doctest::Approx(std::sqrt(exact)).epsilon(0.05));
    CHECK(r.at(0, 3).tightness > 0.8);
    CHECK(r.finding.find("backward; stationary bound") != std::string::npos);
}

TEST_CASE("claim sgd-floor: violated when the noise of the gradient is a third of the true one") {
    Ensemble e = with_truth([](SgdTruth& t) { t.gradient_noise->value /= 3; });
    e.steps = {0, 1, 2, 8, 200};
    const auto r = judge("sgd-floor", simulate(FlatOrCurved{}, e));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.at(0, 4).verdict == Verdict::violated);
}

TEST_CASE("claims of SGD: what they need of the loss") {
    const auto why = [](const char* claim, std::function<void(SgdTruth&)> change) {
        Ensemble e = with_truth(change);
        e.replicas = 100;
        return judge(claim, simulate(FlatOrCurved{}, e)).plan.failed_assumption;
    };
    for (const char* claim : {"sgd-mean-square", "sgd-floor"}) {
        CHECK(why(claim, [](SgdTruth& t) { t.smoothness.reset(); }) ==
              "not every l_xi is convex with a known smoothness L");
        CHECK(why(claim, [](SgdTruth& t) { t.strong_convexity->value = 0; }) ==
              "l is not known to be strongly convex: needs mu > 0");
        CHECK(why(claim, [](SgdTruth& t) { t.smoothness->value = 25; }) == "h L = 2.5: needs h < 2/L");
    }
    CHECK(why("sgd-floor", [](SgdTruth& t) { t.optimum.clear(); }) == "the optimum th* is not known");
    CHECK(why("sgd-floor", [](SgdTruth& t) { t.gradient_noise.reset(); }) ==
          "tau^2 = E|grad l_xi(th*)|^2 is not known");
    Ensemble e = two_starts();
    e.replicas = 100;
    e.assume = [](Setup& s) { s.truth.epoch = 5; };
    for (const char* claim : {"sgd-mean-square", "sgd-floor"})
        CHECK(judge(claim, simulate(FlatOrCurved{}, e)).plan.failed_assumption ==
              "the maps are exchangeable within epochs of 5 only: needs independent ones");
}
