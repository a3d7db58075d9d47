#include <doctest/doctest.h>

#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/small_sgd.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {
Ensemble windows() {
    Ensemble e;
    e.seed = 17;
    e.replicas = 4'000;
    e.starts = {{3}};
    for (std::uint32_t n = 0; n <= 60; n += 5) e.steps.push_back(n);
    e.loss = true;
    e.window = 4;
    return e;
}

/// Climbs away from th* and says that it contracts.
struct FalseContraction : CoinTargets {
    FalseContraction() : CoinTargets{-0.2} {}
    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(0.5);
    }
    Truth truth() const {
        Truth t = CoinTargets{-0.2}.truth();
        t.lipschitz_sure = Fact{0.5};
        return t;
    }
};
}  // namespace

TEST_CASE("claim loss-oscillation: backward's variance is below forward's and within what each path certifies") {
    const auto r = judge("loss-oscillation", simulate(CoinTargets{}, windows()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.cases == std::vector<std::string>{"train_loss, backward below forward, start 3",
                                                   "train_loss, backward on its path, start 3"});
    CHECK(r.plan.tests == 10);
    for (std::size_t k = 0; k < 3; ++k) CHECK(r.at(0, k).verdict == Verdict::unresolved);  // no whole window yet
    CHECK(r.at(0, 3).verdict == Verdict::unresolved);  // the certificates are still too wide
    for (std::size_t c = 0; c < 2; ++c) CHECK(r.at(c, 12).verdict == Verdict::holds);
    CHECK(r.at(0, 12).tightness < 1e-6);
    CHECK(r.at(1, 12).tightness > 0.05);
    // In the law pi of F_n, whose kurtosis falls short of the normal one: Var l < Var(Z)^2/2, Var Z = h/(2 - h).
    const double most = 0.5 * std::pow(0.2 / 1.8, 2);
    CHECK(r.at(0, 12).bound > 0.2 * most);
    CHECK(r.at(0, 12).bound < most);
    CHECK(r.finding.find("times less") != std::string::npos);
}

TEST_CASE("claim loss-oscillation: violated, on paths and in the mean, by maps that only say they contract") {
    Ensemble e = windows();
    e.starts = {{0}};
    e.window = 2;
    e.steps = {15, 16, 17, 18, 19, 20};
    const auto r = judge("loss-oscillation", simulate(FalseContraction{}, e));
    CHECK(r.at(0, 5).verdict == Verdict::violated);
    CHECK(r.at(1, 5).verdict == Verdict::violated);
    CHECK(r.overall == Verdict::violated);
}

TEST_CASE("claim loss-oscillation: violated on paths by a smoothness a hundredth of the true one") {
    Ensemble e = windows();
    e.assume = [](Setup& s) {
        auto sgd = std::make_shared<SgdTruth>(*s.truth.sgd);
        sgd->curvature->value = 0.01;
        s.truth.sgd = sgd;
    };
    CHECK(judge("loss-oscillation", simulate(CoinTargets{}, e)).overall == Verdict::violated);
}

TEST_CASE("claim loss-oscillation: reported, not judged, without a sure contraction") {
    Ensemble e = windows();
    e.replicas = 500;
    e.assume = [](Setup& s) { s.truth.lipschitz_sure.reset(); };
    const auto r = judge("loss-oscillation", simulate(CoinTargets{}, e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(r.plan.tests == 0);
    CHECK(r.at(0, 12).measured < 1e-3 * r.at(0, 12).bound);
    CHECK(r.notes[0] == "no sure contraction is known: the variances are reported, not judged");
}

TEST_CASE("claim loss-oscillation: says what it lacks") {
    Ensemble e = windows();
    e.replicas = 100;
    const auto why = [&](const auto& model) { return judge("loss-oscillation", simulate(model, e)).plan.failed_assumption; };
    e.window = 0;
    CHECK(why(CoinTargets{}) == "no window: needs record.window = K");
    e.orders = {Order::forward};
    CHECK(why(CoinTargets{}) == "needs both orders");
    e.loss = false;
    CHECK(why(GaussianAr{}) == "the model observes no loss");
}
