#include <doctest/doctest.h>

#include "models/sine.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Ensemble line() {
    Ensemble e;
    e.seed = 81;
    e.replicas = 16'000;
    e.starts = {{-8}, {8}};
    e.steps = {0, 1, 2, 4, 30};
    return e;
}

/// x -> x^a exp(s N) on x > 0: GaussianAr seen through exp, in the metric |log x - log y|.
struct LogAr {
    static constexpr const char* metric = "log";
    double a = 0.5, s = 0.5;
    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(s) * w.normal()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = elementary::exp(R(a) * elementary::log(x) + p.shift);
    }
    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(a);
    }
    template <class R>
    R distance(const R& x, const R& y) const {
        return abs(elementary::log(x) - elementary::log(y));
    }
    template <class R>
    R magnitude(const R&) const {
        return R(1.0);
    }
    Truth truth() const {
        Truth t = GaussianAr{a, s, 0}.truth();
        t.displacement = [base = t.displacement](std::span<const double> x, double p) {
            const double u = std::log(x[0]);
            return base(std::span(&u, 1), p);
        };
        t.affine.reset();
        return t;
    }
};

}  // namespace

TEST_CASE("claim wasserstein-contraction: attained bounds hold, above and below the noise") {
    const auto r = judge("wasserstein-contraction", simulate(GaussianAr{0.5, 0.1, 0}, line()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.cases.size() == 2 * 2 * 3);
    CHECK(r.plan.cases[0] == "W_1, forward, start -8 and start 8");
    CHECK(r.at(0, 1).bound == 8);
    CHECK(r.at(0, 1).tightness == doctest::Approx(1).epsilon(0.01));
    CHECK(r.at(0, 3).verdict == Verdict::holds);
    CHECK(r.at(0, 4).verdict ==
          Verdict::holds);  // by the common noise of the replicas: the distance itself is lost in the noise
    CHECK(r.at(0, 4).lower == 0);
    CHECK(r.at(1, 1).verdict == Verdict::holds);  // to the limit
    CHECK(std::find_if(r.notes.begin(), r.notes.end(),
                       [](const auto& n) { return n.find("noise floor") != std::string::npos; }) != r.notes.end());
}

TEST_CASE("claim wasserstein-contraction: maps that are not affine, and the plane") {
    CHECK(judge("wasserstein-contraction", simulate(Sine{0.8, 0.1}, line())).overall == Verdict::holds);
    Ensemble e = line();
    e.replicas = 8'000;
    e.starts = {{-8, 0}, {8, 0}};
    e.steps = {1, 3, 30};
    const auto r = judge("wasserstein-contraction", simulate(TwoSpirals{}, e));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.plan.cases[0] == "sliced W_2, forward, start (-8, 0) and start (8, 0)");
}

TEST_CASE("claim wasserstein-contraction: a metric of its own") {
    Ensemble e = line();
    e.starts = {{std::exp(-8)}, {std::exp(8)}};
    const auto r = judge("wasserstein-contraction", simulate(LogAr{0.5, 0.1}, e));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.at(0, 1).measured == doctest::Approx(8).epsilon(0.01));
}

TEST_CASE("claim wasserstein-contraction: violated by a rate that is too small by 3 per cent") {
    Ensemble e = line();
    e.assume = [](Setup& s) {
        s.truth.lipschitz_moment = [](double p) -> std::optional<Fact> {
            return Fact{std::pow(0.485, p), Label::assumed};
        };
    };
    const auto r = judge("wasserstein-contraction", simulate(GaussianAr{0.5, 0.1, 0}, e));
    CHECK(r.overall == Verdict::violated);
    CHECK(r.plan.rests_on[0] == "rho_1 = 0.485 (assumed)");
    e.starts = {{-8, 0}, {8, 0}};
    e.replicas = 8'000;
    e.assume = [](Setup& s) {
        s.truth.lipschitz_moment = [](double p) -> std::optional<Fact> {
            return Fact{std::pow(0.4, p), Label::assumed};
        };
    };
    CHECK(judge("wasserstein-contraction", simulate(TwoSpirals{}, e)).overall == Verdict::violated);
}

TEST_CASE("claim wasserstein-contraction: what it needs") {
    Ensemble e = line();
    e.replicas = 500;
    CHECK(judge("wasserstein-contraction", simulate(Sine{1.2, 0.1}, e)).plan.failed_assumption ==
          "rho_1 = 1.2: needs rho_1 < 1");
    e.starts = {{1}};
    e.orders = {Order::forward};
    CHECK(judge("wasserstein-contraction", simulate(Sine{0.8, 0.1}, e))
              .plan.failed_assumption.find("needs a second start") != std::string::npos);
}

TEST_CASE("claim wasserstein-contraction: past rare-paths nothing is judged") {
    Ensemble e = line();
    e.replicas = 4'000;
    e.starts = {{0}, {8}};
    const auto r = judge("wasserstein-contraction", simulate(Kesten{-1.5, 0.45}, e));
    CHECK(r.at(0, 2).verdict != Verdict::unresolved);  // 0.2 log 4000/0.2025 = 8.19 maps for p = 1
    CHECK(r.at(0, 4).verdict == Verdict::unresolved);
    CHECK(r.overall != Verdict::violated);
    CHECK(std::find_if(r.notes.begin(), r.notes.end(),
                       [](const auto& n) { return n.find("past n = 8 ") != std::string::npos; }) != r.notes.end());
}

TEST_CASE("claim wasserstein-contraction: at alpha = 0.05 true claims are rejected no more often than that") {
    Ensemble e = line();
    e.replicas = 400;
    e.steps = {1, 3};
    int violated = 0;
    for (e.seed = 1; e.seed <= 100; ++e.seed)
        violated +=
            judge("wasserstein-contraction", simulate(GaussianAr{0.5, 0.5, 0}, e), 0.05).overall == Verdict::violated;
    CHECK(violated <= 11);  // 5 expected at most, 11 = 5 + 3 s.d.
}
