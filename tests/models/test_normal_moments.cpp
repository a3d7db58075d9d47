#include "models/laws/normal_moments.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace foldback;

TEST_CASE("normal_norm: closed forms of the absolute moments of a normal variable") {
    const double m = 0.7, s = 1.3;
    CHECK(normal_norm(m, s, 2)->value == doctest::Approx(std::hypot(m, s)).epsilon(1e-14));
    CHECK(normal_norm(m, s, 4)->value ==
          doctest::Approx(std::pow(std::pow(m, 4) + 6 * m * m * s * s + 3 * std::pow(s, 4), 0.25)).epsilon(1e-12));
    CHECK(normal_norm(0, s, 3)->value == doctest::Approx(s * std::cbrt(2 * std::sqrt(2 / M_PI))).epsilon(1e-12));
    CHECK(normal_norm(m, s, 1)->value ==
          doctest::Approx(std::pow(normal_absolute_moment(m, s, 1 + 1e-9), 1 / (1 + 1e-9))).epsilon(1e-7));
    CHECK(normal_norm(-m, 0, 5)->value == m);
    CHECK(normal_norm(-m, 0, infinity)->value == m);
    CHECK_FALSE(normal_norm(m, s, infinity));
}
