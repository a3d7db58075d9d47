#include "analysis/hill.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/samples.hpp"

using namespace foldback;

TEST_CASE("Hill: exact on powers of e, sign ignored") {
    // log |x| = 3, 2, 1, 0: k = 3 gives 3/(3 + 2 + 1), k = 1 gives 1/(3 - 2).
    const std::vector<double> x{-std::exp(2.0), 1.0, std::exp(3.0), std::exp(1.0)};
    CHECK(hill(x, 3, 0.05).index == doctest::Approx(0.5));
    CHECK(hill(x, 1, 0.05).index == doctest::Approx(1.0));
    // k = 1: index/estimate ~ Exp(1).
    CHECK(hill(x, 1, 0.05).limits.lower == doctest::Approx(-std::log(0.975)));
    CHECK(hill(x, 1, 0.05).limits.upper == doctest::Approx(-std::log(0.025)));
}

TEST_CASE("Hill: the hull holds the estimates and the intervals of all three k") {
    std::vector<double> x;
    for (int i = 1; i <= 1000; ++i) x.push_back(std::pow(double(i), -0.5) * (1 + 5 * (i % 7 == 0)));
    const HillHull h = hill_hull(x, 0.05);
    double low = h.at[0].limits.lower, high = h.at[0].limits.upper;
    for (const HillEstimate& e : h.at) {
        low = std::min(low, e.limits.lower);
        high = std::max(high, e.limits.upper);
        CHECK(h.estimates.contains(e.index));
    }
    CHECK(h.limits.lower == low);
    CHECK(h.limits.upper == high);
    CHECK((low < h.at[0].limits.lower || high > h.at[0].limits.upper));
}

TEST_CASE("Hill is not a number where it is not defined") {
    const std::vector<double> x{1.0, 2.0, 3.0}, same(5, 2.0), zeros{1.0, 0.0, 0.0};
    const std::vector<double> broken{1.0, std::nan(""), 2.0},
        endless{1.0, std::numeric_limits<double>::infinity(), 2.0};
    CHECK(std::isnan(hill(x, 0, 0.05).index));
    CHECK(std::isnan(hill(x, 3, 0.05).index));
    CHECK(std::isnan(hill(same, 2, 0.05).index));
    CHECK(std::isnan(hill(zeros, 1, 0.05).index));
    CHECK(std::isnan(hill(broken, 1, 0.05).limits.lower));
    CHECK(std::isnan(hill(endless, 1, 0.05).limits.upper));
    CHECK(std::isnan(hill_hull(x, 0.05).limits.lower));
    CHECK(std::isnan(hill_hull(std::vector<double>{}, 0.05).estimates.upper));
}

// Exact Pareto of index 1.5, R = 8000: k = 200, 400, 800; 400 seeds at level 0.05, 20 misses expected (s.e. 4.4).
TEST_CASE("Hill on exact Pareto data: limits cover, the hull too, a wrong index is excluded") {
    int missed = 0, hull_missed = 0, wrong = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Samples s(91000 + seed);
        const auto x =
            Samples::many(8000, [&] { return (s.below(2) ? 1.0 : -1.0) * std::pow(s.uniform(), -1.0 / 1.5); });
        missed += !hill(x, 400, 0.05).limits.contains(1.5);
        const HillHull h = hill_hull(x, 0.05);
        hull_missed += !h.limits.contains(1.5);
        wrong += !hill(x, 4000, 0.05).limits.contains(1.35);
        if (seed == 0) {
            CHECK(h.at[0].k == 200);
            CHECK(h.at[1].k == 400);
            CHECK(h.at[2].k == 800);
            CHECK(h.limits.lower < h.estimates.lower);
            CHECK(h.limits.upper > h.estimates.upper);
        }
    }
    CHECK(missed <= binomial_ceiling(400, 0.05));
    CHECK(missed >= 5);
    CHECK(hull_missed <= binomial_ceiling(400, 0.05));
    CHECK(wrong >= 390);  // power: 10 % off
}
