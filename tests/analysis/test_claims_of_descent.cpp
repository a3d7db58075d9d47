#include <doctest/doctest.h>

#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/small_training.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Ensemble training(std::size_t replicas = 2'000) {
    Ensemble e;
    e.seed = 2026;
    e.replicas = replicas;
    e.starts = {{2, -1}};
    e.steps = {0, 1, 2, 10, 40, 200};
    e.orders = {Order::forward};
    e.loss = e.descent = true;
    return e;
}

/// One weight of curvature 1/eta: every inequality of the descent lemma is an equality.
Training<Bowl> sharp() {
    Training<Bowl> f;
    f.loss = {{1, 1}};
    f.eta = 1;
    f.noise = 0.5;
    return f;
}

}  // namespace

TEST_CASE("claim descent-nonconvex: holds on a loss that is not convex, with bias and noise that count") {
    Training<Dented> f{.eta = 0.2, .bias = 0.1, .noise = 0.3};
    const auto r = judge("descent-nonconvex", simulate(f, training()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 5);
    CHECK(r.at(0, 0).verdict == Verdict::unresolved);  // the empty mean
    const double first = 0.02 * 5 / 2 + 4.0 / 5 + 1.0 / 2;
    CHECK(r.at(0, 3).bound == doctest::Approx(2 * first / (0.2 * 10) + 0.01 + 2.02 * 0.2 * 0.09));
    CHECK(r.finding.find("0.01 of bias, 0.03636 of noise") != std::string::npos);
}

TEST_CASE("claim descent-nonconvex: attained by eta = 1/Ls on a bowl, violated by a noise 10 per cent too small") {
    const Ensemble e = training(20'000);
    const auto r = judge("descent-nonconvex", simulate(sharp(), e));
    CHECK(r.overall == Verdict::holds);
    // w_t = -n_t from the first step on, and 2 (l(w_0) - inf l)/T is |w_0|^2/T.
    CHECK(r.at(0, 5).tightness == doctest::Approx((5.0 + 199 * 0.25) / (5.0 + 200 * 0.25)).epsilon(0.01));
    Ensemble wrong = e;
    wrong.assume = believing([](auto& d) { d.noise_square = [](double) { return 0.81 * 0.25; }; });
    CHECK(judge("descent-nonconvex", simulate(sharp(), wrong)).at(0, 5).verdict == Verdict::violated);
}

TEST_CASE("claim descent-nonconvex: bias and noise may change from step to step, and so may eta") {
    Training<Bowl> f{.bias = 1, .decay = 0.5, .noise = 0.2};
    Ensemble e = training();
    e.assume = believing([](auto& d) {
        d.step = [](double t) { return t <= 5 ? 0.1 : 0.2; };
        d.noise_square = [](double t) { return t; };
    });
    const auto r = judge("descent-nonconvex", simulate(f, e));
    double bias = 0, noise = 0;
    for (int t = 1; t <= 10; ++t) {
        const double eta = t <= 5 ? 0.1 : 0.2;
        bias += eta / t;
        noise += eta * eta * t;
    }
    CHECK(r.at(0, 3).bound == doctest::Approx((2 * 2.25 + bias + noise) / (10 * 0.1)));
}

TEST_CASE("claim descent-nonconvex: l(w_0) comes from the truth where checkpoint 0 is missing, else it is asked for") {
    Ensemble e = training(500);
    e.steps = {10, 40};
    CHECK(judge("descent-nonconvex", simulate(sharp(), e)).plan.failed_assumption ==
          "l(w_0) is not known: put checkpoint 0 into ensemble.steps, { at = [0, ...] }");
    e.assume = believing([](auto& d) { d.loss = [](std::span<const double> w) { return (w[0] * w[0] + w[1] * w[1]) / 2; }; });
    const auto r = judge("descent-nonconvex", simulate(sharp(), e));
    CHECK(r.at(0, 0).bound == doctest::Approx(5.0 / 10 + 0.25));
    CHECK(r.plan.needs == std::vector{Quantity::mean_square_gradient});
}

TEST_CASE("claim descent-pl: attained by eta = 1/Ls, step by step and from the start, in every order of one law") {
    Ensemble e = training(20'000);
    e.orders = {Order::forward, Order::backward};
    const auto r = judge("descent-pl", simulate(sharp(), e));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.cases == std::vector<std::string>{"forward, from the checkpoint before, start (2, -1)",
                                                   "forward, from the start, start (2, -1)",
                                                   "backward, from the checkpoint before, start (2, -1)",
                                                   "backward, from the start, start (2, -1)"});
    CHECK(r.plan.tests == 20);
    for (std::size_t c = 0; c < 4; ++c)
        for (std::size_t k = 1; k < 6; ++k) {
            CHECK(r.at(c, k).bound == doctest::Approx(0.125));  // s^2/2
            CHECK(r.at(c, k).tightness == doctest::Approx(1).epsilon(0.03));
        }
    CHECK(r.finding.find("of the floor); floor (beta^2 + Ls eta s^2)/(2 mu) = 0.125") != std::string::npos);
}

TEST_CASE("claim descent-pl: what a replica keeps of its own excess is no uncertainty") {
    Ensemble e = training();
    e.steps = {0, 100, 101};
    const auto r = judge("descent-pl", simulate(Training<Bowl>{.loss = {{1, 1}}, .eta = 0.05, .noise = 1}, e));
    const Cell &paired = r.at(0, 2), &alone = r.at(1, 2);
    CHECK(paired.upper - paired.lower < 0.6 * (alone.upper - alone.lower));
    CHECK(paired.lower < paired.measured);
    CHECK(paired.measured < paired.upper);
    CHECK(paired.measured == alone.measured);
}

TEST_CASE("claim descent-pl: each wrong constant is violated") {
    const Training<Bowl> f{.loss = {{1, 1}}, .eta = 0.2, .bias = 0.5, .noise = 0.6};
    const auto overall = [&](const std::function<void(CompositeTruth::Descent&)>& change) {
        Ensemble e = training(20'000);
        e.assume = believing(change);
        return judge("descent-pl", simulate(f, e)).overall;
    };
    CHECK(overall([](auto&) {}) == Verdict::holds);
    CHECK(overall([](auto& d) { d.noise_square = [](double) { return 0.1; }; }) == Verdict::violated);
    CHECK(overall([](auto& d) { d.bias = [](double) { return 0.2; }; }) == Verdict::violated);
    CHECK(overall([](auto& d) { d.pl = Fact{2.5}; }) == Verdict::violated);
    CHECK(overall([](auto& d) { d.infimum = Fact{-1}; }) == Verdict::violated);
}

TEST_CASE("claim descent-pl: a schedule is followed step by step, in the order forward only") {
    Training<Bowl> f{.eta = 0.2, .bias = 1, .decay = 0.5};
    Ensemble e = training(200);
    e.orders = {Order::forward, Order::backward};
    const auto r = judge("descent-pl", simulate(f, e));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.cases.size() == 2);
    // (1 - eta mu) = 0.9 a step and eta beta_t^2/2 = 0.1/t, from step 2 to 10.
    double bound = r.at(0, 2).measured;
    for (int t = 3; t <= 10; ++t) bound = 0.9 * bound + 0.1 / t;
    CHECK(r.at(0, 3).bound == doctest::Approx(bound));
}

// theory.md, perturbation-budget: eta_t = c/(t + t0), c mu > 1, eta_1 <= 1/Ls: O(1/t) without bias.
TEST_CASE("claim descent-pl: falling steps are followed step by step, and the excess falls like 1/t") {
    const auto falling = [](double t) { return 4 / (t + 4); };
    Training<Bowl> f{.loss = {{1, 1}}, .noise = 0.5, .schedule = falling};
    Ensemble e = training(2000);
    e.starts = {{1, 0}};
    e.steps = {0, 1, 10, 100, 1'000};
    e.orders = {Order::forward, Order::backward};
    const auto r = judge("descent-pl", simulate(f, e));
    CHECK(r.overall == Verdict::holds);
    REQUIRE(r.plan.cases.size() == 2);  // forward alone: no two maps have one law
    // l = |w|^2/2: E(l_t) = (1 - eta)^2 E(l_(t-1)) + eta^2 s^2/2 exactly, and the bound with 1 - eta in its place.
    double bound = 0.5, exact = 0.5;
    for (std::uint32_t t = 1; t <= 1'000; ++t) {
        const double eta = falling(t);
        bound = (1 - eta) * bound + eta * eta * 0.25 / 2;
        exact = (1 - eta) * (1 - eta) * exact + eta * eta * 0.25 / 2;
        if (t == 10) CHECK(r.at(1, 2).bound == doctest::Approx(bound));
    }
    CHECK(r.at(1, 4).bound == doctest::Approx(bound));
    CHECK(bound < 1.0 / 1'000);
    CHECK(r.at(1, 4).measured == doctest::Approx(exact).epsilon(0.15));
    // From the optimum the excess is noise alone: after one step eta_1^2 s^2/2 exactly. Controls: steps a tenth shorter, noise.
    e.starts = {{0, 0}};
    const auto noise_alone = judge("descent-pl", simulate(f, e));
    CHECK(noise_alone.overall == Verdict::holds);
    CHECK(noise_alone.at(1, 1).tightness == doctest::Approx(1).epsilon(0.05));
    e.assume = believing([falling](auto& d) { d.step = [falling](double t) { return 0.9 * falling(t); }; });
    CHECK(judge("descent-pl", simulate(f, e)).at(1, 1).verdict == Verdict::violated);
    e.assume = believing([](auto& d) { d.noise_square = [](double) { return 0.25 * 0.25; }; });
    CHECK(judge("descent-pl", simulate(f, e)).at(1, 4).verdict == Verdict::violated);
}

TEST_CASE("claim descent-pl: below the rounding of the loss nothing is said") {
    Ensemble e = training(100);
    e.steps = {0, 1, 2'000};
    const Training<Bowl> f{};
    const auto r = judge("descent-pl", simulate(f, e));
    CHECK(r.at(0, 1).verdict == Verdict::holds);
    CHECK(r.at(0, 2).verdict == Verdict::holds);  // l* = 0 has no rounding
    e.assume = believing([](auto& d) { d.infimum = Fact{-1e-3}; d.pl->value = 1e-4; });
    CHECK(judge("descent-pl", simulate(f, e)).overall != Verdict::violated);
}

TEST_CASE("claims of descent: what they need of the model") {
    const auto why = [](const char* claim, std::function<void(Setup&)> change) {
        Ensemble e = training(100);
        e.assume = std::move(change);
        return judge(claim, simulate(Training<Bowl>{}, e)).plan.failed_assumption;
    };
    for (const char* claim : {"descent-nonconvex", "descent-pl", "spike-lift", "spike-recovery"}) {
        CHECK(why(claim, [](Setup& s) { s.truth.composite.reset(); }).starts_with("the model does not bound the bias"));
        CHECK(why(claim, [](Setup& s) { s.truth.epoch = 5; }) ==
              "the maps are exchangeable within epochs of 5 only: needs independent ones");
        CHECK(why(claim, believing([](auto& d) { d.step = [](double t) { return t == 7 ? 1.5 : 0.5; }; })) ==
              "eta = 1.5 at step 7, 1/Ls = 1: needs eta <= 1/Ls");
    }
    for (const char* claim : {"descent-pl", "spike-recovery"}) {
        CHECK(why(claim, believing([](auto& d) { d.pl.reset(); })) ==
              "l is not known to satisfy |grad l|^2 >= 2 mu (l - inf l) with mu > 0");
        CHECK(why(claim, believing([](auto& d) { d.infimum.label = Label::bound; })) ==
              "of inf l only a lower bound is known: needs its value");
    }
    CHECK(why("descent-nonconvex", [](Setup& s) { s.orders = {Order::backward}; }) == "needs the order forward");
    CHECK(why("spike-lift", believing([](auto& d) { d.full_batch = false; })).starts_with("a step sees a part"));
    CHECK(why("spike-recovery", [](Setup&) {}) == "no spike whose step is known beforehand");
}

TEST_CASE("claims of descent: true ones are rejected no more often than alpha says") {
    int rejected = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Ensemble e = training(300);
        e.seed = 7'000 + seed;
        e.steps = {0, 3, 20};
        const auto evidence = simulate(sharp(), e);
        for (const char* claim : {"descent-nonconvex", "descent-pl"})
            rejected += judge(claim, evidence, 0.05).overall == Verdict::violated;
    }
    CHECK(rejected <= 2 * 200 * 0.05 + 3 * 4.4);  // three standard errors of 400 draws
}
