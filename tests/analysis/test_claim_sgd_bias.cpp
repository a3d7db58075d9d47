#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/samples.hpp"
#include "tests/support/sgd_models.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const SweepClaim& claim() { return registered_sweep_claim("sgd-bias"); }

const std::vector<double> ladder{0.15, 0.3, 0.6, 1.2};

Ensemble chains() {
    Ensemble e;
    e.seed = 20260411;
    e.replicas = 1200;
    e.starts = {{0, 0}};
    e.orders = {Order::forward};
    e.steps = {100, 600, 4000};
    e.states = e.observables = false;
    e.path_mean = e.control = true;
    return e;
}

SoftSgd soft(double h) { return {.h = h}; }

SweptEnsemble run(const Ensemble& e, const std::function<SoftSgd(double)>& model = soft,
                  const std::vector<double>& values = ladder) {
    return run_sweep<SoftSgd>(claim(), values, e, model, soft);
}

const SweptEnsemble& simulated() {
    static const SweptEnsemble sweep = run(chains());
    return sweep;
}

double half_width(const Cell& cell) { return 0.5 * (cell.upper - cell.lower); }

}  // namespace

TEST_CASE(
    "claim sgd-bias: the bias is of order 1 with the predicted coefficient, of order 2 after Richardson-Romberg") {
    const ClaimResult r = simulated().judge(claim());
    CHECK(r.plan.tests == 3);
    REQUIRE(r.cells.size() == 5 * ladder.size());
    CHECK(r.overall == Verdict::holds);
    CHECK(r.at(1, 0).verdict == Verdict::consistent);
    CHECK(r.at(1, 0).bound == doctest::Approx(std::hypot(soft(1).bias(0), soft(1).bias(1))));
    CHECK(r.at(2, 0).verdict == Verdict::consistent);
    CHECK(r.at(2, 0).lower > 0.8);
    CHECK(r.at(2, 0).upper < 1.2);
    CHECK(r.at(4, 0).verdict == Verdict::holds);
    CHECK(half_width(r.at(4, 0)) < 0.2);
}

TEST_CASE("claim sgd-bias: violated by a third derivative 15 % too large, and by another th*") {
    SweptEnsemble wrong = simulated();
    for (std::size_t p = 0; p < ladder.size(); ++p)
        wrong.points[p] = setup_of(SoftSgd{.h = ladder[p], .third_ratio = 1.15}, chains());
    const ClaimResult third = wrong.judge(claim());
    CHECK(third.at(1, 0).verdict == Verdict::violated);
    CHECK(third.at(2, 0).verdict == Verdict::consistent);
    Ensemble e = chains();
    e.replicas = 300;
    const ClaimResult moved = run(e, [](double h) { return SoftSgd{.h = h, .drift = -0.05}; }).judge(claim());
    CHECK(moved.at(2, 0).verdict == Verdict::violated);
    CHECK(moved.at(4, 0).verdict == Verdict::violated);
}

TEST_CASE("claim sgd-bias: with the linear twin a quarter of the variance or less is left") {
    Ensemble e = chains();
    e.replicas = 200;
    const ClaimResult with = run(e).judge(claim());
    e.control = false;
    const ClaimResult without = run(e).judge(claim());
    for (std::size_t k = 0; k + 1 < ladder.size(); ++k)
        CHECK(half_width(with.at(0, k)) < 0.5 * half_width(without.at(0, k)));
}

TEST_CASE("claim sgd-bias: too few replicas decide nothing, none is told") {
    Ensemble e = chains();
    e.replicas = 50;
    SweptEnsemble few = run(e);
    CHECK(few.judge(claim()).overall == Verdict::inconclusive);
    for (auto& summary : few.summaries) std::fill(summary.begin(), summary.end(), std::nan(""));
    CHECK(few.judge(claim()).overall == Verdict::unresolved);
}

// 100 seeds at alpha = 0.05, N = 60 replicas; the negative control, the same ensembles against another th*.
TEST_CASE("claim sgd-bias: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = chains();
    e.replicas = 60;
    e.steps = {600, 1000};
    int violated = 0, wrong = 0;
    for (e.seed = 1; e.seed <= 100; ++e.seed) {
        SweptEnsemble sweep = run(e, soft, {0.15, 0.3, 0.6});
        violated += sweep.judge(claim(), 0.05).overall == Verdict::violated;
        for (std::size_t p = 0; p < 3; ++p)
            for (double& y : sweep.summaries[p]) y += 0.05;
        wrong += sweep.judge(claim(), 0.05).overall == Verdict::violated;
    }
    CHECK(violated <= binomial_ceiling(100, 0.05));
    CHECK(wrong >= 90);
}

TEST_CASE("claim sgd-bias: what it needs") {
    const auto failed = [&](const std::function<void(SgdTruth&)>& edit, std::vector<std::uint32_t> steps) {
        Ensemble e = chains();
        e.steps = std::move(steps);
        SweptEnsemble sweep{{{"model.step"}, {ladder}}, {}, {}};
        for (double h : ladder) sweep.points.push_back(setup_of(soft(h), e));
        for (Setup& setup : sweep.points) {
            SgdTruth truth = *setup.truth.sgd;
            edit(truth);
            setup.truth.sgd = std::make_shared<const SgdTruth>(truth);
        }
        return sweep.plan(claim()).plan.failed_assumption;
    };
    const auto nothing = [](SgdTruth&) {};
    CHECK(failed(nothing, {600, 4000}).empty());
    CHECK(failed(nothing, {100, 200}).find("have two checkpoints") != std::string::npos);
    CHECK(failed([](SgdTruth& t) { t.quadratic = true; }, {600, 4000}).find("quadratic") != std::string::npos);
    CHECK(failed([](SgdTruth& t) { t.third = nullptr; }, {600, 4000}).find("third derivative") != std::string::npos);
    CHECK(failed([](SgdTruth& t) { t.covariance = {0, 0, 0, 0}; }, {600, 4000}).find("vanishes") != std::string::npos);
}
