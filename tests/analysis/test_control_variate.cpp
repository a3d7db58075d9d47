#include "analysis/control_variate.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

struct Pair {
    std::vector<double> y, control;
};

/// y = 1.5 + slope (c - 7) + 0.1 noise, c = 7 + skewed noise: E y = 1.5, E c = 7.
Pair draw(std::uint64_t seed, std::size_t replicas, double slope) {
    Samples samples(seed);
    Pair pair;
    for (std::size_t r = 0; r < replicas; ++r) {
        const double c = samples.exponential() - 1;
        pair.control.push_back(7 + c);
        pair.y.push_back(1.5 + slope * c + 0.1 * samples.normal());
    }
    return pair;
}

}  // namespace

TEST_CASE("control variate: what it shares with the quantity goes out of the variance") {
    const Pair pair = draw(3, 2000, 1);
    const Controlled one = with_control(pair.y, pair.control, 7), fitted = with_fitted_control(pair.y, pair.control, 7);
    CHECK(one.variance_ratio == doctest::Approx(0.01 / 1.01).epsilon(0.2));
    CHECK(fitted.variance_ratio == doctest::Approx(0.01 / 1.01).epsilon(0.2));
    CHECK(fitted.coefficient == doctest::Approx(1).epsilon(0.02));
    CHECK(one.mean(1e-3).limits.contains(1.5));
    CHECK(one.mean(1e-3).limits.half_width() < 0.01);
    CHECK(mean_interval(pair.y, 1e-3).half_width() > 0.05);
}

TEST_CASE("control variate: a fitted coefficient follows any slope, coefficient 1 does not") {
    const Pair pair = draw(4, 2000, -0.4);
    CHECK(with_fitted_control(pair.y, pair.control, 7).coefficient == doctest::Approx(-0.4).epsilon(0.05));
    CHECK(with_fitted_control(pair.y, pair.control, 7).variance_ratio < 0.1);
    CHECK(with_control(pair.y, pair.control, 7).variance_ratio > 5);
}

TEST_CASE("control variate: no half of the replicas has a part in its own coefficient") {
    Pair pair = draw(5, 100, 0);
    const auto before = with_fitted_control(pair.y, pair.control, 7);
    for (std::size_t r = 0; r < 50; ++r) pair.y[r] = 10 * pair.control[r];
    const auto after = with_fitted_control(pair.y, pair.control, 7);
    // The first half still uses the second half's coefficient.
    CHECK(after.values[0] - pair.y[0] == doctest::Approx(before.values[0] - draw(5, 100, 0).y[0]));
    CHECK(after.values[60] != before.values[60]);
}

TEST_CASE("control variate: too few replicas or a constant control change nothing") {
    const Pair few = draw(6, 7, 1);
    CHECK(with_fitted_control(few.y, few.control, 7).values == few.y);
    const std::vector<double> constant(20, 7.0);
    const Pair pair = draw(6, 20, 1);
    CHECK(with_fitted_control(pair.y, constant, 7).values == pair.y);
    CHECK_THROWS_AS((void)with_control(pair.y, few.control, 7), InternalError);
}

// 400 seeds at alpha = 0.05, N = 60; the negative control: the control's mean taken as 7.1.
TEST_CASE("control variate: the mean is missed no more often than the level, a wrong control mean is seen") {
    int one = 0, fitted = 0, wrong = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const Pair pair = draw(seed, 60, 1);
        one += !with_control(pair.y, pair.control, 7).mean(0.05).limits.contains(1.5);
        fitted += !with_fitted_control(pair.y, pair.control, 7).mean(0.05).limits.contains(1.5);
        wrong += !with_control(pair.y, pair.control, 7.1).mean(0.05).limits.contains(1.5);
    }
    CHECK(one <= binomial_ceiling(400, 0.05));
    CHECK(fitted <= binomial_ceiling(400, 0.05));
    CHECK(one >= 4);
    CHECK(wrong == 400);
}
