#include <doctest/doctest.h>

#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Ensemble line(std::size_t replicas) {
    Ensemble e;
    e.seed = 51;
    e.replicas = replicas;
    e.starts = {{1}};
    e.steps = {0, 1, 2, 10, 60};
    return e;
}

/// Backward states that have been moved, or another quantity: the negative control.
class Shifted final : public Evidence {
  public:
    Shifted(const Evidence& base, double shift, Quantity quantity = Quantity::state)
        : base_(base), shift_(shift), quantity_(quantity) {}
    const Setup& setup() const override { return base_.setup(); }
    bool has(Quantity q, Order order) const override { return base_.has(q, order); }
    std::vector<double> values(const Address& a) const override {
        auto v = base_.values(a);
        if (a.order == Order::backward && a.quantity == quantity_)
            for (double& x : v) x += shift_;
        return v;
    }
    SampleMoments moments(Order order, std::size_t s, std::size_t c, std::size_t i) const override {
        return base_.moments(order, s, c, i);
    }
    std::uint64_t diverged(Order order, std::size_t s) const override { return base_.diverged(order, s); }

  private:
    const Evidence& base_;
    double shift_;
    Quantity quantity_;
};

}  // namespace

TEST_CASE("claim no-free-accuracy: consistent, from the second map on") {
    const auto r = judge("no-free-accuracy", simulate(Sine{0.9, 0.5}, line(60'000)));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.tests == 2 * 3);
    CHECK(r.at(0, 1).verdict == Verdict::unresolved);
    CHECK(r.at(1, 4).verdict == Verdict::consistent);
    CHECK(r.finding.find("+-") != std::string::npos);
}

TEST_CASE("claim no-free-accuracy: violated when the backward mean is off by a tenth of a standard deviation") {
    const auto evidence = simulate(Sine{0.9, 0.5}, line(60'000));
    const auto r = judge("no-free-accuracy", Shifted(evidence, 0.07));
    CHECK(r.overall == Verdict::violated);
    CHECK(judge("no-free-accuracy", Shifted(evidence, 0.0)).overall == Verdict::consistent);
}

TEST_CASE(
    "claim no-free-accuracy: few replicas are inconclusive, one order is not enough, heavy tails are unresolved") {
    const auto few = judge("no-free-accuracy", simulate(Sine{0.9, 0.5}, line(1'000)));
    CHECK(few.overall == Verdict::inconclusive);
    CHECK(few.replicas_to_decide > 1'000);
    Ensemble e = line(1'000);
    e.orders = {Order::backward};
    CHECK(judge("no-free-accuracy", simulate(Sine{0.9, 0.5}, e)).plan.failed_assumption == "needs both orders");
    const auto heavy = judge("no-free-accuracy", simulate(Kesten{-0.4, 0.7}, line(1'000)));  // tail index 1.63
    CHECK(heavy.overall == Verdict::unresolved);
    CHECK(heavy.plan.tests == 0);
}

TEST_CASE("claim no-free-accuracy: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = line(300);
    int violated = 0;
    for (e.seed = 1; e.seed <= 200; ++e.seed)
        violated += judge("no-free-accuracy", simulate(Sine{0.9, 0.5}, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 19);  // 10 expected at most, 19 = 10 + 3 s.d.
}

TEST_CASE("claim no-free-accuracy: in many dimensions by the accuracy itself") {
    Ensemble e = line(4'000);
    e.starts = {std::vector<double>(65, 0.1)};
    e.loss = true;
    e.states = false;
    const auto evidence = simulate(Wide{}, e);
    const auto r = judge("no-free-accuracy", evidence);
    CHECK(r.plan.cases == std::vector<std::string>{"mean, start number 0, test_accuracy", "mean, start number 0, test_loss"});
    CHECK(r.plan.tests == 3);  // the loss's moments are not known to be bounded
    CHECK(r.at(0, 4).measured == doctest::Approx(0).epsilon(0.05));
    CHECK(r.finding.find("test_accuracy is 0.5") != std::string::npos);
    CHECK(judge("no-free-accuracy", Shifted(evidence, 0.1, Quantity::test_accuracy)).overall == Verdict::violated);
}
