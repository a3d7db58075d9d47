#include "analysis/sliced_wasserstein.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

TEST_CASE("sphere directions: unit, orthogonal within a frame, named by the seed") {
    for (const std::size_t dim : {std::size_t(1), std::size_t(2), std::size_t(7), std::size_t(40)}) {
        const std::size_t count = 3 * dim + 1;
        const auto d = sphere_directions(dim, count, 5);
        REQUIRE(d.size() == dim * count);
        for (std::size_t a = 0; a < count; ++a)
            for (std::size_t b = a; b < count; ++b) {
                double dot = 0.0;
                for (std::size_t i = 0; i < dim; ++i) dot += d[a * dim + i] * d[b * dim + i];
                if (a == b) CHECK(dot == doctest::Approx(1.0).epsilon(1e-13));
                if (a != b && a / dim == b / dim) CHECK(std::abs(dot) < 1e-13);
            }
        CHECK(d == sphere_directions(dim, count, 5));
        CHECK(d != sphere_directions(dim, count, 6));
        const auto longer = sphere_directions(dim, count + dim, 5);  // more directions keep the first ones
        CHECK(std::equal(d.begin(), d.end(), longer.begin()));
    }
    CHECK_THROWS_AS(sphere_directions(0, 1, 5), InternalError);
}

// R^3: a coordinate of a uniform direction is uniform on (-1, 1). One direction of each of 2000 frames (independent);
// moments 1, 2, 4 within 4 standard errors.
TEST_CASE("sphere directions are uniform") {
    const auto d = sphere_directions(3, 6000, 81);
    std::vector<double> z;
    for (std::size_t i = 0; i < 6000; i += 3) z.push_back(d[3 * i + 2]);
    double mean = 0.0, square = 0.0, fourth = 0.0;
    for (const double v : z) {
        mean += v / 2000.0;
        square += v * v / 2000.0;
        fourth += v * v * v * v / 2000.0;
    }
    CHECK(std::abs(mean) < 4.0 * std::sqrt(1.0 / 3.0 / 2000.0));
    CHECK(std::abs(square - 1.0 / 3.0) < 4.0 * std::sqrt(4.0 / 45.0 / 2000.0));
    CHECK(std::abs(fourth - 1.0 / 5.0) < 4.0 * std::sqrt((1.0 / 9.0 - 1.0 / 25.0) / 2000.0));
}

TEST_CASE("sliced W_2 of a shift is |shift|/sqrt(dim) over whole frames, and the factor makes it W_2") {
    Samples s(82);
    const std::size_t dim = 5, n = 300;
    const auto x = Samples::many(n * dim, [&] { return s.normal(); });
    auto y = x;
    for (std::size_t i = 0; i < n; ++i) y[i * dim] += 3.0, y[i * dim + 3] -= 4.0;
    const auto directions = sphere_directions(dim, 20, 83);
    CHECK(sliced_wasserstein2(x, y, dim, directions) == doctest::Approx(5.0 / std::sqrt(5.0)).epsilon(1e-12));
    CHECK(sliced_lower_factor(dim, 20) == doctest::Approx(std::sqrt(5.0)));
    CHECK(sliced_lower_factor(dim, 20) * sliced_wasserstein2(x, y, dim, directions) ==
          doctest::Approx(5.0).epsilon(1e-12));
    // A cut frame: the bound must still lie below W_2 = 5, whichever way the few directions point.
    for (std::uint64_t seed = 0; seed < 50; ++seed)
        for (const std::size_t count : {std::size_t(1), std::size_t(3), std::size_t(7)})
            CHECK(sliced_lower_factor(dim, count) *
                      sliced_wasserstein2(x, y, dim, sphere_directions(dim, count, seed)) <=
                  5.0 * (1.0 + 1e-12));
}

// Gaussians N(0, I) and N(0, diag(c^2)): SW_2^2 = E (1 - sqrt(sum c_i^2 theta_i^2))^2; for c = 2 in all directions 1.
TEST_CASE("sliced W_2 of Gaussians against the closed form, within its limits") {
    Samples s(84);
    const std::size_t dim = 3, n = 6400;
    const auto x = Samples::many(n * dim, [&] { return s.normal(); });
    const auto y = Samples::many(n * dim, [&] { return 2.0 * s.normal(); });
    const auto directions = sphere_directions(dim, 12, 85);
    const DistanceEstimate e = sliced_estimate(x, y, dim, directions, 1e-3);
    CHECK(e.value == doctest::Approx(1.0).epsilon(0.03));
    CHECK(e.limits.contains(1.0));
    CHECK(e.limits.lower > 0.8);
    CHECK(e.limits.upper < 1.15);
    const auto again = Samples::many(n * dim, [&] { return s.normal(); });
    const DistanceEstimate same = sliced_estimate(x, again, dim, directions, 1e-3);
    CHECK(same.limits.lower == 0.0);
    CHECK(same.value < 1.5 * same.floor);
}

TEST_CASE("sliced W_2 in one dimension is W_2, sizes may differ, shapes are checked") {
    const std::vector<double> x{1.0, 2.0, 4.0}, y{0.0, 5.0};
    CHECK(sliced_wasserstein2(x, y, 1, sphere_directions(1, 4, 1)) == doctest::Approx(wasserstein(x, y, 2.0)));
    CHECK_THROWS_AS(sliced_wasserstein2(x, y, 2, sphere_directions(2, 2, 1)), InternalError);
}
