#include <doctest/doctest.h>

#include <cmath>

#include "analysis/claims/sgd_chain.hpp"
#include "tests/support/samples.hpp"
#include "tests/support/sgd_models.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const SweepClaim& claim() { return registered_sweep_claim("sgd-covariance"); }

const std::vector<double> ladder{0.1, 0.2, 0.4, 0.8};

Ensemble chains() {
    Ensemble e;
    e.seed = 20260330;
    e.replicas = 12'000;
    e.starts = {{0, 0}};
    e.orders = {Order::forward};
    e.steps = {10};
    for (std::uint32_t n = 260; n <= 800; n += 10) e.steps.push_back(n);
    e.observables = false;
    return e;
}

NoisyQuadratic quadratic(double h) { return {.h = h}; }

SweptEnsemble run(const Ensemble& e, const std::function<NoisyQuadratic(double)>& believed = quadratic,
                  const std::vector<double>& values = ladder) {
    return run_sweep<NoisyQuadratic>(claim(), values, e, quadratic, believed);
}

/// The true model's ensembles, simulated once, as seen by who believes in another one.
SweptEnsemble believing(const std::function<NoisyQuadratic(double)>& believed) {
    static const SweptEnsemble sweep = run(chains());
    SweptEnsemble other = sweep;
    for (std::size_t p = 0; p < ladder.size(); ++p) other.points[p] = setup_of(believed(ladder[p]), chains());
    return other;
}

NoisyQuadratic with_noise(double h, double variance_ratio) {
    NoisyQuadratic model{.h = h};
    for (double& s : model.s) s *= std::sqrt(variance_ratio);
    return model;
}

}  // namespace

TEST_CASE("sgd chain: S0 solves its equation, its leading direction is a direction of it") {
    SgdTruth truth;
    truth.hessian = {2, 0.5, 0.5, 1};
    truth.covariance = {1, -0.3, -0.3, 2};
    const auto s = claims::covariance_rate(truth);
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 2; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < 2; ++k)
                sum += truth.hessian[2 * i + k] * s[2 * k + j] + s[2 * i + k] * truth.hessian[2 * k + j];
            CHECK(sum == doctest::Approx(truth.covariance[2 * i + j]));
        }
    const auto v = claims::leading_direction({2, 0, 0, 3});
    CHECK(std::abs(v[0]) < 1e-12);
    CHECK(std::abs(v[1]) == doctest::Approx(1));
}

TEST_CASE("sgd chain: the distance to the stationary chain bounds the true one and contracts") {
    const NoisyQuadratic model{.h = 0.4};
    Ensemble e = chains();
    e.starts = {{0, 0}, {3, 4}};
    const Setup setup = setup_of(model, e);
    for (double n : {0.0, 1.0, 7.0, 40.0}) {
        // |X_n - Z_n|^2 = sum_i (1 - h lambda_i)^(2n) (x_i^2 + Cov_ii), exactly.
        double exact = 0;
        for (std::size_t i = 0; i < 2; ++i)
            exact += std::pow(1 - model.h * model.lambda[i], 2 * n) *
                     (e.starts[1][i] * e.starts[1][i] + model.covariance(i));
        const double bound = claims::distance_to_stationary(setup, 1, n);
        CHECK(bound >= std::sqrt(exact));
        CHECK(bound <= 2 * std::sqrt(exact) + std::pow(0.8, n) * 8);
    }
    CHECK(claims::distance_to_stationary(setup, 0, 3) < claims::distance_to_stationary(setup, 1, 3));
}

TEST_CASE("claim sgd-covariance: the limit is S0, approached like h") {
    const ClaimResult r = believing(quadratic).judge(claim());
    CHECK(r.plan.axis == "step_size");
    CHECK(r.plan.axis_values == ladder);
    CHECK(r.plan.tests == 4);
    REQUIRE(r.cells.size() == 6 * 4);
    CHECK(r.overall == Verdict::inconclusive);
    CHECK(r.replicas_to_decide < 1e5);
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        const NoisyQuadratic model = quadratic(ladder[k]);
        const double trace = (model.covariance(0) + model.covariance(1)) / model.h;
        CHECK(r.at(0, k).verdict == Verdict::not_applicable);
        CHECK(r.at(0, k).lower < trace);
        CHECK(r.at(0, k).upper > trace);
        CHECK(r.at(3, k).lower < model.covariance(1) / model.h);  // the second component has the larger rate
        CHECK(r.at(3, k).upper > model.covariance(1) / model.h);
    }
    CHECK(r.at(1, 0).verdict == Verdict::consistent);
    CHECK(r.at(1, 0).bound == doctest::Approx(4.5));
    CHECK(r.at(4, 0).verdict == Verdict::consistent);
    CHECK(r.at(4, 0).bound == doctest::Approx(4));
    CHECK(r.at(2, 0).lower > 0.6);
    CHECK(r.at(2, 0).upper > 1);
    const ClaimResult less_strict = believing(quadratic).judge(claim(), 0.5);
    CHECK(less_strict.at(2, 0).verdict == Verdict::holds);
    CHECK(r.at(5, 0).verdict == Verdict::inconclusive);
    CHECK(r.finding.find("S0: 4.5") != std::string::npos);
}

TEST_CASE("claim sgd-covariance: violated when the gradient noise or the curvature is another one") {
    const ClaimResult noise = believing([](double h) { return with_noise(h, 1.1); }).judge(claim());
    CHECK(noise.overall == Verdict::violated);
    CHECK(noise.at(1, 0).verdict == Verdict::violated);
    const ClaimResult curved = believing([](double h) {
                                   NoisyQuadratic model{.h = h};
                                   model.lambda[1] = 0.45;
                                   return model;
                               }).judge(claim());
    CHECK(curved.at(4, 0).verdict == Verdict::violated);
}

TEST_CASE("claim sgd-covariance: steps whose chains remember the start are left out, not judged") {
    Ensemble e = chains();
    e.starts = {{1, 1}};
    e.replicas = 2000;
    const std::vector<double> longer{0.001, 0.1, 0.2, 0.3, 0.4};
    const SweptEnsemble sweep = run(e, quadratic, longer);
    const ClaimResult r = sweep.judge(claim());
    CHECK(std::isnan(r.at(0, 0).measured));
    CHECK(r.at(1, 0).verdict == Verdict::not_applicable);
    CHECK(r.at(1, 1).verdict >= Verdict::inconclusive);
    CHECK(r.at(1, 1).verdict != Verdict::violated);
    CHECK(r.notes.back().find("1 steps are left out") != std::string::npos);
    e.steps = {10, 40};
    const auto plan = run(e).plan(claim()).plan;
    CHECK_FALSE(plan.applicable);
    CHECK(plan.failed_assumption.find("last here: 40") != std::string::npos);
}

TEST_CASE("claim sgd-covariance: what it needs") {
    const Ensemble e = chains();
    const auto failed = [&](const std::function<void(Setup&)>& change) {
        Ensemble other = e;
        SweptEnsemble sweep{{{"model.step"}, {ladder}}, {}, {}};
        for (double h : ladder) sweep.points.push_back(setup_of(quadratic(h), other));
        for (Setup& setup : sweep.points) change(setup);
        return sweep.plan(claim()).plan.failed_assumption;
    };
    const auto edited = [](Setup& setup, const std::function<void(SgdTruth&)>& edit) {
        SgdTruth truth = *setup.truth.sgd;
        edit(truth);
        setup.truth.sgd = std::make_shared<const SgdTruth>(truth);
    };
    CHECK(failed([](Setup&) {}).empty());
    CHECK(failed([](Setup& s) { s.truth.sgd = nullptr; }).find("not plain constant-step SGD") != std::string::npos);
    CHECK(failed([](Setup& s) { s.truth.epoch = 5; }).find("epochs of 5") != std::string::npos);
    CHECK(failed([](Setup& s) { s.orders = {Order::backward}; }) == "needs the order forward");
    CHECK(failed([&](Setup& s) { edited(s, [](SgdTruth& t) { t.strong_convexity.reset(); }); }).find("mu > 0") !=
          std::string::npos);
    CHECK(failed([&](Setup& s) { edited(s, [](SgdTruth& t) { t.smoothness.reset(); }); }).find("smoothness L") !=
          std::string::npos);
    CHECK(failed([&](Setup& s) { edited(s, [](SgdTruth& t) { t.smoothness = Fact{3}; }); }) ==
          "h L = 2.4: needs h < 2/L");
    CHECK(failed([&](Setup& s) { edited(s, [](SgdTruth& t) { t.hessian.clear(); }); }).find("Hessian") !=
          std::string::npos);
}

TEST_CASE("claim sgd-covariance: too few replicas decide nothing, none is told") {
    Ensemble e = chains();
    e.replicas = 100;
    const ClaimResult few = run(e).judge(claim());
    CHECK(few.overall == Verdict::inconclusive);
    CHECK(few.replicas_to_decide > 100);
    e.assume = [](Setup& s) { s.states = false; };
    SweptEnsemble unrecorded = run(e);
    for (auto& summary : unrecorded.summaries) std::fill(summary.begin(), summary.end(), std::nan(""));
    const ClaimResult none = unrecorded.judge(claim());
    CHECK(none.overall == Verdict::unresolved);
}

// 200 seeds at alpha = 0.05, N = 300 replicas; the negative control, the same ensembles against twice the
// gradient noise.
TEST_CASE("claim sgd-covariance: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = chains();
    e.replicas = 300;
    e.steps = {60, 90, 120};
    int violated = 0, wrong = 0;
    for (e.seed = 1; e.seed <= 200; ++e.seed) {
        SweptEnsemble sweep = run(e, quadratic, {0.2, 0.4, 0.8});
        violated += sweep.judge(claim(), 0.05).overall == Verdict::violated;
        if (e.seed > 40) continue;
        for (std::size_t p = 0; p < 3; ++p) sweep.points[p] = setup_of(with_noise(sweep.axes.values[0][p], 2), e);
        wrong += sweep.judge(claim(), 0.05).overall == Verdict::violated;
    }
    CHECK(violated <= binomial_ceiling(200, 0.05));
    CHECK(wrong >= 20);
}
