#include "models/unit_interval.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("unit_interval: laws and truths") {
    law_battery(model_from<UnitInterval>(UnitInterval::example), {0, 1, 0.3});
    law_battery(UnitInterval{{}, 0.7}, {0, 1, 0.3});
}

TEST_CASE("unit_interval: the arcsine law at p = 1/2, rho_1 = 1/2, rho_2^2 = 1/3") {
    const Truth t = UnitInterval{{}, 0.5}.truth();
    for (double x : {1e-6, 0.1, 0.5, 0.9})
        CHECK(t.marginals[0].cdf(x) == doctest::Approx(2 / M_PI * std::asin(std::sqrt(x))).epsilon(1e-12));
    CHECK(t.lipschitz_moment(1)->value == 0.5);
    CHECK(t.lipschitz_moment(2)->value == 1.0 / 3);
    CHECK(t.mean[0] == doctest::Approx(0.5).epsilon(1e-15));
    CHECK(t.covariance[0] == doctest::Approx(0.125).epsilon(1e-15));
}

TEST_CASE("unit_interval: refuses p and starts outside the interval") {
    CHECK_FALSE(refusal<UnitInterval>("p = 1.0").empty());
    const double outside[] = {1.5};
    CHECK_THROWS_WITH_AS((UnitInterval{{}, 0.5}.check_start(outside)),
                         "a start's component 0 is 1.5; this model's states lie in [0, 1]",
                         ConfigError);
}
