#include <doctest/doctest.h>

#include <cmath>

#include "analysis/claims/ode_point.hpp"
#include "analysis/flows/gradient_flow.hpp"
#include "analysis/flows/moment_closure.hpp"
#include "sim/elementary.hpp"
#include "tests/support/samples.hpp"
#include "tests/support/small_losses.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const SweepClaim& claim() { return registered_sweep_claim("ode-limit"); }

/// SGD on the two samples z = 2 and z = -1 of a logistic loss with a ridge, as a random map of the line.
struct LogisticLine {
    double h = 0.1;
    bool skewed = true;  ///< the truth has its third derivative
    double noise = 1;    ///< and this many times its noise
    static constexpr double ridge = 0.1;

    SmallLogistic loss() const { return {{{2}, {-1}}, ridge, h}; }
    int dimension() const { return 1; }
    Consumption consumption() const { return {.coins = 1}; }
    template <class R>
    struct Parameter {
        R z;
    };
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {select(w.coin() > R(0.0), R(2.0), R(-1.0))};
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        x[0] -= R(h) * (R(ridge) * x[0] - p.z / (R(1.0) + elementary::exp(p.z * x[0])));
    }

    static double optimum() {
        double x = 0;
        const SgdTruth t = LogisticLine{}.loss().truth();
        for (int k = 0; k < 50; ++k) x -= t.gradient(std::vector{x})[0] / t.hessian_at(std::vector{x})[0];
        return x;
    }
    bool has_control() const { return true; }
    static inline const double centre = optimum();
    template <class P, class R>
    void apply_control(const P& p, R* y) const {
        const auto share = [](double z) { return 1 / (1 + std::exp(z * centre)); };
        const auto slope = [&](double z) { return ridge + share(z) * (1 - share(z)) * z * z; };
        const auto first = p.z > R(0.0);
        const R gradient = select(first, R(ridge * centre - 2 * share(2)), R(ridge * centre + share(-1)));
        y[0] -= R(h) * (gradient + select(first, R(slope(2)), R(slope(-1))) * (y[0] - R(centre)));
    }

    Truth truth() const {
        SgdTruth sgd = loss().truth();
        sgd.optimum = {centre};
        sgd.hessian = sgd.hessian_at(sgd.optimum);
        if (!skewed) sgd.third = [](auto, auto) { return std::vector<double>{0.0}; };
        sgd.covariance_at = [exact = sgd.covariance_at, by = noise](std::span<const double> x) {
            auto c = exact(x);
            for (double& entry : c) entry *= by;
            return c;
        };
        Truth t;
        t.sgd = std::make_shared<const SgdTruth>(std::move(sgd));
        return t;
    }
};

const std::vector<double> ladder{2.0 / 12, 2.0 / 6, 2.0 / 4, 2.0 / 3};

Ensemble paths(std::uint64_t seed, std::size_t replicas) {
    Ensemble e;
    e.seed = seed;
    e.replicas = replicas;
    e.starts = {{-3}};
    e.orders = {Order::forward};
    e.steps = {3, 4, 6, 12};
    e.observables = false;
    e.control = true;
    e.assume = [](Setup& setup) { setup.times = {2}; };
    return e;
}

/// The true model's ensemble, simulated once, its references those of another.
ClaimResult judged(const LogisticLine& believed) {
    const auto model = [believed](double h) {
        LogisticLine m = believed;
        m.h = h;
        return m;
    };
    return run_sweep<LogisticLine>(
               claim(), ladder, paths(20260330, 1'000'000), [](double h) { return LogisticLine{h}; }, model)
        .judge(claim());
}

/// A quadratic in the plane whose moments are exact; `spoil` changes what is believed of it.
SweptEnsemble quadratic_sweep(const std::vector<double>& steps, const std::function<void(SgdTruth&)>& spoil = {},
                              std::vector<std::vector<double>> starts = {{1, -2}, {0.5, 0.5}}) {
    const std::vector<double> H{1.5, 0.4, 0.4, 0.7}, C{1, 0.3, 0.3, 0.5};
    SweptEnsemble sweep{{{"model.step"}, {steps}}, {}, {}};
    for (double h : steps) {
        SgdTruth sgd = quadratic_truth(H, C, h);
        if (spoil) spoil(sgd);
        Setup setup;
        setup.dimension = 2;
        setup.replicas = 1;
        setup.starts = starts;
        setup.times = {0.5, 1};
        setup.orders = {Order::forward};
        setup.truth.affine = AffineLaw{{1 - h * H[0], -h * H[1], -h * H[2], 1 - h * H[3]},
                                       {0, 0},
                                       {h * h * C[0], h * h * C[1], h * h * C[2], h * h * C[3]},
                                       {},
                                       [](std::span<const double>) { return std::vector<double>(4, 0.0); }};
        setup.truth.affine->conjugate = [A = setup.truth.affine->mean_A](std::span<const double> S) {
            std::vector<double> out(4);
            for (std::size_t k = 0; k < 16; ++k)
                out[k / 4] += A[k / 8 * 2 + k / 2 % 2] * S[k / 2 % 2 * 2 + k % 2] * A[k / 4 % 2 * 2 + k % 2];
            return out;
        };
        setup.truth.sgd = std::make_shared<const SgdTruth>(std::move(sgd));
        sweep.points.push_back(std::move(setup));
    }
    const SweepClaimPlan planned = sweep.plan(claim());
    for (std::size_t p = 0; p < steps.size() && planned.plan.applicable; ++p)
        sweep.summaries.push_back(summary_of(planned, p, MemoryEvidence(sweep.points[p], Shape{}, 1)));
    return sweep;
}

}  // namespace

TEST_CASE("claim ode-limit: exact moments of a quadratic, orders 1 and 2 at every start and time") {
    const ClaimResult r = quadratic_sweep({0.0025, 0.005, 0.01, 0.02}).judge(claim());
    CHECK(r.plan.axis == "step_size");
    CHECK(r.plan.tests == 0);
    CHECK(r.plan.needs.empty());
    REQUIRE(r.plan.cases.size() == 24);
    CHECK(r.plan.cases[6] == "E F_n - gradient flow, t = 1, start (1, -2)");
    CHECK(r.overall == Verdict::holds);
    for (std::size_t row = 0; row < 24; row += 2) {
        const double order = row / 2 % 3 == 0 ? 1 : 2;
        CHECK(r.at(row + 1, 0).verdict == Verdict::holds);
        CHECK(r.at(row + 1, 0).measured == doctest::Approx(order).epsilon(1e-3));
        CHECK(std::log2(r.at(row, 1).measured / r.at(row, 0).measured) == doctest::Approx(order).epsilon(0.02));
        CHECK(r.at(row, 0).verdict == Verdict::not_applicable);
    }
    // The closure foretells the flow's miss.
    CHECK(r.at(0, 0).tightness == doctest::Approx(1).epsilon(0.01));
    CHECK(r.finding.find("t = 0.5: E F_n - gradient flow ~ h^1") == 0);
}

TEST_CASE("claim ode-limit: exact moments, violated when the noise or the curvature is another one") {
    const auto noisy = quadratic_sweep({0.0025, 0.005, 0.01}, [](SgdTruth& sgd) {
                           sgd.covariance_at = [](auto) { return std::vector<double>{1.01, 0.3, 0.3, 0.5}; };
                       }).judge(claim());
    CHECK(noisy.overall == Verdict::violated);
    CHECK(noisy.at(3, 0).verdict == Verdict::holds);
    CHECK(noisy.at(5, 0).verdict == Verdict::violated);
    const auto curved = quadratic_sweep({0.0025, 0.005, 0.01}, [](SgdTruth& sgd) {
                            sgd.hessian_at = [](auto) { return std::vector<double>{1.5, 0.4, 0.4, 0.75}; };
                        }).judge(claim());
    CHECK(curved.at(1, 0).verdict == Verdict::holds);
    CHECK(curved.at(3, 0).verdict == Verdict::violated);
}

TEST_CASE("claim ode-limit: from the minimiser a quadratic's mean does not move, and only the covariance is judged") {
    const auto r = quadratic_sweep({0.0025, 0.005, 0.01}, {}, {{0, 0}}).judge(claim());
    CHECK(r.at(1, 0).verdict == Verdict::not_applicable);
    CHECK(r.at(3, 0).verdict == Verdict::not_applicable);
    CHECK(r.at(5, 0).verdict == Verdict::holds);
    CHECK(r.notes.front().find("there is none") != std::string::npos);
}

TEST_CASE("claim ode-limit: a logistic loss by Monte Carlo") {
    const ClaimResult r = judged({});
    CHECK(r.plan.tests == 3);
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        // Every sequence of samples, against the intervals.
        const LogisticLine model{ladder[k]};
        const std::vector<double> start{-3}, times{2};
        const auto [mean, covariance] = model.loss().exact_moments(start, int(std::lround(2 / ladder[k])));
        const auto sgd = *model.truth().sgd;
        const auto closure = flows::moment_closure(sgd, start, times).at(0);
        const double flow = flows::gradient_flow(sgd, start, times).at(0)[0];
        const double v = closure.mean[0] > flow ? 1 : -1;
        const double exact[] = {v * (mean[0] - flow), v * (mean[0] - closure.mean[0]),
                                covariance[0] - closure.covariance[0]};
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(r.at(2 * i, k).lower < exact[i]);
            CHECK(r.at(2 * i, k).upper > exact[i]);
        }
    }
    CHECK(r.overall == Verdict::holds);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(r.at(2 * i + 1, 0).verdict == Verdict::holds);
        CHECK(r.at(2 * i + 1, 0).bound == (i == 0 ? 1 : 2));
        CHECK(r.at(2 * i, 0).verdict == Verdict::not_applicable);
    }
    CHECK(r.at(0, 0).tightness == doctest::Approx(1).epsilon(0.5));
}

TEST_CASE("claim ode-limit: by Monte Carlo violated without the third derivative, and with another noise") {
    // Without it the mean's equation does not see the noise, so that each wrong belief breaks a row of its own.
    const ClaimResult r = judged({.skewed = false, .noise = 2});
    CHECK(r.overall == Verdict::violated);
    CHECK(r.at(1, 0).verdict == Verdict::holds);
    CHECK(r.at(3, 0).verdict == Verdict::violated);
    CHECK(r.at(5, 0).verdict == Verdict::violated);
}

TEST_CASE("claim ode-limit: what it needs") {
    const auto failed = [](const std::function<void(Setup&)>& change) {
        SweptEnsemble sweep{{{"model.step"}, {ladder}}, {}, {}};
        for (double h : ladder) sweep.points.push_back(setup_of(LogisticLine{h}, paths(1, 10)));
        for (Setup& setup : sweep.points) change(setup);
        return sweep.plan(claim()).plan.failed_assumption;
    };
    const auto edited = [](Setup& setup, const std::function<void(SgdTruth&)>& edit) {
        SgdTruth truth = *setup.truth.sgd;
        edit(truth);
        setup.truth.sgd = std::make_shared<const SgdTruth>(truth);
    };
    CHECK(failed([](Setup&) {}).empty());
    CHECK(failed([](Setup& s) { s.truth.sgd = nullptr; }).find("not SGD") != std::string::npos);
    CHECK(failed([](Setup& s) { s.truth.epoch = 2; }).find("without replacement") != std::string::npos);
    CHECK(failed([](Setup& s) { s.times.clear(); }).find("steps = { time") != std::string::npos);
    CHECK(failed([](Setup& s) { s.orders = {Order::backward}; }) == "needs the order forward");
    CHECK(failed([](Setup& s) { s.dimension = 65; }).find("64 or less") != std::string::npos);
    CHECK(failed([&](Setup& s) { edited(s, [](SgdTruth& t) { t.third = nullptr; }); }).find("up to the third") !=
          std::string::npos);
}
