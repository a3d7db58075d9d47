#include "analysis/autocovariance.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/support/samples.hpp"

using namespace foldback;

TEST_CASE("autocovariance of a small path is exact") {
    const std::vector<double> path{1.0, 2.0, 3.0, 2.0};  // mean 2, deviations -1 0 1 0
    const auto c = autocovariance(path, 5);
    REQUIRE(c.size() == 6);
    CHECK(c[0] == 0.5);
    CHECK(c[1] == 0.0);
    CHECK(c[2] == -0.25);
    CHECK(c[3] == 0.0);
    CHECK(c[5] == 0.0);
    CHECK(autocovariance({}, 1) == std::vector<double>{0.0, 0.0});
}

// x -> a x + N(0, 1), n = 2e5: (1 + a)/(1 - a); relative standard error about 3 % at a = 0.8.
TEST_CASE("integrated autocorrelation of an autoregression") {
    for (const double a : {0.0, 0.5, 0.8}) {
        Samples s(111);
        double state = 0.0;
        const auto path = Samples::many(200000, [&] { return state = a * state + s.normal(); });
        CHECK(integrated_autocorrelation(path) == doctest::Approx((1.0 + a) / (1.0 - a)).epsilon(0.1));
        CHECK(autocovariance(path, 1)[1] == doctest::Approx(a / (1.0 - a * a)).epsilon(0.05).scale(0.2));
    }
    CHECK(integrated_autocorrelation(std::vector<double>(10, 1.0)) == 1.0);
    CHECK(integrated_autocorrelation(std::vector<double>{1.0, 2.0}) == 1.0);
}
