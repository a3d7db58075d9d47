#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/sgd_models.hpp"
#include "tests/support/small_sgd.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

// order-commutator, order-palindrome, symmetrised-order.
namespace {

const std::vector<double> ladder{1e-5, 1e-4, 1e-3, 3e-3, 1e-2};
const std::vector<std::string> ids{"order-commutator", "order-palindrome", "symmetrised-order"};
enum Row { by_step, slope, ratio, limit, slope_of_rest };

/// Steps of another length than the swept key says: h^(1/2)/10.
struct RootSteps : SmallSgd {
    double step_size() const { return 0.1 * std::sqrt(h); }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        R g[2];
        gradient(p, x.data(), g);
        for (int i = 0; i < 2; ++i) x[std::size_t(i)] -= R(step_size()) * g[i];
    }
};

/// Its Hessian is 3 % too large.
struct WrongHessian : SmallSgd {
    template <class P, class R>
    void hessian_product(const P& p, const R* x, const R* v, R* out) const {
        SmallSgd::hessian_product(p, x, v, out);
        for (int i = 0; i < 2; ++i) out[i] *= R(1.03);
    }
};

Ensemble few_steps() {
    Ensemble e;
    e.seed = 20260412;
    e.replicas = 500;
    e.starts = {{0.5, 1}, {2, -1}};
    e.orders = {Order::forward};
    e.steps = {2, 8};
    e.observables = false;
    e.order_sensitivity = true;
    return e;
}

template <class M>
ClaimResult judged(const std::string& id, double kappa = 0.3, const Ensemble& e = few_steps(),
                   const std::vector<double>& values = ladder) {
    const std::function<M(double)> model = [kappa](double h) {
        M m;
        m.h = h;
        m.kappa = kappa;
        return m;
    };
    const SweepClaim& claim = registered_sweep_claim(id);
    return run_sweep<M>(claim, values, e, model, model).judge(claim);
}

}  // namespace

TEST_CASE("claim order-commutator: exponent 2, the leading coefficient, exponent 3 of what is left") {
    const ClaimResult r = judged<SmallSgd>("order-commutator");
    CHECK(r.plan.tests == 8);
    REQUIRE(r.cells.size() == 10 * ladder.size());
    CHECK(r.overall == Verdict::holds);
    for (std::size_t s : {0U, 5U}) {
        CHECK(r.at(s + slope, 0).verdict == Verdict::consistent);
        CHECK(r.at(s + slope, 0).measured == doctest::Approx(2).epsilon(1e-3));
        CHECK(r.at(s + ratio, 0).verdict == Verdict::holds);
        CHECK(r.at(s + ratio, 0).upper < 1e-3);
        CHECK(r.at(s + limit, 0).verdict == Verdict::consistent);
        CHECK(r.at(s + by_step, 0).tightness == doctest::Approx(1).epsilon(1e-3));
    }
    // At h = 1e-5 the remainder is below 1e3 roundings, and not looked at.
    CHECK(r.at(slope_of_rest, 0).verdict == Verdict::not_applicable);
    bool held = false;
    for (std::size_t k = 1; k < ladder.size(); ++k) held |= r.at(slope_of_rest, k).verdict == Verdict::holds;
    CHECK(held);
    CHECK(r.finding.find("E|F - B| ~ h^2;") != std::string::npos);
}

TEST_CASE("claim order-commutator: violated by a Hessian 3 % too large, and by steps that are not of order h") {
    const ClaimResult wrong = judged<WrongHessian>("order-commutator");
    CHECK(wrong.overall == Verdict::violated);
    CHECK(wrong.at(slope, 0).verdict == Verdict::consistent);
    CHECK(wrong.at(ratio, 0).verdict == Verdict::inconclusive);
    CHECK(wrong.at(limit, 0).verdict == Verdict::violated);
    CHECK(wrong.at(limit, 0).measured == doctest::Approx(0.03).epsilon(0.05));
    CHECK(judged<RootSteps>("order-commutator").at(slope, 0).verdict == Verdict::violated);
}

TEST_CASE("claims order-palindrome, symmetrised-order: exponent 3, and what breaks them") {
    for (const char* id : {"order-palindrome", "symmetrised-order"}) {
        CAPTURE(id);
        const ClaimResult r = judged<SmallSgd>(id);
        CHECK(r.plan.tests == 2);
        CHECK(r.overall == Verdict::holds);
        CHECK(std::isnan(r.at(by_step, 0).measured));
        CHECK(r.finding.find("h^3") != std::string::npos);
        const ClaimResult root = judged<RootSteps>(id);
        CHECK(root.overall == Verdict::violated);
        CHECK(root.at(slope, 0).measured == doctest::Approx(1.5).epsilon(0.01));
    }
}

TEST_CASE("claims of order expansion: what is below 1e3 roundings is unresolved, never judged") {
    const std::vector<double> tiny{1e-9, 2e-9, 4e-9, 8e-9};
    for (const auto& id : ids) CHECK(judged<SmallSgd>(id, 0.3, few_steps(), tiny).overall == Verdict::unresolved);
    Ensemble e = few_steps();
    e.order_sensitivity = false;
    for (const auto& id : ids) CHECK(judged<SmallSgd>(id, 0.3, e).overall == Verdict::unresolved);
}

TEST_CASE("claim order-commutator: at coarse steps the remainder decides nothing") {
    const ClaimResult r = judged<SmallSgd>("order-commutator", 0.3, few_steps(), {0.02, 0.04, 0.08});
    CHECK(r.at(ratio, 0).verdict == Verdict::inconclusive);
    CHECK(r.overall == Verdict::inconclusive);
    CHECK(r.notes.front().find("a smaller one would decide") != std::string::npos);
}

TEST_CASE("claims of order expansion: what they need") {
    const auto failed = [&](const std::function<void(Ensemble&)>& change) {
        Ensemble e = few_steps();
        change(e);
        SweptEnsemble sweep{{{"model.step"}, {ladder}}, {}, {}};
        for (double h : ladder) sweep.points.push_back(setup_of(SmallSgd{.h = h}, e));
        return sweep.plan(registered_sweep_claim("order-palindrome")).plan.failed_assumption;
    };
    CHECK(failed([](Ensemble&) {}).empty());
    CHECK(failed([](Ensemble& e) { e.steps = {1}; }).find("one order") != std::string::npos);
    CHECK(failed([](Ensemble& e) { e.steps = {8, 257}; }).find("n <= 256") != std::string::npos);
    CHECK(failed([](Ensemble& e) {
              e.assume = [](Setup& s) { s.offers = [](Quantity q) { return q == Quantity::state; }; };
          }).find("gradient steps") != std::string::npos);
    CHECK(failed([](Ensemble& e) {
              e.assume = [](Setup& s) {
                  SgdTruth sgd;
                  sgd.curvature = Fact{1000};
                  s.truth.sgd = std::make_shared<const SgdTruth>(sgd);
              };
          }) == "n h L = 0.08 at the smallest step: needs n h L <= 0.05");
}
