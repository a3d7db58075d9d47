#include <doctest/doctest.h>

#include "tests/support/small_training.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

using Bowls = Training<Bowl>;
const SweepClaim& claim() { return registered_sweep_claim("perturbation-budget"); }

// eta sqrt(T) = 4 at T = 400, 1600, 6400, 25600.
const std::vector<double> ladder{0.2, 0.1, 0.05, 0.025};

Ensemble horizons() {
    Ensemble e;
    e.seed = 31;
    e.replicas = 200;
    e.starts = {{2, 0}};
    e.steps = {0, 400, 1'600, 6'400, 25'600};
    e.orders = {Order::forward};
    e.loss = e.descent = true;
    return e;
}

/// The sharp case: l = |w|^2/2 and a bias of one sign, t^(-q).
std::function<Bowls(double)> sharp(double q, double noise = 0.5, double bias = 1) {
    return [=](double eta) { return Bowls{.loss = {{1, 1}}, .eta = eta, .bias = bias, .decay = q, .noise = noise}; };
}

ClaimResult judged(const std::function<Bowls(double)>& model, const std::function<Bowls(double)>& believed, const Ensemble& e = horizons()) {
    return run_sweep<Bowls>(claim(), ladder, e, model, believed).judge(claim());
}

}  // namespace

TEST_CASE("claim perturbation-budget: kept at q = 1/4, lost at q = 0.15, and the inequality holds at every horizon of both") {
    const auto kept = judged(sharp(0.25), sharp(0.25));
    CHECK(kept.overall == Verdict::holds);
    CHECK(kept.plan.tests == 4);
    CHECK(kept.at(1, 0).measured == doctest::Approx(-0.5).epsilon(0.1));
    CHECK(kept.at(2, 0).measured == doctest::Approx(-0.5).epsilon(0.02));
    CHECK(kept.finding.find("the budget O(T^-0.5) is kept") != std::string::npos);
    const auto lost = judged(sharp(0.15), sharp(0.15));
    CHECK(lost.overall == Verdict::holds);
    CHECK(lost.at(1, 0).measured > -0.42);
    CHECK(lost.at(2, 0).measured == doctest::Approx(-0.3).epsilon(0.02));
    CHECK(lost.finding.find("is exceeded") != std::string::npos);
    // Every horizon at its own step size; the smallest step first.
    const double bias = lost.at(0, 0).bound - 2 * 2 / (0.025 * 25'600) - 0.025 * 0.25;
    CHECK(bias == doctest::Approx(std::pow(25'600, -0.3) / 0.7).epsilon(0.01));
    for (std::size_t k = 0; k < 4; ++k) CHECK(lost.at(0, k).tightness > 0.7);
}

TEST_CASE("claim perturbation-budget: violated where the bias decays more slowly than is believed") {
    CHECK(judged(sharp(0.15), sharp(0.35)).overall == Verdict::violated);
}

TEST_CASE("claim perturbation-budget: without bias the budget is kept, and what is measured falls with it") {
    const auto r = judged(sharp(0, 1, 0), sharp(0, 1, 0));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.finding.find("no bias: the budget O(T^-0.5) is kept") != std::string::npos);
    CHECK(r.at(1, 0).lower < r.at(1, 0).measured);
    CHECK(r.at(1, 0).upper > r.at(1, 0).measured);
}

TEST_CASE("claim perturbation-budget: names the horizons that the grid lacks") {
    Ensemble e = horizons();
    e.steps = {0, 400, 6'400, 25'600};
    CHECK(judged(sharp(0.25), sharp(0.25), e).plan.failed_assumption ==
          "model.step = 0.1 has its horizon at step 1600, which is no checkpoint: write ensemble.steps = { at = [0, 400, 1600, 6400, 25600] }");
    const auto shrinking = [](double eta) {
        Bowls f = sharp(0.25)(eta);
        f.loss.lambda[1] = 100;
        return f;
    };
    CHECK(judged(shrinking, shrinking).plan.failed_assumption == "eta = 0.025 at step 1, 1/Ls = 0.01: needs eta <= 1/Ls");
}
