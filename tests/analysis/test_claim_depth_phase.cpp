#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "analysis/special.hpp"
#include "tests/support/small_chain.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const SweepClaim& claim() { return registered_sweep_claim("depth-phase"); }

/// A chain that says what its top curvature is.
struct CurvedChain : SmallChain<5> {
    double lambda = 0;  ///< 0: it does not
    Truth truth() const {
        Truth t = SmallChain<5>::truth();
        CompositeTruth composite = *t.composite;
        if (lambda > 0) composite.curvature = [l = lambda](std::span<const double>) { return l; };
        t.composite = std::make_shared<const CompositeTruth>(composite);
        return t;
    }
};

/// Linear, noise in the backward pass: the relative error of the gradient is delta in the root mean square, at eta lam = 1/2.
CurvedChain of_error(double delta, double lambda = 5) {
    CurvedChain chain;
    chain.eta = 0.1;
    chain.lambda = lambda;
    chain.backward = 1;
    const auto w = SmallChain<5>::rotations(1.1);
    const auto t = *chain.truth().composite;
    double error = 0, square = 0;
    for (double x : t.gradient_error_square(w)) error += x;
    for (double x : t.gradient_square(w)) square += x;
    chain.backward = delta * std::sqrt(square / error);
    return chain;
}

Ensemble at_start() {
    Ensemble e;
    e.seed = 20260726;
    e.replicas = 4000;
    e.starts = {SmallChain<5>::rotations(1.1)};
    e.steps = {0, 1};
    e.orders = {Order::forward};
    e.observables = false;
    e.passes = true;
    return e;
}

/// The "depth" of a point is its relative error.
ClaimResult judged(const std::vector<double>& depths, double lambda = 5) {
    const std::function<CurvedChain(double)> model = [lambda](double depth) { return of_error(depth, lambda); };
    return run_sweep<CurvedChain>(claim(), depths, at_start(), model, model).judge(claim());
}

std::string why_not(const CurvedChain& chain, const Ensemble& e = at_start()) {
    const std::function<CurvedChain(double)> model = [&chain](double) { return chain; };
    return run_sweep<CurvedChain>(claim(), {1, 2, 3}, e, model, model).plan(claim()).plan.failed_assumption;
}

/// E log|X| of X ~ N(m, s^2) by the trapezoidal rule in y = log|x|, which converges geometrically.
double mean_log_by_quadrature(double m, double s) {
    const double h = 1.0 / 512;
    double sum = 0;
    for (double y = -60; y <= std::log(std::abs(m) + 40 * s); y += h) {
        const double x = std::exp(y), up = (x - m) / s, down = (x + m) / s;
        sum += h * y * x * (std::exp(-up * up / 2) + std::exp(-down * down / 2));
    }
    return sum / (s * std::sqrt(2 * std::numbers::pi));
}

}  // namespace

TEST_CASE("mean_log_normal: known values, and by quadrature") {
    using special::mean_log_normal;
    const double centred = -(std::numbers::egamma + std::numbers::ln2) / 2;  // E log|xi|
    CHECK(mean_log_normal(0, 1) == doctest::Approx(centred).epsilon(1e-14));
    CHECK(mean_log_normal(0, 1e-3) == doctest::Approx(centred + std::log(1e-3)).epsilon(1e-14));
    CHECK(mean_log_normal(-2, 0.7) == mean_log_normal(2, 0.7));
    CHECK(mean_log_normal(6, 2.1) == doctest::Approx(mean_log_normal(2, 0.7) + std::log(3.0)).epsilon(1e-13));
    for (const double m : {0.1, 0.5, 1.0, 3.0, 20.0})
        for (const double s : {0.05, 0.5, 1.8, 30.0}) {
            CAPTURE(m);
            CAPTURE(s);
            CHECK(mean_log_normal(m, s) == doctest::Approx(mean_log_by_quadrature(m, s)).epsilon(1e-11).scale(1));
        }
    // theory.md, spike-phase: at eta lam = 1/2 the border is delta = 3.636, to the digits given.
    CHECK(mean_log_normal(0.5, 0.5 * 3.6355) < 0);
    CHECK(mean_log_normal(0.5, 0.5 * 3.6365) > 0);
}

TEST_CASE("mean_log_normal: a narrow normal is a point but for -v/2 - 3 v^2/4, v = sd^2/mean^2, on both sides of the cut") {
    for (const double v : {1e-5, 4.9e-7, 5.1e-7, 1e-9}) {
        CAPTURE(v);
        CHECK(special::mean_log_normal(2, 2 * std::sqrt(v)) - std::log(2.0) ==
              doctest::Approx(-v / 2 - 0.75 * v * v).epsilon(1e-6).scale(v));
    }
}

TEST_CASE("depth-phase: measures delta, reads lam, and finds the depth at which E log|a| rises through 0") {
    const std::vector<double> depths{1, 2, 3, 4, 5};
    const ClaimResult r = judged(depths);
    CHECK(r.overall == Verdict::unresolved);  // nothing is judged
    CHECK(r.plan.tests == 0);
    REQUIRE(r.plan.cases.size() == 3);
    for (std::size_t k = 0; k < depths.size(); ++k) {
        // 4,000 replicas of a square whose relative standard deviation is at most 1.5: 5 standard errors are 6 per cent of delta.
        CHECK(r.at(0, k).measured == doctest::Approx(depths[k]).epsilon(0.06));
        CHECK(r.at(1, k).measured == 5);
        CHECK(r.at(2, k).measured ==
              doctest::Approx(mean_log_by_quadrature(0.5, 0.5 * r.at(0, k).measured)).epsilon(1e-10).scale(1));
    }
    CHECK(r.at(2, 2).measured < 0);
    CHECK(r.at(2, 3).measured > 0);
    // delta = 3.636 at eta lam = 1/2; interpolated linearly between 3 and 4.
    const auto at = r.finding.find("N* = ");
    REQUIRE(at != std::string::npos);
    CHECK(std::stod(r.finding.substr(at + 5)) == doctest::Approx(3.636).epsilon(0.03));
}

TEST_CASE("depth-phase: controls, without a crossing, and beyond it from the first depth on") {
    CHECK(judged({1, 2, 3}).finding.find("it stays below 0 at all of them") != std::string::npos);
    // eta lam = 0.05: the same errors are harmless; theory.md's border is where E log|a| = 0, not at an error.
    CHECK(judged({1, 2, 3, 4, 5}, 0.5).finding.find("it stays below 0 at all of them") != std::string::npos);
    CHECK(judged({4, 5, 6}).finding.find("above 0 from N* = 4 on") != std::string::npos);
}

TEST_CASE("depth-phase: what it needs") {
    CHECK(why_not(of_error(1)).empty());
    CHECK(why_not(of_error(1, 0)) == "the chain does not know its curvature");
    CurvedChain still = of_error(1);
    still.eta = 0;
    CHECK(why_not(still) == "the step is 0: there is no eta lam");
    CurvedChain quiet = of_error(1);
    quiet.backward = 0;
    CHECK(why_not(quiet) == "no pass is perturbed");
    Ensemble later = at_start();
    later.steps = {1, 2};
    CHECK(why_not(of_error(1), later).find("there is no checkpoint 0") != std::string::npos);
    Ensemble scheduled = at_start();
    scheduled.assume = [](Setup& setup) { setup.truth.homogeneous = false; };
    CHECK(why_not(of_error(1), scheduled).find("the amplitudes or the step follow a schedule") != std::string::npos);
}
