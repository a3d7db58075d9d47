#include "analysis/extrapolation.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

/// E y(x) = 2 + b x + c x^2 + d x^3 at x = 0.1, 0.2, 0.4, 0.8, noise shared and own.
PairedLadder expansion(std::uint64_t seed, std::size_t replicas, double noise, double b, double c, double d) {
    Samples samples(seed);
    PairedLadder ladder{{0.1, 0.2, 0.4, 0.8}, std::vector<std::vector<double>>(4, std::vector<double>(replicas))};
    for (std::size_t r = 0; r < replicas; ++r) {
        const double shared = samples.exponential() - 1;
        for (std::size_t k = 0; k < 4; ++k) {
            const double x = ladder.x[k];
            ladder.values[k][r] = 2 + x * (b + x * (c + x * d)) + noise * (shared + 0.3 * samples.normal());
        }
    }
    return ladder;
}

}  // namespace

TEST_CASE("extrapolation: the weights of Richardson and Romberg, and of a parabola") {
    CHECK(extrapolation_weights({0.25, 0.5}) == std::vector<double>{2, -1});
    const auto weights = extrapolation_weights({1, 2, 4});
    CHECK(weights[0] == doctest::Approx(8.0 / 3));
    CHECK(weights[1] == doctest::Approx(-2));
    CHECK(weights[2] == doctest::Approx(1.0 / 3));
    CHECK(extrapolation_weights({7}) == std::vector<double>{1});
}

TEST_CASE("extrapolation: exact for a parabola, within its remainder for a cubic") {
    const auto parabola = extrapolated_to_zero(expansion(1, 5, 0, -3, 4, 0), 0.01);
    CHECK(parabola.limit.value == doctest::Approx(2).epsilon(1e-13));
    CHECK(parabola.limit.limits.half_width() < 1e-13);
    CHECK(parabola.remainder == doctest::Approx(4 * 0.1 * 0.2));  // the line's error, c x_1 x_2
    const auto cubic = extrapolated_to_zero(expansion(1, 5, 0, -3, 4, 5), 0.01);
    CHECK(std::abs(cubic.limit.value - 2) == doctest::Approx(5 * 0.1 * 0.2 * 0.4));
    CHECK(std::abs(cubic.limit.value - 2) < cubic.remainder);
    const PairedLadder two{{1, 2}, {{1, 1, 1}, {2, 2, 2}}};
    CHECK_THROWS_AS((void)extrapolated_to_zero(two, 0.01), InternalError);
}

// 400 seeds at alpha = 0.05, N = 300; the negative control: a limit of 2.2 instead of 2.
TEST_CASE("extrapolation: the limit is missed no more often than the level, a wrong one is seen") {
    int missed = 0, wrong = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const auto found = extrapolated_to_zero(expansion(seed, 300, 1, -3, 4, 0), 0.05);
        missed += !found.limit.limits.contains(2);
        wrong += !found.limit.limits.contains(2.4);
    }
    CHECK(missed <= binomial_ceiling(400, 0.05));
    CHECK(missed >= 4);
    CHECK(wrong > 380);
}
