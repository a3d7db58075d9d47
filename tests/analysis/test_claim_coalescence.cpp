#include <doctest/doctest.h>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/two_maps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

const char* const id = "coalescence";

Ensemble small() {
    return {.seed = 20260404, .replicas = 300, .starts = {{-1.0}, {0.25}, {1.0}}, .steps = {0, 1, 66, 200, 201, 1000}};
}

/// Evidence in which one state has been moved by an ulp.
struct Tampered final : Evidence {
    explicit Tampered(const Evidence& e) : inner(e) {}
    const Evidence& inner;
    const Setup& setup() const override { return inner.setup(); }
    bool has(Quantity q, Order o) const override { return inner.has(q, o); }
    std::vector<double> values(const Address& a) const override {
        auto r = inner.values(a);
        if (a.quantity == Quantity::state && a.start == 1 && a.step == 3) r[7] = std::nextafter(r[7], 10.0);
        return r;
    }
    SampleMoments moments(Order o, std::size_t s, std::size_t k, std::size_t d) const override {
        return inner.moments(o, s, k, d);
    }
    std::uint64_t diverged(Order o, std::size_t s) const override { return inner.diverged(o, s); }
};

}  // namespace

TEST_CASE("coalescence: what met is equal to the bit") {
    for (bool observables : {true, false}) {
        auto ensemble = small();
        ensemble.observables = observables;
        for (bool path_mean : {false, true}) {
            ensemble.path_mean = path_mean;
            const auto evidence = simulate(BernoulliConvolution{{}, 0.5}, ensemble);
            const ClaimResult r = judge(id, evidence);
            CHECK(r.overall == Verdict::holds);
            CHECK(r.plan.tests == 0);
            REQUIRE(r.plan.cases[0] == "met a later composition, start -1");
            CHECK(r.at(0, 3).verdict == Verdict::holds);  // 200 and 201 are neighbours in every sweep
            CHECK(r.at(1, 5).verdict == Verdict::holds);
            CHECK(r.at(1, 1).verdict == Verdict::unresolved);  // nothing has met after one map
            CHECK(r.finding.find("300 of 300 replicas merged at n = 1000") != std::string::npos);
            CHECK(judge(id, Tampered(evidence)).overall == Verdict::violated);
        }
    }
}

TEST_CASE("coalescence: one start meets its own later compositions") {
    auto ensemble = small();
    ensemble.starts = {{0.25}};
    const ClaimResult r = judge(id, simulate(Sine{0.9, 0.5}, ensemble));
    CHECK(r.overall == Verdict::holds);
    for (std::size_t k : {3u, 4u, 5u}) CHECK(r.at(0, k).verdict == Verdict::holds);
    ensemble.observables = false;
    CHECK(judge(id, simulate(Sine{0.9, 0.5}, ensemble)).at(0, 4).verdict == Verdict::holds);
}

TEST_CASE("coalescence: with a tolerance the recorded error is finite and bounded") {
    auto ensemble = small();
    ensemble.merge_tolerance = 1e-6;
    const ClaimResult r = judge(id, simulate(TwoMaps{}, ensemble));
    CHECK(r.overall == Verdict::holds);
    REQUIRE(r.plan.cases[3] == "error, start -1");
    CHECK(r.at(3, 3).measured > 0);
    ensemble.assume = [](Setup& setup) {
        setup.merge_tolerance = 1e-30;
    };  // claims to have merged far finer than it did
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::violated);
}

TEST_CASE("coalescence: what it needs") {
    auto ensemble = small();
    ensemble.closed_backward = true;
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::not_applicable);
    ensemble = small();
    ensemble.orders = {Order::forward};
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).plan.failed_assumption == "needs the order backward");
    ensemble = small();
    ensemble.states = false;
    CHECK(judge(id, simulate(TwoMaps{}, ensemble)).overall == Verdict::unresolved);
}
