#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/small_chain.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

using Chain = SmallChain<4>;
const std::vector<double> ladder{0.03, 0.06, 0.12, 0.2};
enum Row { bias, bias_exponent, error, error_exponent };

Ensemble passes(std::size_t replicas = 20000, std::uint64_t seed = 20260505) {
    Ensemble e;
    e.seed = seed;
    e.replicas = replicas;
    e.starts = {Chain::rotations(1.1)};
    e.orders = {Order::forward};
    e.steps = {0};
    e.observables = false;
    e.passes = true;
    return e;
}

using ByAmplitude = std::function<Chain(double)>;

Chain bent(double s) {
    Chain chain;
    chain.bend = Bend::tanh;
    chain.forward = s;
    chain.eta = 0.05;
    return chain;
}

Chain straight(double s) {
    Chain chain;
    chain.forward = s;
    chain.backward = s;
    return chain;
}

ClaimResult judged(const ByAmplitude& model, const Ensemble& e = passes(), double alpha = 1e-3,
                   const ByAmplitude& believed = {}) {
    const SweepClaim& claim = registered_sweep_claim("forward-bias");
    return run_sweep<Chain>(claim, ladder, e, model, believed ? believed : model).judge(claim, alpha);
}

std::string why_not(const ByAmplitude& model, const std::vector<double>& values = ladder,
                    const std::function<void(Setup&)>& assume = {}) {
    Ensemble e = passes(8);
    e.assume = assume;
    SweptEnsemble sweep{{{"model.loss.amplitude"}, {values}}, {}, {}};
    for (double s : values) sweep.points.push_back(setup_of(model(s), e));
    return sweep.plan(registered_sweep_claim("forward-bias")).plan.failed_assumption;
}

std::function<void(Setup&)> changed(const std::function<void(CompositeTruth&)>& change) {
    return [change](Setup& setup) {
        CompositeTruth truth = *setup.truth.composite;
        change(truth);
        setup.truth.composite = std::make_shared<const CompositeTruth>(truth);
    };
}

}  // namespace

TEST_CASE("forward-bias: exponent 2 of the bias, 1 of the error") {
    const ClaimResult r = judged(bent);
    CHECK(r.plan.tests == 2);
    REQUIRE(r.plan.cases.size() == 4);
    CHECK(r.plan.axis == "amplitude");
    CHECK(r.overall == Verdict::holds);
    CHECK(r.at(bias_exponent, 0).verdict == Verdict::holds);
    CHECK(r.at(bias_exponent, 0).measured == doctest::Approx(2).epsilon(0.05));
    CHECK(r.at(error_exponent, 0).measured == doctest::Approx(1).epsilon(0.02));
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        CHECK(r.at(bias, k).lower > 0);
        CHECK(r.at(error, k).measured > r.at(bias, k).measured);
        CHECK(r.at(bias, k).verdict == Verdict::not_applicable);
    }
    CHECK(r.finding.find("its bias like s^") != std::string::npos);
}

TEST_CASE("forward-bias: a bias or an error of lower order is violated") {
    const ByAmplitude shifted = [](double s) {
        Chain chain = bent(s);
        chain.forward_shift = 0.5 * s;
        return chain;
    };
    const ClaimResult first = judged(shifted);
    CHECK(first.overall == Verdict::violated);
    CHECK(first.at(bias_exponent, 0).measured < 1.5);
    CHECK(first.at(error_exponent, 0).verdict == Verdict::holds);
    const ClaimResult root = judged([](double s) { return bent(0.4 * std::sqrt(s)); });
    CHECK(root.at(error_exponent, 0).verdict == Verdict::violated);
    CHECK(root.at(bias_exponent, 0).verdict == Verdict::violated);
}

TEST_CASE("forward-bias: none in linear chains with a linear readout, judged per coordinate") {
    auto e = passes(40000);
    e.steps = {0, 1, 2, 3, 4};
    const ClaimResult r = judged(straight, e);
    CHECK(r.plan.tests == 1 + 4 * 12);
    for (std::size_t k = 0; k < ladder.size(); ++k) CHECK(r.at(bias, k).verdict == Verdict::consistent);
    CHECK(r.at(bias_exponent, 0).verdict == Verdict::not_applicable);
    CHECK(r.at(error_exponent, 0).verdict == Verdict::holds);
    CHECK(r.finding.find("no bias is seen") != std::string::npos);
    // Forward noise alone: pairs cancel to rounding.
    const ClaimResult f = judged([](double s) {
        Chain chain = straight(s);
        chain.backward = 0;
        return chain;
    });
    CHECK(f.overall != Verdict::violated);
    CHECK(std::abs(f.at(bias, 0).measured) < 1e-15);
    CHECK(f.at(bias, 0).verdict == Verdict::consistent);
}

TEST_CASE("forward-bias: a bias where there should be none is violated") {
    CHECK(judged([](double s) {
              Chain chain = straight(s);
              chain.forward_shift = 0.03 * s;
              return chain;
          }).overall == Verdict::violated);
    // A bent chain that is believed to be straight.
    const ClaimResult r = judged(bent, passes(), 1e-3, [](double s) {
        Chain chain = straight(s);
        chain.eta = 0.05;
        return chain;
    });
    CHECK(r.at(bias, ladder.size() - 1).verdict == Verdict::violated);
}

TEST_CASE("forward-bias: few replicas do not tell the exponent") {
    const ClaimResult r = judged(bent, passes(100));
    CHECK(r.overall != Verdict::violated);
    CHECK(r.at(bias_exponent, 0).verdict != Verdict::holds);
}

TEST_CASE("forward-bias: what it needs") {
    CHECK(why_not(bent).empty());
    CHECK(why_not(bent, {0.1, 0.2}).find("2 points: needs 3") != std::string::npos);
    CHECK(why_not(bent, {0, 0.1, 0.2}) == "the forward pass is not perturbed");
    CHECK(why_not([](double) { return bent(0.1); }, {-0.1, 0.1, 0.2}).find("no logarithm") != std::string::npos);
    CHECK(why_not([](double s) {
              Chain chain = bent(s);
              chain.bend = Bend::relu;
              return chain;
          }).find("relu 2 -> 2 has no Lipschitz derivative") != std::string::npos);
    CHECK(why_not(bent, ladder, changed([](CompositeTruth& t) { t.forward.symmetric = false; })).find("symmetric") !=
          std::string::npos);
    CHECK(why_not(bent, ladder, changed([](CompositeTruth& t) { t.forward.independent = false; }))
              .find("depends on the signal") != std::string::npos);
    CHECK(why_not(straight, ladder, changed([](CompositeTruth& t) { t.backward.zero_mean = false; })) ==
          "the perturbation of the backward pass is not zero-mean: perturbations.1");
    CHECK(why_not(bent, ladder, [](Setup& s) { s.steps = {1, 2}; }).find("no checkpoint 0") != std::string::npos);
    Ensemble e = passes(50);
    e.passes = false;
    CHECK(judged(bent, e).overall == Verdict::unresolved);
}

TEST_CASE("forward-bias: at alpha = 0.05 a straight chain is rejected no more often than that") {
    int rejected = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        rejected += judged(straight, passes(300, seed), 0.05).overall == Verdict::violated;
    INFO(rejected);
    CHECK(rejected <= 19);  // 200 tests at 0.05: 10 +- 3.1, and 3 standard deviations
}
