#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "analysis/claims/coordinates.hpp"
#include "analysis/claims/pass_ladder.hpp"

using namespace foldback;
using namespace foldback::claims;

namespace {

constexpr std::size_t batches = 256, dimension = 100;

// Two amplitudes, one start: rounding, then batches of components and |g~ - g|^2. Normal noise about `mean`.
std::vector<double> summary_of_noise(double mean) {
    std::mt19937_64 random(20260506);
    std::normal_distribution<double> normal(mean, 1);
    std::vector<double> summary(1 + batches * (dimension + 1));
    for (double& x : summary) x = normal(random);
    summary[0] = 1e-12;
    return summary;
}

PassLadder ladder_of(const Setup& setup, const std::vector<double>& summary) {
    return {Ladder{{0.1, 0.2}, {&setup, &setup}}, {summary, summary}, 0};
}

Setup setup_of_noise() {
    Setup setup;
    setup.replicas = 1000;
    setup.dimension = int(dimension);
    return setup;
}

SampleMoments sample(double mean, double deviation) {
    std::vector<double> values;
    for (int i = 0; i < 50; ++i) values.push_back(mean + (i % 2 ? deviation : -deviation));
    return moments(values);
}

}  // namespace

TEST_CASE("pass ladder: noise without a bias has none along its own direction") {
    const Setup setup = setup_of_noise();
    const auto noise = summary_of_noise(0), bias = summary_of_noise(0.05);
    const Measured along = ladder_of(setup, noise).bias_along_its_direction();
    REQUIRE(along.ladder.values[0].size() == batches / 2);
    // 128 batches: 0 within 4 standard errors. The same half would give (100/128)^(1/2) = 0.88.
    CHECK(std::abs(along.ladder.mean(1)) < 4 / std::sqrt(128.0));
    CHECK(along.error == std::vector<double>{1e-12, 1e-12});
    CHECK(along.ladder.x == std::vector<double>{0.1 * 0.1, 0.2 * 0.2});
    // A bias of 0.05 in each of 100 coordinates is 0.5 long; what is found of it is no longer.
    const double found = ladder_of(setup, bias).bias_along_its_direction().ladder.mean(1);
    CHECK(found > 0.05);
    CHECK(found < 0.5 + 4 / std::sqrt(128.0));
}

TEST_CASE("pass ladder: coordinates and finiteness") {
    const Setup setup = setup_of_noise();
    auto summary = summary_of_noise(0);
    const auto coordinates = ladder_of(setup, summary).coordinates(1);
    REQUIRE(coordinates.size() == dimension);
    CHECK(coordinates[7].count == batches);
    double mean = 0;
    for (std::size_t b = 0; b < batches; ++b) mean += summary[1 + b * (dimension + 1) + 7] / batches;
    CHECK(coordinates[7].mean == doctest::Approx(mean));
    CHECK(ladder_of(setup, summary).finite());
    summary.back() = std::nan("");
    CHECK_FALSE(ladder_of(setup, summary).finite());
}

TEST_CASE("coordinates: the cell shows the one furthest from 0, its verdict is that over all") {
    ClaimResult result;
    result.plan.tol = 0.1;
    Cell cell;
    const std::vector<double> none(2, 0.0);
    const std::vector<SampleMoments> wide{sample(0.01, 0.1), sample(0, 3)};
    CHECK(judge_all_zero(cell, wide, none, 1, 1e-3, 50, result) == 0);
    CHECK(cell.measured == doctest::Approx(0.01));
    CHECK(cell.verdict == Verdict::inconclusive);  // of the other one, which is known to 1.5 only
    const std::vector<SampleMoments> narrow{sample(0.01, 0.1), sample(0, 0.1)};
    judge_all_zero(cell, narrow, none, 1, 1e-3, 50, result);
    CHECK(cell.verdict == Verdict::consistent);
    const std::vector<SampleMoments> off{sample(0, 0.1), sample(0.2, 0.1)};
    CHECK(judge_all_zero(cell, off, none, 1, 1e-3, 50, result) == 1);
    CHECK(cell.verdict == Verdict::violated);
    // What rounding, or anything else that is told, can have done is no offence.
    judge_all_zero(cell, off, std::vector<double>(2, 0.2), 10, 1e-3, 50, result);
    CHECK(cell.verdict == Verdict::consistent);
    CHECK(root_mean_square(off) == doctest::Approx(std::sqrt(0.01 + 0.01 + 0.04)));
}
