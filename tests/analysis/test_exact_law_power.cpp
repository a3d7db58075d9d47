#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "analysis/kolmogorov.hpp"
#include "models/autoregressive.hpp"
#include "models/continued_fraction.hpp"
#include "models/sethuraman.hpp"
#include "tests/support/simulate.hpp"

// The power of exact-law at R = 100,000: a law with one named parameter 5 % off is rejected, and the right one is not, from both
// orders. The distance between the two laws is computed first, so that the test asks for what can be seen.
using namespace foldback;

namespace {

constexpr std::size_t replicas = 100'000;

test::Ensemble ensemble(std::uint64_t seed, std::uint32_t last, double start) {
    test::Ensemble e;
    e.seed = seed;
    e.replicas = replicas;
    e.starts = {{start}};
    e.steps = {last};
    e.observables = false;
    return e;
}

template <class M>
void check_power(const M& right, const M& wrong, const test::Ensemble& e) {
    const auto evidence = test::simulate(right, e);
    const auto f = right.truth().marginals.at(0).cdf, g = wrong.truth().marginals.at(0).cdf;
    auto states = evidence.values({Quantity::state, Order::backward, 0, 0, 0});
    double distance = 0;
    for (std::size_t r = 0; r < states.size(); r += 50) distance = std::max(distance, std::abs(f(states[r]) - g(states[r])));
    const double critical = dkw_radius(replicas, 1e-3 / 4);
    MESSAGE(std::string(M::kind) << ": sup|F_wrong - F| = " << distance << ", critical value " << critical);
    REQUIRE(distance > 1.5 * critical);
    CHECK(test::judge("exact-law", evidence).overall == Verdict::consistent);

    test::Ensemble mistaken = e;
    mistaken.assume = [&](Setup& setup) { setup.truth.marginals = wrong.truth().marginals; };
    const ClaimResult result = test::judge("exact-law", test::simulate(right, mistaken));
    CHECK(result.overall == Verdict::violated);
    for (std::size_t c = 0; c < result.plan.cases.size(); ++c) {
        CAPTURE(result.plan.cases[c]);
        if (result.plan.cases[c].rfind("KS", 0) == 0) CHECK(result.at(c, 0).verdict == Verdict::violated);
    }
}

}  // namespace

TEST_CASE("exact-law: AR(1) with a = 0.9 is told from a 5 per cent larger") {
    check_power(Autoregressive{{}, 0.9, 1.0}, Autoregressive{{}, 0.945, 1.0}, ensemble(11, 200, 0.0));
}

TEST_CASE("exact-law: Sethuraman's p = 0.3 is told from 0.315") {
    check_power(Sethuraman{{}, 2.0, 0.3}, Sethuraman{{}, 2.0, 0.315}, ensemble(12, 70, 0.5));
}

TEST_CASE("exact-law: the continued fraction's l = 2 is told from 2.1") {
    check_power(ContinuedFraction{2.0, 1.0}, ContinuedFraction{2.1, 1.0}, ensemble(13, 60, 1.0));
}
