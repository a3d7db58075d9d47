#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Ensemble line(std::size_t replicas) {
    Ensemble e;
    e.seed = 71;
    e.replicas = replicas;
    e.starts = {{1}};
    e.steps = {0, 1, 2, 10};
    return e;
}

/// Forward states of one ensemble, backward states of another: the negative control.
class Mixed final : public Evidence {
  public:
    Mixed(const Evidence& forward, const Evidence& backward) : forward_(forward), backward_(backward) {}
    const Setup& setup() const override { return forward_.setup(); }
    bool has(Quantity q, Order order) const override { return of(order).has(q, order); }
    std::vector<double> values(const Address& a) const override { return of(a.order).values(a); }
    SampleMoments moments(Order order, std::size_t s, std::size_t c, std::size_t i) const override {
        return of(order).moments(order, s, c, i);
    }
    std::uint64_t diverged(Order order, std::size_t s) const override { return of(order).diverged(order, s); }

  private:
    const Evidence& of(Order order) const { return order == Order::forward ? forward_ : backward_; }
    const Evidence &forward_, &backward_;
};

/// One order's states in the place of another's: the negative control.
class Relabelled final : public Evidence {
  public:
    Relabelled(const Evidence& inner, Order order, Order by) : inner_(inner), order_(order), by_(by) {}
    const Setup& setup() const override { return inner_.setup(); }
    bool has(Quantity q, Order order) const override { return inner_.has(q, order); }
    std::vector<double> values(const Address& a) const override {
        Address b = a;
        if (b.order == order_) b.order = by_;
        return inner_.values(b);
    }
    SampleMoments moments(Order order, std::size_t s, std::size_t c, std::size_t i) const override { return inner_.moments(order, s, c, i); }
    std::uint64_t diverged(Order order, std::size_t s) const override { return inner_.diverged(order, s); }

  private:
    const Evidence& inner_;
    Order order_, by_;
};

}  // namespace

TEST_CASE("claim law-equality: consistent for a map that is not affine") {
    const auto r = judge("law-equality", simulate(Sine{2.5, 0.4}, line(40'000)));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.tests == 2 * 3);
    CHECK(r.at(0, 3).verdict == Verdict::consistent);
    CHECK(r.plan.cases[1] == "AD, backward, start 1");
}

TEST_CASE("claim law-equality: consistent for a law with atoms, after rounding") {
    const auto r = judge("law-equality", simulate(BernoulliConvolution{{}, 0.3}, line(40'000)));
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.cases.size() == 1);  // no Anderson-Darling
}

TEST_CASE("claim law-equality: consistent in the plane, with a projection") {
    Ensemble e = line(40'000);
    e.starts = {{0, 1}};
    const auto r = judge("law-equality", simulate(TwoSpirals{}, e));
    CHECK(r.plan.cases[4] == "KS, backward, start (0, 1), a seeded projection");
    CHECK(r.overall == Verdict::consistent);
}

TEST_CASE("claim law-equality: violated by other parameters and by other n") {
    const auto a = simulate(Sine{2.5, 0.4}, line(40'000)), b = simulate(Sine{2.4, 0.4}, line(40'000));
    CHECK(judge("law-equality", Mixed(a, b)).overall == Verdict::violated);
    Ensemble later = line(40'000);
    later.steps = {0, 1, 3, 10};
    const auto c = simulate(Sine{2.5, 0.4}, later);
    const auto r = judge("law-equality", Mixed(a, c));
    CHECK(r.at(0, 2).verdict == Verdict::violated);
    CHECK(r.at(1, 2).verdict == Verdict::violated);
    CHECK(r.at(0, 3).verdict == Verdict::consistent);
}

TEST_CASE("claim law-equality: every order that uses each map once has forward's law, and one that does not would be seen") {
    Ensemble e = line(40'000);
    const Order window = order_named("window_4"), palindrome = order_named("palindrome_4");
    e.orders = {Order::forward, Order::backward, window, order_named("block_reversed_4"), order_named("reshuffled_4"), palindrome, order_named("symmetrised")};
    const auto evidence = simulate(Sine{2.5, 0.4}, e);
    const auto r = judge("law-equality", evidence);
    CHECK(r.overall == Verdict::consistent);
    CHECK(r.plan.tests == 4 * 2 * 3);
    CHECK(r.plan.cases[2] == "KS, window_4, start 1");
    // The controls: orders of another law in the place of the window.
    for (const Order& other : {palindrome, order_named("symmetrised")}) {
        const auto wrong = judge("law-equality", Relabelled(evidence, window, other));
        CHECK(wrong.overall == Verdict::violated);
        CHECK(wrong.at(0, 3).verdict == Verdict::consistent);
        CHECK(wrong.at(2, 3).verdict == Verdict::violated);
    }
}

TEST_CASE("claim law-equality: maps that are exchangeable within epochs are judged where epochs stay whole") {
    Ensemble e = line(20'000);
    e.steps = {1, 2, 3, 4, 6, 8};
    e.orders = {Order::forward, Order::backward, order_named("window_3"), order_named("block_reversed_4")};
    e.assume = [](Setup& s) { s.truth.epoch = 4; };
    const auto r = judge("law-equality", simulate(Sine{2.5, 0.4}, e));
    CHECK(r.plan.tests == 2 * (5 + 5 + 6));  // not backward and not window_3 at n = 6
    CHECK(r.at(0, 4).verdict == Verdict::unresolved);  // backward at 6
    CHECK(r.at(0, 5).verdict == Verdict::consistent);
    CHECK(r.overall == Verdict::consistent);
}

TEST_CASE("claim law-equality: inconclusive with few replicas, and says how many would do") {
    const auto r = judge("law-equality", simulate(Sine{2.5, 0.4}, line(500)));
    CHECK(r.overall == Verdict::inconclusive);
    CHECK(r.replicas_to_decide > 1'000);
    CHECK(r.replicas_to_decide < 1e6);
}

TEST_CASE("claim law-equality: not applicable with one order, unresolved without states") {
    Ensemble e = line(1'000);
    e.orders = {Order::forward};
    CHECK(judge("law-equality", simulate(Sine{2.5, 0.4}, e)).plan.failed_assumption == "needs the order forward and another one that uses each map once");
    e = line(1'000);
    e.states = false;
    const auto r = judge("law-equality", simulate(Sine{2.5, 0.4}, e));
    CHECK(r.overall == Verdict::unresolved);
    REQUIRE(!r.notes.empty());
    CHECK(r.notes[0].find("record.states = true") != std::string::npos);
}

TEST_CASE("claim law-equality: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = line(300);
    int violated = 0;
    for (e.seed = 1; e.seed <= 400; ++e.seed)
        violated += judge("law-equality", simulate(Sine{2.5, 0.4}, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 33);  // 20 expected at most, 33 = 20 + 3 s.d.
}

TEST_CASE("claim law-equality: in many dimensions through projections and the loss, or the loss alone") {
    Ensemble e = line(4'000);
    e.starts = {std::vector<double>(65, 1.0)};
    e.loss = true;
    const auto truth = simulate(Wide{0.5}, e), other = simulate(Wide{0.8}, e);
    const auto plan = judge("law-equality", truth).plan;
    CHECK(plan.cases[0] == "KS, backward, start number 0, test_loss");
    CHECK(plan.cases[9] == "AD, backward, start number 0, seeded projection 3");
    CHECK(plan.tests == 2 * 3 * 5);
    const auto r = judge("law-equality", Mixed(truth, other));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.at(0, 3).verdict == Verdict::violated);
    CHECK(r.at(2, 3).verdict == Verdict::violated);
    e.states = false;
    const auto by_loss = judge("law-equality", simulate(Wide{0.5}, e));
    CHECK(by_loss.plan.tests == 2 * 3);
    CHECK(by_loss.at(0, 3).measured < 0.1);
}
