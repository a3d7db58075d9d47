#include "analysis/slope.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

std::vector<double> ladder_of(std::size_t points) {
    std::vector<double> x;
    for (std::size_t k = 0; k < points; ++k) x.push_back(0.4 / std::pow(2, double(points - 1 - k)));
    return x;
}

/// E y(x) = mean(x), with skewed noise that the points share and noise of their own.
PairedLadder noisy(std::uint64_t seed, std::size_t replicas, const std::function<double(double)>& mean) {
    Samples samples(seed);
    PairedLadder ladder{ladder_of(5), std::vector<std::vector<double>>(5, std::vector<double>(replicas))};
    for (std::size_t r = 0; r < replicas; ++r) {
        const double shared = samples.exponential() - 1;
        for (std::size_t k = 0; k < 5; ++k) ladder.values[k][r] = mean(ladder.x[k]) * (1 + shared + samples.normal());
    }
    return ladder;
}

PairedLadder exact(const std::function<double(double)>& mean) {
    PairedLadder ladder{ladder_of(5), {}};
    for (double x : ladder.x) ladder.values.push_back(std::vector<double>(4, mean(x)));
    return ladder;
}

double power(double x) { return 3 * std::pow(x, 1.7); }
double corrected(double x) { return -3 * x * (1 + 0.5 * x); }

}  // namespace

TEST_CASE("slope: a pure power without noise has its exponent everywhere") {
    const PairedLadder ladder = exact(power);
    REQUIRE(local_slopes(ladder, 0.01).size() == 4);
    REQUIRE(extrapolated_slopes(ladder, 0.01).size() == 3);
    for (const auto& slopes : {local_slopes(ladder, 0.01), extrapolated_slopes(ladder, 0.01)})
        for (const Estimate& slope : slopes) {
            CHECK(slope.value == doctest::Approx(1.7).epsilon(1e-12));
            CHECK(slope.limits.half_width() < 1e-12);
        }
    for (PowerLaw law : {PowerLaw::pure, PowerLaw::corrected})
        CHECK(fitted_exponent(ladder, law, 0.01).value == doctest::Approx(1.7).epsilon(1e-10));
}

TEST_CASE("slope: the first correction costs O(x) of a local slope, O(x^2) of an extrapolated one") {
    const PairedLadder ladder = exact(corrected);
    const auto local = local_slopes(ladder, 0.01), extrapolated = extrapolated_slopes(ladder, 0.01);
    for (std::size_t k = 0; k < 3; ++k) {
        const double order = std::log2((local[k + 1].value - 1) / (local[k].value - 1));
        CHECK(order == doctest::Approx(1).epsilon(0.1));
    }
    for (std::size_t k = 0; k < 2; ++k) {
        const double order = std::log2((extrapolated[k + 1].value - 1) / (extrapolated[k].value - 1));
        CHECK(order == doctest::Approx(2).epsilon(0.15));
    }
    CHECK(std::abs(local[3].value - 1) > 0.1);
    CHECK(std::abs(extrapolated[2].value - 1) < 0.02);
    CHECK(std::abs(fitted_exponent(ladder, PowerLaw::pure, 0.01).value - 1) > 0.05);
    CHECK(std::abs(fitted_exponent(ladder, PowerLaw::corrected, 0.01).value - 1) < 0.01);
}

// 400 seeds at alpha = 0.05, N = 400 replicas: the limits of all local slopes together, of all extrapolated ones, and
// of either fit miss the true exponents in no more than 5 % of the ensembles.
TEST_CASE("slope: true exponents are missed no more often than the level") {
    int local = 0, extrapolated = 0, pure = 0, with_correction = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const PairedLadder ladder = noisy(seed, 400, power);
        const auto missed = [](const std::vector<Estimate>& slopes) {
            return std::any_of(slopes.begin(), slopes.end(), [](const Estimate& s) { return !s.limits.contains(1.7); });
        };
        local += missed(local_slopes(ladder, 0.05));
        extrapolated += missed(extrapolated_slopes(ladder, 0.05));
        pure += !fitted_exponent(ladder, PowerLaw::pure, 0.05).limits.contains(1.7);
        with_correction += !fitted_exponent(ladder, PowerLaw::corrected, 0.05).limits.contains(1.7);
    }
    CHECK(local <= binomial_ceiling(400, 0.05));
    CHECK(extrapolated <= binomial_ceiling(400, 0.05));
    CHECK(pure <= binomial_ceiling(400, 0.05));
    CHECK(with_correction <= binomial_ceiling(400, 0.05));
    // The limits are not idle either: they miss sometimes.
    CHECK(pure >= 4);
}

// The negative control at the same N and level: data whose exponent is 0.2 off.
TEST_CASE("slope: an exponent off by 0.2 is rejected") {
    int pure = 0, local = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const PairedLadder ladder = noisy(seed, 400, [](double x) { return 3 * std::pow(x, 1.9); });
        pure += !fitted_exponent(ladder, PowerLaw::pure, 0.05).limits.contains(1.7);
        const auto slopes = local_slopes(ladder, 0.05);
        local += std::any_of(slopes.begin(), slopes.end(), [](const Estimate& s) { return !s.limits.contains(1.7); });
    }
    CHECK(pure == 400);
    CHECK(local > 80);  // two neighbouring points say less than five
    // With 25 times the replicas every estimate rejects it, at a level of 1e-4.
    const PairedLadder ladder = noisy(1, 40'000, [](double x) { return 3 * std::pow(x, 1.9); });
    for (const Estimate& slope : local_slopes(ladder, 1e-4)) CHECK(slope.limits.lower > 1.7);
    for (const Estimate& slope : extrapolated_slopes(ladder, 1e-4)) CHECK(slope.limits.contains(1.9));
    CHECK(fitted_exponent(ladder, PowerLaw::corrected, 1e-4).limits.lower > 1.7);
}

TEST_CASE("slope: points that say nothing widen only what uses them") {
    PairedLadder ladder = noisy(9, 4000, power);
    for (double& y : ladder.values[0]) y -= power(ladder.x[0]);  // mean 0
    const auto slopes = local_slopes(ladder, 0.01);
    CHECK_FALSE(slopes[0].resolved());
    CHECK(slopes[1].resolved());
    CHECK_FALSE(extrapolated_slopes(ladder, 0.01)[0].resolved());
    CHECK(extrapolated_slopes(ladder, 0.01)[1].resolved());
    CHECK_FALSE(fitted_exponent(ladder, PowerLaw::pure, 0.01).resolved());
    const PairedLadder two{{1, 2}, {{1, 1, 1}, {2, 2, 2}}};
    CHECK_THROWS_AS((void)fitted_exponent(two, PowerLaw::corrected, 0.01), InternalError);
}
