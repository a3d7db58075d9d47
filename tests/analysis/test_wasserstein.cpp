#include "analysis/wasserstein.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "analysis/batches.hpp"
#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("W_p of a shifted sample is the shift, exactly") {
    Samples s(71);
    const auto x = Samples::many(1000, [&] { return std::floor(1024.0 * s.normal()); });
    auto y = x;
    for (double& value : y) value += 3.0;
    std::reverse(y.begin(), y.end());
    CHECK(wasserstein(x, y, 1.0) == 3.0);
    CHECK(wasserstein(x, y, 2.0) == 3.0);
    CHECK(wasserstein(x, y, 4.0) == doctest::Approx(3.0).epsilon(1e-14));
    CHECK(wasserstein(x, x, 2.0) == 0.0);
}

TEST_CASE("W_p of samples of different sizes: hand-computed, and equal to the repeated samples") {
    // F^-1 = 0, 3 on halves; G^-1 = 0, 1, 5 on thirds: |difference| = 0, 1, 2, 2 on 1/3, 1/6, 1/6, 1/3.
    const std::vector<double> x{3.0, 0.0}, y{5.0, 0.0, 1.0};
    CHECK(wasserstein(x, y, 1.0) == doctest::Approx(1.0 / 6.0 + 2.0 / 6.0 + 2.0 / 3.0).epsilon(1e-15));
    CHECK(wasserstein(x, y, 2.0) == doctest::Approx(std::sqrt(1.0 / 6.0 + 4.0 / 6.0 + 4.0 / 3.0)).epsilon(1e-15));
    CHECK(rc::check("unequal sizes agree with repetition to a common size", [] {
        const auto draw = [](std::size_t n) {
            const auto values = *rc::gen::container<std::vector<std::int8_t>>(n, rc::gen::arbitrary<std::int8_t>());
            return std::vector<double>(values.begin(), values.end());
        };
        const std::size_t m = *rc::gen::inRange<std::size_t>(1, 12), n = *rc::gen::inRange<std::size_t>(1, 12);
        const auto a = draw(m), b = draw(n);
        std::vector<double> a_n, b_m;
        for (const double value : a) a_n.insert(a_n.end(), n, value);
        for (const double value : b) b_m.insert(b_m.end(), m, value);
        for (const double p : {1.0, 2.0, 3.0})
            RC_ASSERT(std::abs(wasserstein(a, b, p) - wasserstein(a_n, b_m, p)) <= 1e-12 * 256.0);
    }));
}

TEST_CASE("W_p of unusable samples is not a number") {
    const std::vector<double> x{1.0, 2.0}, broken{1.0, missing};
    CHECK(std::isnan(wasserstein(x, std::vector<double>{}, 1.0)));
    CHECK(std::isnan(wasserstein(x, broken, 1.0)));
    CHECK(std::isnan(wasserstein_estimate(x, broken, 1.0, 0.05).limits.upper));
    CHECK(std::isnan(wasserstein_band(x, broken, 1.0, 0.05).lower));
    CHECK(std::isnan(wasserstein_dual_lower(x, broken, 0.05)));
}

TEST_CASE("W_p to a point mass, with interval") {
    const std::vector<double> x{1.0, 3.0, -1.0, 5.0};
    CHECK(wasserstein_to_point(x, 1.0, 1.0) == 2.0);
    CHECK(wasserstein_to_point(x, 1.0, 2.0) == std::sqrt(6.0));
    CHECK(wasserstein_to_point(x, 1.0, 2.0) == wasserstein(x, std::vector<double>{1.0}, 2.0));
    CHECK(wasserstein_to_point_interval(x, 1.0, 2.0, 0.05).contains(std::sqrt(6.0)));
    CHECK(wasserstein_to_point_interval(x, 1.0, 2.0, 0.05).lower >= 0.0);
}

TEST_CASE("W to a law: closed forms for the uniform and the exponential law") {
    // One datum c against Uniform(0, 1): W_1 = (c^2 + (1-c)^2)/2, W_2^2 = (c^3 + (1-c)^3)/3.
    const auto cdf = [](double t) { return std::clamp(t, 0.0, 1.0); };
    const auto quantile = [](double u) { return u; };
    CHECK(wasserstein1_to_cdf(std::vector<double>{0.3}, cdf, 0.0, 1.0) == doctest::Approx(0.29).epsilon(1e-9));
    CHECK(wasserstein_to_quantile(std::vector<double>{0.3}, quantile, 2.0) ==
          doctest::Approx(std::sqrt((0.027 + 0.343) / 3.0)).epsilon(1e-12));
    // Cell centres (i - 1/2)/n: every cell contributes 1/(4 n^2).
    std::vector<double> centres;
    for (int i = 0; i < 50; ++i) centres.push_back((i + 0.5) / 50.0);
    CHECK(wasserstein1_to_cdf(centres, cdf, 0.0, 1.0) == doctest::Approx(1.0 / 200.0).epsilon(1e-9));
    CHECK(wasserstein_to_quantile(centres, quantile, 2.0) ==
          doctest::Approx(1.0 / (50.0 * std::sqrt(12.0))).epsilon(1e-12));
    // One datum at 0 against Exp(1): the mean.
    const auto exponential = [](double t) { return t > 0.0 ? -std::expm1(-t) : 0.0; };
    CHECK(wasserstein1_to_cdf(std::vector<double>{0.0}, exponential, 0.0, infinity) ==
          doctest::Approx(1.0).epsilon(1e-8));
    // Two data at 0, log 2 + 1: int_0^{log 2} |1/2 - F| + int_{log 2}^{1 + log 2} |1/2 - F| + int (1 - F).
    CHECK(wasserstein1_to_cdf(std::vector<double>{1.0 + std::log(2.0), 0.0}, exponential, 0.0, infinity) ==
          doctest::Approx((0.5 - 0.5 * std::log(2.0)) + (0.5 - 0.5 * (1.0 - std::exp(-1.0))) + 0.5 * std::exp(-1.0))
              .epsilon(1e-8));
    CHECK_THROWS_AS(wasserstein1_to_cdf(std::vector<double>{2.0}, cdf, 0.0, 1.0), InternalError);
}

TEST_CASE("DKW band of W_p: zero for equal data, point masses, common support") {
    const std::vector<double> zeros(1000, 0.0), ones(1000, 1.0);
    CHECK(wasserstein_band(zeros, zeros, 1.0, 0.05).lower == 0.0);
    CHECK(wasserstein_band(zeros, ones, 1.0, 0.05).upper == infinity);
    // The band leaves at least 1 - 2 r of the mass at 0 and at 1; the rest may be anywhere, hence equal.
    const double radius = std::sqrt(std::log(2.0 / 0.025) / 2000.0);
    CHECK(wasserstein_band(zeros, ones, 1.0, 0.05).lower == doctest::Approx(1.0 - 2.0 * radius).epsilon(1e-9));
    CHECK(wasserstein_band(zeros, ones, 2.0, 0.05).lower ==
          doctest::Approx(std::sqrt(1.0 - 2.0 * radius)).epsilon(1e-9));
    CHECK(wasserstein_band(zeros, ones, 1.0, 0.05, 0.0, 1.0).upper == doctest::Approx(1.0));
    const Interval same = wasserstein_band(zeros, zeros, 1.0, 0.05, 0.0, 1.0);
    CHECK(same.upper == doctest::Approx(2.0 * radius).epsilon(0.6));
    CHECK_THROWS_AS(wasserstein_band(zeros, ones, 1.0, 0.05, 0.0, 0.5), InternalError);
}

// Level 0.05, 300 seeds, n = 500: lower limits above the true distance at most 15 (standard error 3.8) + margin.
// Negative control: the empirical distance less its own standard error ignores the upward bias and fails.
TEST_CASE("lower limits of W_1 stay below the truth where the empirical distance does not") {
    int lower_wrong_same = 0, band_wrong = 0, upper_wrong = 0, naive_wrong = 0, lower_wrong = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Samples s(72000 + seed);
        const auto x = Samples::many(500, [&] { return s.normal(); });
        const auto y = Samples::many(500, [&] { return s.normal(); });
        const DistanceEstimate same = wasserstein_estimate(x, y, 1.0, 0.05);
        lower_wrong_same += same.limits.lower > 0.0;
        const std::span<const double> xs(x), ys(y);
        const double error = batch_radius(500, 0.025, [&](Batch b) { return wasserstein(b.of(xs), b.of(ys), 1.0); });
        naive_wrong += same.value - error > 0.0;
        auto z = y;  // N(0.3, 4): W_1 = E |0.3 + N| = 2 phi(0.3) + 0.3 (2 Phi(0.3) - 1)
        for (double& value : z) value = 0.3 + 2.0 * value;
        const double phi = std::exp(-0.045) / std::sqrt(2.0 * std::numbers::pi);
        const double truth = 2.0 * phi + 0.3 * std::erf(0.3 / std::sqrt(2.0));
        const DistanceEstimate different = wasserstein_estimate(x, z, 1.0, 0.05);
        lower_wrong += different.limits.lower > truth;
        upper_wrong += different.limits.upper < truth;
        band_wrong += wasserstein_band(x, z, 1.0, 0.05).lower > truth;
    }
    MESSAGE("of 300: lower above 0 for equal laws " << lower_wrong_same << " (naive " << naive_wrong
                                                    << "), lower above truth " << lower_wrong << ", upper below truth "
                                                    << upper_wrong << ", band " << band_wrong);
    CHECK(lower_wrong_same <= binomial_ceiling(300, 0.05));
    CHECK(lower_wrong <= binomial_ceiling(300, 0.05));
    CHECK(upper_wrong <= binomial_ceiling(300, 0.05));
    CHECK(band_wrong == 0);
    CHECK(naive_wrong > 100);  // negative control, 15 expected at its level
}

TEST_CASE("the dual lower limit sees a difference of spread that the means do not") {
    Samples s(73);
    const auto x = Samples::many(20000, [&] { return s.normal(); });
    const auto y = Samples::many(20000, [&] { return 1.5 * s.normal(); });
    const double truth = 0.5 * std::sqrt(2.0 / std::numbers::pi);
    const double lower = wasserstein_dual_lower(x, y, 1e-3);
    CHECK(lower > 0.85 * truth);
    CHECK(lower < truth);
    CHECK(wasserstein_estimate(x, y, 1.0, 1e-3).limits.contains(truth));
    CHECK(wasserstein_estimate(x, y, 2.0, 1e-3).limits.contains(0.5));
}

TEST_CASE("noise floor falls as the root of the size and lies near the distance of two samples of one law") {
    Samples s(74);
    double small = 0.0, large = 0.0, direct = 0.0;
    for (int r = 0; r < 100; ++r) {
        const auto x = Samples::many(200, [&] { return s.uniform(); }),
                   y = Samples::many(3200, [&] { return s.uniform(); });
        small += noise_floor(x, 1.0) / 100.0;
        large += noise_floor(y, 1.0) / 100.0;
        direct += wasserstein(Samples::many(100, [&] { return s.uniform(); }),
                              Samples::many(100, [&] { return s.uniform(); }), 1.0) /
                  100.0;
    }
    CHECK(small / large == doctest::Approx(4.0).epsilon(0.2));
    CHECK(small / direct == doctest::Approx(1.0).epsilon(0.2));
}

TEST_CASE("W estimate: few data leave the upper limit open") {
    const std::vector<double> x{1.0, 2.0, 3.0}, y{2.0, 3.0, 4.0};
    CHECK(wasserstein_estimate(x, y, 1.0, 0.05).limits.upper == infinity);
    CHECK(wasserstein_estimate(x, y, 1.0, 0.05).value == 1.0);
}
