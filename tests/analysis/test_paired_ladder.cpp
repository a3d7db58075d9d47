#include "analysis/paired_ladder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

/// Two points whose values share nearly all of their noise: 1 + shared and 2 (1 + shared) + 0.01 own.
PairedLadder paired(std::uint64_t seed, std::size_t replicas) {
    Samples samples(seed);
    PairedLadder ladder{{0.1, 0.2}, {{}, {}}};
    for (std::size_t r = 0; r < replicas; ++r) {
        const double shared = samples.exponential() - 1;
        ladder.values[0].push_back(1 + shared);
        ladder.values[1].push_back(2 * (1 + shared) + 0.01 * samples.normal());
    }
    return ladder;
}

}  // namespace

TEST_CASE("paired ladder: what the replicas share cancels out of both combinations") {
    PairedLadder ladder = paired(5, 1000);
    const double contrast[] = {-2, 1};
    const Estimate linear = linear_combination(ladder, contrast, 1e-3);
    CHECK(linear.limits.contains(0));
    CHECK(linear.limits.half_width() < 0.0013);  // 3.3 times 0.01/sqrt(1000), not 3.3 times 2.8/sqrt(1000)
    const double ratio[] = {-1, 1};
    const Estimate log = log_combination(ladder, ratio, 1e-3);
    CHECK(log.limits.contains(std::log(2)));
    CHECK(log.resolved());
    // Negative control: values of other replicas.
    std::rotate(ladder.values[1].begin(), ladder.values[1].begin() + 1, ladder.values[1].end());
    CHECK(linear_combination(ladder, contrast, 1e-3).limits.half_width() > 0.2);
}

TEST_CASE("paired ladder: values without noise have limits without width") {
    const PairedLadder ladder{{1, 2}, {{3, 3, 3}, {-6, -6, -6}}};
    const double weights[] = {-1, 1};
    CHECK(linear_combination(ladder, weights, 0.01).limits.lower == -9);
    CHECK(linear_combination(ladder, weights, 0.01).limits.upper == -9);
    const Estimate log = log_combination(ladder, weights, 0.01);
    CHECK(log.value == doctest::Approx(std::log(2)).epsilon(1e-15));
    CHECK(log.limits.half_width() < 1e-15);
}

TEST_CASE("paired ladder: the logarithm of a mean that may be zero is not told") {
    Samples samples(3);
    PairedLadder ladder{{1, 2, 4}, {}};
    for (double mean : {0.0, 1.0, 2.0})
        ladder.values.push_back(Samples::many(100, [&] { return mean + 0.5 * samples.normal(); }));
    const double first[] = {-1, 1, 0}, others[] = {0, -1, 1};
    CHECK_FALSE(log_combination(ladder, first, 1e-3).resolved());
    CHECK(log_combination(ladder, others, 1e-3).resolved());  // a point without a weight takes no part
    ladder.values[1][7] = std::nan("");
    CHECK_FALSE(log_combination(ladder, others, 1e-3).resolved());
    CHECK(std::isnan(linear_combination(ladder, others, 1e-3).limits.lower));
}

TEST_CASE("paired ladder: points of different sizes are a fault of the program") {
    const PairedLadder ladder{{1, 2}, {{3, 3, 3}, {1, 1}}};
    const double weights[] = {-1, 1}, too_few[] = {1};
    CHECK_THROWS_AS((void)linear_combination(ladder, weights, 0.01), InternalError);
    CHECK_THROWS_AS((void)linear_combination(ladder, too_few, 0.01), InternalError);
}

TEST_CASE("paired ladder: limits of a logarithm hold the logarithms of the mean's limits") {
    Samples samples(8);
    const PairedLadder ladder{{1}, {Samples::many(60, [&] { return 1 + 1.5 * samples.normal(); })}};
    const Interval mean = mean_interval(ladder.values[0], 0.05);
    REQUIRE(mean.lower > 0);
    const double up[] = {1}, down[] = {-1};
    CHECK(log_combination(ladder, up, 0.05).limits.lower <= std::log(mean.lower));
    CHECK(log_combination(ladder, up, 0.05).limits.upper >= std::log(mean.upper));
    CHECK(log_combination(ladder, down, 0.05).limits.upper >= -std::log(mean.lower));
    CHECK(log_combination(ladder, down, 0.05).limits.lower <= -std::log(mean.upper));
}

// The truth log 3 of skewed data whose relative errors are large (limits at a fifth to a half of the means), 500 seeds
// at alpha = 0.05; the plain delta method without its curvature misses too often there.
TEST_CASE("paired ladder: log combinations miss no more often than their level") {
    const double weights[] = {-1, 1};
    int missed = 0, resolved = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Samples samples(seed);
        PairedLadder ladder{{1, 2}, {}};
        ladder.values.push_back(Samples::many(60, [&] { return samples.exponential(); }));
        ladder.values.push_back(Samples::many(60, [&] { return 3 * samples.exponential(); }));
        const Estimate log = log_combination(ladder, weights, 0.05);
        resolved += log.resolved();
        missed += !log.limits.contains(std::log(3));
    }
    CHECK(resolved > 400);
    CHECK(missed <= binomial_ceiling(500, 0.05));
}
