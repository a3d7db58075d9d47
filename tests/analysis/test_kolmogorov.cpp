#include "analysis/kolmogorov.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

double uniform_cdf(double x) { return std::min(1.0, std::max(0.0, x)); }
double exponential_cdf(double x) { return x > 0.0 ? -std::expm1(-x) : 0.0; }

}  // namespace

TEST_CASE("one-sample KS distance: small exact cases") {
    CHECK(ks_distance(std::vector<double>{0.5}, uniform_cdf) == 0.5);
    CHECK(ks_distance(std::vector<double>{0.75, 0.25}, uniform_cdf) == 0.25);
    CHECK(ks_distance(std::vector<double>{2.0, 3.0}, uniform_cdf) == 1.0);
    CHECK(ks_distance(std::vector<double>{0.5, 0.5, 0.5, 0.5}, uniform_cdf) == 0.5);
    CHECK(std::isnan(ks_distance(std::vector<double>{0.5, missing}, uniform_cdf)));
    CHECK(std::isnan(ks_distance(std::vector<double>{}, uniform_cdf)));
    CHECK(std::isnan(ks_distance(std::vector<double>{0.1, 0.2}, [](double x) { return x < 0.15 ? missing : x; })));
}

TEST_CASE("one-sample KS distance to a law with atoms needs its left limits") {
    const auto coin = [](double x) { return x < 0.0 ? 0.0 : x < 1.0 ? 0.5 : 1.0; };
    const auto coin_below = [](double x) { return x <= 0.0 ? 0.0 : x <= 1.0 ? 0.5 : 1.0; };
    const std::vector<double> fair{0.0, 1.0, 1.0, 0.0};
    CHECK(ks_distance(fair, coin, coin_below) == 0.0);
    CHECK(ks_distance(fair, coin) == 0.5);
    CHECK(ks_distance(std::vector<double>{0.0, 0.0, 0.0, 1.0}, coin, coin_below) == 0.25);
}

TEST_CASE("two-sample KS distance: exact, symmetric, with ties") {
    const std::vector<double> x{1.0, 2.0, 2.0, 3.0}, y{2.0, 2.0}, z{4.0};
    CHECK(ks_distance(x, x) == 0.0);
    CHECK(ks_distance(x, y) == 0.25);
    CHECK(ks_distance(y, x) == 0.25);
    CHECK(ks_distance(x, z) == 1.0);
    CHECK(std::isnan(ks_distance(x, std::vector<double>{missing})));
}

TEST_CASE("DKW radii: closed form, the two-sample form between its limits") {
    CHECK(dkw_radius(1000, 0.05) == doctest::Approx(std::sqrt(std::log(40.0) / 2000.0)));
    CHECK(dkw_radius(0, 0.05) == 1.0);
    for (const double alpha : {0.5, 0.05, 1e-3, 5e-7, 1e-12})
        for (const auto& [m, n] : {std::pair<std::size_t, std::size_t>{50, 50}, {1000, 1000}, {1000, 100000}}) {
            const double union_bound = dkw_radius(m, 0.5 * alpha) + dkw_radius(n, 0.5 * alpha);
            const double effective = double(m) * double(n) / double(m + n);
            const double both = dkw_radius(m, n, alpha);
            CAPTURE(alpha);
            CHECK(both <= std::min(1.0, union_bound));
            CHECK(both >= std::min(1.0, std::sqrt(std::log(2.0 / alpha) / (2.0 * effective))));
            CHECK(both == doctest::Approx(dkw_radius(n, m, alpha)).epsilon(1e-9));
        }
    CHECK(dkw_radius(100000, 100000, 1e-6) < 0.78 * 2.0 * dkw_radius(100000, 5e-7));
}

// The defining law of the radius by Monte Carlo on the two dominating variables: 1e6 draws, alpha = 0.01, standard
// error of the share 1e-4.
TEST_CASE("two-sample DKW radius is the quantile of the sum of the dominating variables") {
    const std::size_t m = 300, n = 700;
    const double radius = dkw_radius(m, n, 0.01);
    Samples s(51);
    int above = 0;
    const auto dominating = [&](std::size_t size) {
        return std::sqrt(std::log(2.0 / s.uniform()) / (2.0 * double(size)));
    };
    for (int i = 0; i < 1000000; ++i) above += dominating(m) + dominating(n) > radius;
    CHECK(above * 1e-6 == doctest::Approx(0.01).epsilon(0.05));
}

// Level 0.05, 500 seeds, n = 200 each: expected rejections at most 25, standard error 4.9.
TEST_CASE("DKW band: calibrated for one and two samples, rejects a parameter 5 % off") {
    int one = 0, two = 0, off = 0, off_two = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        Samples s(5200 + seed);
        const auto x = Samples::many(200, [&] { return s.exponential(); });
        const auto y = Samples::many(300, [&] { return s.exponential(); });
        one += ks_distance(x, exponential_cdf) > dkw_radius(200, 0.05);
        two += ks_distance(x, y) > dkw_radius(200, 300, 0.05);
    }
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Samples s(5800 + seed);
        const auto x = Samples::many(40000, [&] { return 1.05 * s.exponential(); });
        const auto y = Samples::many(40000, [&] { return s.exponential(); });
        off += ks_distance(x, exponential_cdf) > dkw_radius(40000, 0.05);
        off_two += ks_distance(x, y) > dkw_radius(40000, 40000, 0.05);
    }
    MESSAGE("rejections of true laws in 500: one sample " << one << ", two samples " << two
                                                          << "; of laws 5 % off in 40: " << off << ", " << off_two);
    CHECK(one <= binomial_ceiling(500, 0.05));
    CHECK(one >= 8);  // the one-sample band is nearly sharp
    CHECK(two <= binomial_ceiling(500, 0.05));
    CHECK(off == 40);
    CHECK(off_two >= 36);
}

TEST_CASE("KS interval keeps its half-width") {
    const Interval i = ks_interval(0.01, 0.02);
    CHECK(i.lower == doctest::Approx(-0.01));
    CHECK(i.half_width() == doctest::Approx(0.02));
}

TEST_CASE("KS p-values: exact small n, limit law, method named") {
    // n = 1: P(D < d) = 2 d - 1 on [1/2, 1]. n = 2: P(D < d) = 2 (2 d - 1/2)^2 on [1/4, 1/2], 1 - 2 (1 - d)^2 above.
    CHECK(ks_p_value(0.8, 1).value == doctest::Approx(0.4));
    CHECK(ks_p_value(0.4, 2).value == doctest::Approx(1.0 - 2.0 * 0.3 * 0.3));
    CHECK(ks_p_value(0.7, 2).value == doctest::Approx(2.0 * 0.3 * 0.3));
    CHECK(ks_p_value(0.274, 10).value == doctest::Approx(1.0 - 0.6284796154565043).epsilon(1e-9));  // MTW's own example
    CHECK(std::string(ks_p_value(0.274, 10).method).find("exact") == 0);
    // Kolmogorov's limit: K(1.3581) = 0.95, K(1.6276) = 0.99, K(0.8276) = 0.5.
    const double root = 1000.0 + 0.12 + 0.11 / 1000.0;
    CHECK(ks_p_value(1.358099 / root, 1000000).value == doctest::Approx(0.05).epsilon(1e-4));
    CHECK(ks_p_value(0.827574 / root, 1000000).value == doctest::Approx(0.5).epsilon(1e-4));
    CHECK(ks_p_value(4.0 / root, 1000000).value == doctest::Approx(2.0 * std::exp(-32.0)).epsilon(1e-9));
    CHECK(ks_p_value(0.0, 100).value == 1.0);
    CHECK(ks_p_value(1.0, 100).value == 0.0);
    CHECK(std::isnan(ks_p_value(missing, 100).value));
    // The asymptotic formula continues the exact one at n = 140 | 141.
    CHECK(ks_p_value(0.1, 140).value == doctest::Approx(ks_p_value(0.1, 141).value).epsilon(0.03));
    CHECK(ks_p_value(0.16, 140).value == doctest::Approx(ks_p_value(0.16, 141).value).epsilon(0.06));
}

// 1000 seeds, n = 50 and 50 against 80: p-values uniform, so below 0.05 in 50 of 1000 (standard error 6.9).
TEST_CASE("KS p-values are calibrated") {
    int one = 0, two = 0;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        Samples s(53000 + seed);
        const auto x = Samples::many(50, [&] { return s.uniform(); });
        const auto y = Samples::many(80, [&] { return s.uniform(); });
        one += ks_p_value(ks_distance(x, uniform_cdf), 50).value <= 0.05;
        two += ks_p_value(ks_distance(x, y), 50, 80).value <= 0.05;
    }
    CHECK(one <= binomial_ceiling(1000, 0.05));
    CHECK(one >= 25);
    CHECK(two <= binomial_ceiling(1000, 0.05));
    CHECK(two >= 20);
}

TEST_CASE("rounding to a grid makes atoms agree and has no negative zero") {
    CHECK(round_to_grid(0.1 + 0.2, 0x1p-40) == round_to_grid(0.3, 0x1p-40));
    CHECK_FALSE(std::signbit(round_to_grid(-1e-20, 0x1p-40)));
    CHECK(round_to_grid(2.6, 1.0) == 3.0);
    std::vector<double> x{0.3, 0.1 + 0.2}, y{0.1 + 0.2, 0.3, 0.1 + 0.2};
    CHECK(ks_distance(x, y) > 0.1);  // without rounding, one ulp looks like a different law
    round_to_grid(x, 0x1p-40);
    round_to_grid(y, 0x1p-40);
    CHECK(ks_distance(x, y) == 0.0);
}
