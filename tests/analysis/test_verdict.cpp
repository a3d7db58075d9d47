#include "analysis/verdict.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sim/error.hpp"

using namespace foldback;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("a bound holds, is violated or stays open") {
    CHECK(judge_bound({0.5, 0.9}, 1.0, 0.05, 0.0) == Verdict::holds);
    CHECK(judge_bound({0.5, 1.05}, 1.0, 0.05, 0.0) == Verdict::holds);
    CHECK(judge_bound({0.5, 1.06}, 1.0, 0.05, 0.0) == Verdict::inconclusive);
    CHECK(judge_bound({1.1, 1.2}, 1.0, 0.05, 0.0) == Verdict::violated);
    CHECK(judge_bound({1.1, 1.2}, 1.0, 0.05, 0.1) == Verdict::inconclusive);  // within the slack
    CHECK(judge_bound({1.0, 1.2}, 1.0, 0.05, 0.0) == Verdict::inconclusive);
}

TEST_CASE("a bound surely exceeded is violated even inside the tolerance of holding") {
    CHECK(judge_bound({1.01, 1.02}, 1.0, 0.05, 0.0) == Verdict::violated);
}

TEST_CASE("bounds of zero and negative bounds") {
    CHECK(judge_bound({0.0, 0.0}, 0.0, 0.05, 0.0) == Verdict::holds);
    CHECK(judge_bound({0.0, 1e-300}, 0.0, 0.05, 0.0) == Verdict::inconclusive);
    CHECK(judge_bound({1e-300, 1.0}, 0.0, 0.05, 0.0) == Verdict::violated);
    CHECK(judge_bound({-11.0, -10.0}, -10.0, 0.05, 0.0) == Verdict::holds);
    CHECK(judge_bound({-11.0, -9.6}, -10.0, 0.05, 0.0) == Verdict::holds);
    CHECK(judge_bound({-9.9, -9.0}, -10.0, 0.05, 0.0) == Verdict::violated);
}

TEST_CASE("rounding alone violates nothing") {
    const double bound = 0.3, attained = 0.1 + 0.2;
    REQUIRE(attained > bound);
    CHECK(judge_bound({attained, attained}, bound, 0.0, 0.0) == Verdict::holds);
    CHECK(judge_equality({attained, attained}, bound, 0.0, 0.05, bound) == Verdict::consistent);
    CHECK(judge_bound({bound * (1.0 + 1e-14), 1.0}, bound, 0.0, 0.0) == Verdict::violated);
}

TEST_CASE("NaN is unresolved and an infinite limit decides nothing, bound") {
    for (const Interval i : {Interval{missing, 1.0}, Interval{0.0, missing}, Interval{missing, missing}})
        CHECK(judge_bound(i, 2.0, 0.05, 0.0) == Verdict::unresolved);
    CHECK(judge_bound({0.0, 1.0}, missing, 0.05, 0.0) == Verdict::unresolved);
    CHECK(judge_bound({0.0, 1.0}, infinity, 0.05, 0.0) == Verdict::unresolved);
    CHECK(judge_bound({0.0, 1.0}, 2.0, missing, 0.0) == Verdict::unresolved);
    CHECK(judge_bound({0.0, 1.0}, 2.0, 0.05, missing) == Verdict::unresolved);
    CHECK(judge_bound({-infinity, infinity}, 2.0, 0.05, 0.0) == Verdict::inconclusive);
    CHECK(judge_bound({infinity, infinity}, 2.0, 0.05, 0.0) == Verdict::inconclusive);
    CHECK(judge_bound({-infinity, -infinity}, 2.0, 0.05, 0.0) == Verdict::inconclusive);
    CHECK(judge_bound({-infinity, 1.0}, 2.0, 0.05, 0.0) == Verdict::holds);  // one-sided limits decide on their side
    CHECK(judge_bound({3.0, infinity}, 2.0, 0.05, 0.0) == Verdict::violated);
    CHECK_THROWS_AS(judge_bound({1.0, 0.0}, 2.0, 0.05, 0.0), InternalError);
}

TEST_CASE("an equality is consistent, violated or open") {
    CHECK(judge_equality({0.99, 1.01}, 1.0, 0.0, 0.05, 1.0) == Verdict::consistent);
    CHECK(judge_equality({0.9, 1.1}, 1.0, 0.0, 0.05, 1.0) == Verdict::inconclusive);  // too wide
    CHECK(judge_equality({1.01, 1.02}, 1.0, 0.0, 0.05, 1.0) == Verdict::violated);
    CHECK(judge_equality({0.97, 0.98}, 1.0, 0.0, 0.05, 1.0) == Verdict::violated);
    CHECK(judge_equality({1.01, 1.02}, 1.0, 0.02, 0.05, 1.0) == Verdict::consistent);    // within rem
    CHECK(judge_equality({1.01, 1.02}, 1.0, 0.05, 0.05, 1.0) == Verdict::inconclusive);  // rem eats the tolerance
    CHECK(judge_equality({-0.01, 0.02}, 0.0, 0.0, 0.05, 2.0) == Verdict::consistent);    // scale, not value
    CHECK(judge_equality({-0.01, 0.02}, 0.0, 0.0, 0.05, 0.0) == Verdict::inconclusive);
    CHECK(judge_equality({0.0, 0.0}, 0.0, 0.0, 0.05, 0.0) == Verdict::consistent);
}

TEST_CASE("NaN is unresolved and an infinite limit decides nothing, equality") {
    CHECK(judge_equality({missing, 1.0}, 1.0, 0.0, 0.05, 1.0) == Verdict::unresolved);
    CHECK(judge_equality({0.0, 1.0}, missing, 0.0, 0.05, 1.0) == Verdict::unresolved);
    CHECK(judge_equality({0.0, 1.0}, infinity, 0.0, 0.05, 1.0) == Verdict::unresolved);
    CHECK(judge_equality({0.0, 1.0}, 1.0, missing, 0.05, 1.0) == Verdict::unresolved);
    CHECK(judge_equality({0.0, 1.0}, 1.0, 0.0, 0.05, missing) == Verdict::unresolved);
    CHECK(judge_equality({0.0, 1.0}, 9.0, infinity, 0.05, 1.0) == Verdict::inconclusive);
    CHECK(judge_equality({-infinity, infinity}, 1.0, 0.0, 0.05, infinity) == Verdict::inconclusive);
    CHECK(judge_equality({infinity, infinity}, 1.0, 0.0, 0.05, 1.0) == Verdict::inconclusive);
    CHECK(judge_equality({-infinity, -infinity}, 1.0, 0.0, 0.05, 1.0) == Verdict::inconclusive);
    CHECK(judge_equality({-infinity, 0.5}, 1.0, 0.0, 0.05, 1.0) == Verdict::violated);
    CHECK_THROWS_AS(judge_equality({1.0, 0.0}, 2.0, 0.0, 0.05, 1.0), InternalError);
}

TEST_CASE("path-wise verdicts") {
    CHECK(judge_paths(1000, 0) == Verdict::holds);
    CHECK(judge_paths(1000, 1) == Verdict::violated);
    CHECK(judge_paths(0, 0) == Verdict::unresolved);
}

TEST_CASE("overall verdict") {
    using enum Verdict;
    const auto of = [](std::vector<Verdict> tests) { return overall(tests); };
    CHECK(of({holds, violated, inconclusive, unresolved}) == violated);
    CHECK(of({holds, inconclusive, unresolved}) == inconclusive);
    CHECK(of({unresolved, holds, unresolved}) == holds);
    CHECK(of({consistent, unresolved}) == consistent);
    CHECK(of({consistent, holds}) == holds);
    CHECK(of({unresolved, not_applicable}) == unresolved);
    CHECK(of({not_applicable, not_applicable}) == not_applicable);
    CHECK(of({not_applicable, holds}) == holds);
    CHECK(of({}) == unresolved);
}

TEST_CASE("replicas that would decide a bound") {
    // Estimate 1.03 of a bound 1 with tol 0.05: holds once the upper arm 0.1 has shrunk to 0.02, 25 times the replicas;
    // violated once the lower arm has shrunk to 0.03, (0.1/0.03)^2 = 11.1 times.
    CHECK(replicas_to_decide_bound({0.93, 1.13}, 1.03, 1.0, 0.05, 0.0, 900.0) == doctest::Approx(10000.0));
    CHECK(replicas_to_decide_bound({0.93, 1.13}, 1.03, 1.0, 0.05, 0.05, 900.0) ==
          doctest::Approx(22500.0).epsilon(1e-3));
    CHECK(replicas_to_decide_bound({0.5, 0.6}, 0.55, 1.0, 0.05, 0.0, 900.0) == 900.0);
    CHECK(replicas_to_decide_bound({0.93, 1.17}, 1.05, 1.0, 0.0, 0.1, 900.0) == infinity);  // between tol and slack
    CHECK(std::isnan(replicas_to_decide_bound({-infinity, infinity}, 1.0, 1.0, 0.05, 0.0, 900.0)));
    CHECK(std::isnan(replicas_to_decide_bound({0.0, 1.0}, 0.5, missing, 0.05, 0.0, 900.0)));
}

TEST_CASE("replicas that would decide an equality, confirmed by judging the shrunken interval") {
    CHECK(replicas_to_decide_equality({0.9, 1.1}, 1.0, 1.0, 0.0, 0.05, 1.0, 100.0) == doctest::Approx(400.0));
    CHECK(replicas_to_decide_equality({0.9, 1.3}, 1.1, 1.0, 0.0, 0.05, 1.0, 100.0) == doctest::Approx(400.0));
    CHECK(replicas_to_decide_equality({0.9, 1.1}, 1.0, 1.0, 0.06, 0.05, 1.0, 100.0) == infinity);
    CHECK(std::isnan(replicas_to_decide_equality({0.9, infinity}, 1.0, 1.0, 0.06, 0.05, 1.0, 100.0)));
    for (const double estimate : {0.93, 0.99, 1.02, 1.08})
        for (const double rem : {0.0, 0.01, 0.04}) {
            const auto at = [&](double replicas) {
                const double arm = 0.2 * std::sqrt(100.0 / replicas);
                return judge_equality({estimate - arm, estimate + arm}, 1.0, rem, 0.05, 1.0);
            };
            const double needed =
                replicas_to_decide_equality({estimate - 0.2, estimate + 0.2}, estimate, 1.0, rem, 0.05, 1.0, 100.0);
            CAPTURE(estimate);
            CAPTURE(rem);
            CHECK(at(1.01 * needed) != Verdict::inconclusive);
            CHECK(at(0.99 * needed) == Verdict::inconclusive);
        }
}

TEST_CASE("family level, tightness, words") {
    CHECK(Family{2000, 1e-3}.level() == doctest::Approx(5e-7));
    CHECK(Family{0, 1e-3}.level() == 1e-3);
    CHECK(tightness(0.5, 2.0) == 0.25);
    CHECK(std::isnan(tightness(0.0, 0.0)));
    std::string meanings;
    for (const int number : {0, 1, 2, 3, 4, 5}) {
        std::string one(word(Verdict(number)));
        for (char& c : one) c = c == ' ' ? '_' : c;
        meanings += (number ? " " : "") + one;
    }
    CHECK(meanings == verdict_flag_meanings());
}
