#include <doctest/doctest.h>

#include "tests/support/simulate.hpp"
#include "tests/support/small_training.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Training<Bowl> spiked() {
    return {.loss = {{1, 0.8}}, .eta = 0.25, .bias = 0.05, .noise = 0.3, .spike = -40, .spikes = {20}};
}

Ensemble every_step(std::uint32_t last, std::size_t replicas = 1'000) {
    Ensemble e;
    e.seed = 77;
    e.replicas = replicas;
    e.starts = {{1, -1}};
    for (std::uint32_t n = 0; n <= last; ++n) e.steps.push_back(n);
    e.orders = {Order::forward};
    e.loss = e.descent = true;
    return e;
}

Ensemble at(std::vector<std::uint32_t> steps, std::size_t replicas = 1'000) {
    Ensemble e = every_step(0, replicas);
    e.steps = std::move(steps);
    return e;
}

}  // namespace

TEST_CASE("claim spike-lift: holds at every step of every path, by the excess loss and by the gradient") {
    const auto r = judge("spike-lift", simulate(spiked(), every_step(40)));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.tests == 0);
    CHECK(r.plan.cases == std::vector<std::string>{"by the excess loss, start (1, -1)", "by the gradient, start (1, -1)"});
    CHECK(r.notes[0] == "80000 comparisons on single paths, none failed");
    // The spike alone: l = (eta spike)^2/2 of what eta spike^2/2 allows.
    CHECK(r.at(0, 20).measured == doctest::Approx(0.0625 * 1600 / 2).epsilon(0.2));
    CHECK(r.at(0, 20).bound == doctest::Approx(0.25 * 1600 / 2).epsilon(0.1));
}

TEST_CASE("claim spike-lift: an equality at eta = 1/Ls, to rounding, wherever the loss stands") {
    Training<Bowl> f = spiked();
    f.loss = {{1, 1}};
    f.eta = 1;
    f.spike = 1e4;
    const auto r = judge("spike-lift", simulate(f, every_step(40)));
    CHECK(r.overall == Verdict::holds);
    // Right after the spike the bound is what is left of 5e7 - 5e7.
    for (std::size_t k = 1; k <= 40; ++k) CHECK(r.at(1, k).tightness == doctest::Approx(1).epsilon(k == 21 ? 1e-6 : 1e-9));
    Ensemble wrong = every_step(40);
    wrong.assume = believing([](auto& d) { d.step = [](double) { return 0.999; }; });
    CHECK(judge("spike-lift", simulate(f, wrong)).overall == Verdict::violated);
}

TEST_CASE("claim spike-lift: violated by a mu too large, in the excess loss only") {
    Ensemble e = every_step(40);
    e.assume = believing([](auto& d) { d.pl->value = 3.9; });
    const auto r = judge("spike-lift", simulate(spiked(), e));
    CHECK(r.overall == Verdict::violated);
    for (std::size_t k = 1; k <= 40; ++k) CHECK(r.at(1, k).verdict == Verdict::holds);
    CHECK(r.notes[0].find("failed, the first at replica") != std::string::npos);
}

TEST_CASE("claim spike-lift: only between neighbouring steps, without the PL inequality by the gradient alone") {
    CHECK(judge("spike-lift", simulate(spiked(), at({0, 2, 4}))).plan.failed_assumption ==
          "no two checkpoints are neighbouring steps: write ensemble.steps = { at = [99, 100, 101] }");
    const Training<Dented> f{.eta = 0.3, .noise = 0.5, .spike = 20, .spikes = {3}};
    const auto r = judge("spike-lift", simulate(f, at({0, 2, 3, 8})));
    CHECK(r.plan.cases == std::vector<std::string>{"by the gradient, start (1, -1)"});
    CHECK(r.overall == Verdict::holds);
    CHECK(r.at(0, 1).verdict == Verdict::unresolved);
    CHECK(r.at(0, 2).verdict == Verdict::holds);
    CHECK(r.at(0, 3).verdict == Verdict::unresolved);
}

TEST_CASE("claim spike-recovery: over within the steps that the recursion gives") {
    const auto r = judge("spike-recovery", simulate(spiked(), every_step(60)));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.axis_values == std::vector<double>{20});
    CHECK(r.plan.tests == 41);
    const double floor = (0.0025 + 0.25 * 0.09) / 1.6, excess = 0.0625 * 1600 / 2;
    CHECK(r.at(0, 0).bound == std::ceil(std::log(excess / floor) / -std::log(1 - 0.25 * 0.8)));
    CHECK(r.at(0, 0).measured > 0.3 * r.at(0, 0).bound);
    CHECK(r.at(0, 0).lower <= r.at(0, 0).measured);
    CHECK(r.at(0, 0).upper >= r.at(0, 0).measured);
    CHECK(r.finding.find("the spike at step 20 leaves a mean excess loss of ") == 0);
}

TEST_CASE("claim spike-recovery: violated by a mu too large, by a noise too small") {
    for (const auto& change : std::vector<std::function<void(CompositeTruth::Descent&)>>{
             [](auto& d) { d.pl->value = 3.8; },
             [](auto& d) {
                 d.noise_square = [](double) { return 0.002; };
                 d.bias = [](double) { return 0.0; };
             }}) {
        Ensemble e = every_step(90);
        e.assume = believing(change);
        CHECK(judge("spike-recovery", simulate(spiked(), e)).overall == Verdict::violated);
    }
}

TEST_CASE("claim spike-recovery: what a coarse grid leaves open is inconclusive, and the setting is named") {
    const auto holds = judge("spike-recovery", simulate(spiked(), at({20, 22, 40, 60})));
    CHECK(holds.overall == Verdict::holds);  // over at a checkpoint before the bound
    CHECK(holds.at(0, 0).lower == 1);        // or at any step between
    const auto open = judge("spike-recovery", simulate(spiked(), at({20, 23, 60})));
    CHECK(open.overall == Verdict::inconclusive);
    CHECK(open.replicas_to_decide == infinity);
    CHECK(open.notes[0].find("ensemble.steps = { at = [.., 20, ..., 5") != std::string::npos);
}

TEST_CASE("claim spike-recovery: every spike up to the next one") {
    Training<Bowl> f = spiked();
    f.spikes = {20, 50, 80};
    const auto r = judge("spike-recovery", simulate(f, every_step(90)));
    CHECK(r.plan.axis_values == std::vector<double>{20, 50, 80});
    CHECK(r.plan.tests == 30 + 30 + 11);
    CHECK(r.at(0, 0).verdict == r.at(0, 1).verdict);
    CHECK(r.at(0, 2).verdict == Verdict::inconclusive);  // ten steps are too few
}

TEST_CASE("claim spike-recovery: says what it lacks") {
    CHECK(judge("spike-recovery", simulate(spiked(), at({0, 19, 21}))).plan.failed_assumption ==
          "of no spike the step is a checkpoint, with more steps and a floor > 0 behind it: the first spike is at step 20");
    Training<Bowl> quiet = spiked();
    quiet.bias = quiet.noise = 0;
    CHECK(judge("spike-recovery", simulate(quiet, every_step(60))).plan.failed_assumption.find("a floor > 0") != std::string::npos);
}
