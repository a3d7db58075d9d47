#include "analysis/anderson_darling.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/samples.hpp"

using namespace foldback;

namespace {
double identity(double x) { return x; }
double exponential_cdf(double x) { return x > 0.0 ? -std::expm1(-x) : 0.0; }
double exponential_survival(double x) { return std::exp(-x); }
}  // namespace

TEST_CASE("Anderson-Darling statistic: small exact cases") {
    // n = 1: -1 - log F - log(1 - F). n = 2 at F = 1/4, 3/4: -2 - (log(1/4) + log(1/4) + 3 log(3/4) + 3 log(3/4))/2.
    CHECK(*anderson_darling(std::vector<double>{0.5}, identity) == doctest::Approx(-1.0 + 2.0 * std::log(2.0)));
    CHECK(*anderson_darling(std::vector<double>{0.75, 0.25}, identity) ==
          doctest::Approx(-2.0 - (2.0 * std::log(0.25) + 6.0 * std::log(0.75)) / 2.0));
}

TEST_CASE("Anderson-Darling is refused where a CDF value is 0, 1 or not a number") {
    CHECK_FALSE(anderson_darling(std::vector<double>{0.5, 1.0}, identity).has_value());
    CHECK_FALSE(anderson_darling(std::vector<double>{0.0, 0.5}, identity).has_value());
    CHECK_FALSE(anderson_darling(std::vector<double>{0.5, std::nan("")}, identity).has_value());
    CHECK_FALSE(anderson_darling(std::vector<double>{}, identity).has_value());
    CHECK_FALSE(anderson_darling(std::vector<double>{40.0}, exponential_cdf).has_value());
    CHECK_FALSE(anderson_darling(std::vector<double>{40.0}, exponential_cdf, exponential_survival).has_value());
    CHECK(anderson_darling(std::vector<double>{30.0}, exponential_cdf, exponential_survival).has_value());
}

TEST_CASE("Anderson-Darling limit law: published values and the far tail") {
    // Marsaglia & Marsaglia 2004: ADinf(2.492) = 0.95, ADinf(3.878) = 0.99, ADinf(1.9329) = 0.90.
    CHECK(anderson_darling_limit_tail(2.492367) == doctest::Approx(0.05).epsilon(1e-5));
    CHECK(anderson_darling_limit_tail(3.878125) == doctest::Approx(0.01).epsilon(1e-5));
    CHECK(anderson_darling_limit_tail(1.932958) == doctest::Approx(0.10).epsilon(1e-5));
    // Lower tail: 2 exp(-pi^2/(8 z))/sqrt z (1 + ...), z = 0.1.
    CHECK(1.0 - anderson_darling_limit_tail(0.1) ==
          doctest::Approx(2.0 * std::exp(-1.2337005501 / 0.1) / std::sqrt(0.1)).epsilon(0.05));
    CHECK(anderson_darling_limit_tail(0.01) == 1.0);
    // Upper tail: sqrt(3) erfc(sqrt z), the product of (1 - lambda_j/lambda_1)^(-1/2).
    CHECK(anderson_darling_limit_tail(300.0) / (std::sqrt(3.0) * std::erfc(std::sqrt(300.0))) ==
          doctest::Approx(1.0).epsilon(2e-3));
    double before = 1.0;
    for (double z = 0.1; z < 60.0; z *= 1.05) {
        const double tail = anderson_darling_limit_tail(z);
        CHECK(tail < before);
        before = tail;
    }
}

TEST_CASE("Anderson-Darling p-value is monotone through the frozen correction, critical value inverts it") {
    for (const std::size_t n : {std::size_t(8), std::size_t(50), std::size_t(1000)}) {
        double before = 1.0;
        for (double z = 0.1; z < 30.0; z += 0.01) {
            const double p = anderson_darling_p_value(z, n);
            REQUIRE(p <= before);
            before = p;
        }
        for (const double alpha : {0.5, 0.05, 1e-3, 5e-7, 1e-12})
            CHECK(anderson_darling_p_value(anderson_darling_critical(alpha, n), n) ==
                  doctest::Approx(alpha).epsilon(1e-6));
    }
}

// Level 0.05, 600 seeds, n = 100: 30 expected, standard error 5.3. Power at n = 10000, mean 5 % off.
TEST_CASE("Anderson-Darling: calibrated, and rejects a parameter 5 % off") {
    int one = 0, two = 0, off = 0, off_two = 0;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        Samples s(61000 + seed);
        const auto x = Samples::many(100, [&] { return s.exponential(); });
        const auto y = Samples::many(60, [&] { return s.exponential(); });
        one += anderson_darling_p_value(*anderson_darling(x, exponential_cdf, exponential_survival), 100) <= 0.05;
        two += anderson_darling_two_sample(x, y)->p_value <= 0.05;
    }
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Samples s(62000 + seed);
        const auto x = Samples::many(10000, [&] { return 1.05 * s.exponential(); });
        const auto y = Samples::many(20000, [&] { return s.exponential(); });
        off += anderson_darling_p_value(*anderson_darling(x, exponential_cdf, exponential_survival), 10000) <= 0.05;
        off_two += anderson_darling_two_sample(x, y)->p_value <= 0.05;
    }
    MESSAGE("rejections of true laws in 600: one sample " << one << ", two samples " << two
                                                          << "; of laws 5 % off in 40: " << off << ", " << off_two);
    CHECK(one <= binomial_ceiling(600, 0.05));
    CHECK(one >= 12);
    CHECK(two <= binomial_ceiling(600, 0.05));
    CHECK(two >= 12);
    CHECK(off >= 38);
    CHECK(off_two >= 34);
}

// P(A^2 > 7) = 3.2e-4: 40000 samples of n = 100, 13 expected, ceiling (1e-4) 27; far below it the test would be dead.
TEST_CASE("Anderson-Darling keeps its level in the tail") {
    Samples s(63);
    const double critical = anderson_darling_critical(3e-4, 100);
    int above = 0;
    for (int r = 0; r < 40000; ++r)
        above += *anderson_darling(Samples::many(100, [&] { return s.uniform(); }), identity) > critical;
    MESSAGE("exceedances " << above << " of 12 expected");
    CHECK(above <= binomial_ceiling(40000, 3e-4));
    CHECK(above >= 3);
}

TEST_CASE("two-sample Anderson-Darling: hand-computed, symmetric, ties, refusals") {
    // Ranks x y: (N-1)/N (1/m + 1/n) ... for x = {1}, y = {2} doubled to two data each: x = {1, 2}, y = {3, 4}:
    // without ties midranks B = 1/2, 3/2, 5/2, 7/2, M_x = 1/2, 3/2, 2, 2: N M - m B = 1, 3, 3, 1;
    // statistic = (3/4) (1/4) sum (d^2/2 + d^2/2)/(B (4 - B) - 1) = (3/16) (1/0.75 + 9/2.75 + 9/2.75 + 1/0.75).
    const std::vector<double> x{2.0, 1.0}, y{3.0, 4.0};
    CHECK(anderson_darling_two_sample(x, y)->statistic ==
          doctest::Approx(3.0 / 16.0 * (2.0 / 0.75 + 18.0 / 2.75)).epsilon(1e-12));
    CHECK(anderson_darling_two_sample(y, x)->statistic ==
          doctest::Approx(anderson_darling_two_sample(x, y)->statistic));
    const std::vector<double> same{1.0, 1.0, 1.0};
    CHECK_FALSE(anderson_darling_two_sample(same, same).has_value());
    CHECK_FALSE(anderson_darling_two_sample(std::vector<double>{1.0}, x).has_value());
    CHECK_FALSE(anderson_darling_two_sample(std::vector<double>{1.0, std::nan("")}, x).has_value());
    // Ties: integers 0..9, 400 seeds at level 0.05, 20 expected, standard error 4.4.
    int rejected = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Samples s(64000 + seed);
        const auto a = Samples::many(80, [&] { return double(s.below(10)); });
        const auto b = Samples::many(50, [&] { return double(s.below(10)); });
        rejected += anderson_darling_two_sample(a, b)->p_value <= 0.05;
    }
    CHECK(rejected <= binomial_ceiling(400, 0.05));
}

// The variance the p-value is matched with is exact: enumerate all 35 orders of 3 + 4 data for Pettitt's statistic
// (1/(m n)) sum_{i < N} (N M_i - m i)^2/(i (N - i)).
TEST_CASE("two-sample Anderson-Darling matches the exact variance") {
    double sum = 0.0, squares = 0.0, orders = 0.0;
    for (unsigned chosen = 0; chosen < 128; ++chosen) {
        if (std::popcount(chosen) != 3) continue;
        double statistic = 0.0, of_x = 0.0;
        for (unsigned i = 1; i < 7; ++i) {
            of_x += (chosen >> (i - 1)) & 1u;
            const double d = 7.0 * of_x - 3.0 * i;
            statistic += d * d / (12.0 * i * (7.0 - i));
        }
        sum += statistic;
        squares += statistic * statistic;
        orders += 1.0;
    }
    REQUIRE(orders == 35.0);
    CHECK(sum / orders == doctest::Approx(1.0).epsilon(1e-12));
    const double variance = squares / orders - 1.0, limit_variance = 2.0 / 3.0 * (9.869604401089358 - 9.0);
    const auto result =
        anderson_darling_two_sample(std::vector<double>{1.0, 2.0, 3.0}, std::vector<double>{4.0, 5.0, 6.0, 7.0});
    const double matched = 1.0 + std::sqrt(limit_variance / variance) * (result->statistic - 1.0);
    CHECK(result->p_value == doctest::Approx(anderson_darling_limit_tail(matched)).epsilon(1e-10));
}
