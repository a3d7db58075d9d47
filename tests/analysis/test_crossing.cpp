#include "analysis/crossing.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace foldback;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::vector<Interval> about(const std::vector<double>& series, double half_width) {
    std::vector<Interval> limits;
    for (double y : series) limits.push_back({y - half_width, y + half_width});
    return limits;
}

}  // namespace

TEST_CASE("crossing: linear between points, limits where those of the series pass 0") {
    const std::vector<double> series{-2, -1, 1, 2};
    const auto found = measured_crossing(series, about(series, 0.5));
    REQUIRE(found);
    CHECK(found->at == 1.5);
    CHECK(found->limits.lower == 1.25);
    CHECK(found->limits.upper == 1.75);
    const auto exact = measured_crossing(series, about(series, 0));
    CHECK(exact->limits.lower == 1.5);
    CHECK(exact->limits.upper == 1.5);
}

TEST_CASE("crossing: limits are infinite where the ladder ends before the series leaves 0") {
    const std::vector<double> series{-0.5, 0.5, 1.5};
    CHECK(std::isinf(measured_crossing(series, about(series, 0.6))->limits.lower));
    CHECK(measured_crossing(series, about(series, 0.6))->limits.upper == doctest::Approx(1.1));
    const std::vector<double> below{-3, -2, -1};
    CHECK(measured_crossing(below, about(below, 0.5))->limits.lower == 2);  // beyond the last point, if at all
    CHECK(std::isinf(measured_crossing(below, about(below, 0.5))->limits.upper));
    const std::vector<double> above{1, 2, 3};
    CHECK(measured_crossing(above, about(above, 0.5))->limits.upper == 0);
    CHECK(std::isinf(measured_crossing(above, about(above, 0.5))->limits.lower));
}

TEST_CASE("crossing: points from the first NaN on are left out") {
    const std::vector<double> series{-1, 1, not_a_number, -1};
    CHECK(measured_crossing(series, about(series, 0.25))->at == 0.5);
    CHECK_FALSE(measured_crossing({series.data() + 1, 3}, {about(series, 1).data() + 1, 3}));
}

TEST_CASE("crossing: its limits hold the true position as often as they say") {
    // 4000 series of 9 points, y_k = k - 4.3 + error, the errors normal of s.d. 0.7 and shared by half: 5 % limits at
    // each point may miss by 10 % in all. Standard error of that share: 0.5 %. Control: limits half as wide miss more.
    std::mt19937_64 random(20260330);
    std::normal_distribution<double> normal;
    const auto missed = [&](double half_width) {
        int misses = 0;
        for (int i = 0; i < 4000; ++i) {
            std::vector<double> series;
            const double shared = normal(random);
            for (int k = 0; k < 9; ++k) series.push_back(k - 4.3 + 0.7 * (shared + normal(random)) / std::sqrt(2.0));
            misses += !measured_crossing(series, about(series, half_width))->limits.contains(4.3);
        }
        return misses / 4000.0;
    };
    CHECK(missed(0.7 * 1.96) <= 0.1);
    CHECK(missed(0.7 * 0.98) > 0.1);
}

TEST_CASE("crossing: of an exact series, to the fourth order of the distance between points") {
    std::vector<double> series;
    for (int k = 0; k < 10; ++k) series.push_back(std::expm1(0.1 * (k - 4.3)));
    CHECK(*exact_crossing(series) == doctest::Approx(4.3).epsilon(1e-5));
    CHECK(*exact_crossing(std::vector<double>{-1, 3}) == doctest::Approx(0.25).epsilon(1e-14));
    CHECK_FALSE(exact_crossing(std::vector<double>{1, 2}));
    CHECK_FALSE(exact_crossing(std::vector<double>{-2, -1}));
    CHECK(*exact_crossing(std::vector<double>{-1, 1, std::numeric_limits<double>::infinity()}) == 0.5);
}
