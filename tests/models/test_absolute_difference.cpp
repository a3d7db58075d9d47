#include "models/absolute_difference.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("absolute_difference: laws and truths") {
    law_battery(model_from<AbsoluteDifference>(AbsoluteDifference::example), {0, 1, 4});
    law_battery(AbsoluteDifference{NamedLaw::uniform(0.5, 2)}, {0, 1, 4}, {.settle = 150});
    law_battery(AbsoluteDifference{NamedLaw::gamma(2, 0.5)}, {0, 1, 4}, {.settle = 60});
    law_battery(AbsoluteDifference{NamedLaw::weibull(1.5, 1)}, {0, 1, 4}, {.settle = 60});
    law_battery(AbsoluteDifference{NamedLaw::lognormal(0, 0.5)}, {0, 1, 4}, {.settle = 100});
}

TEST_CASE("absolute_difference: exponential steps leave the exponential law") {
    const Truth t = AbsoluteDifference{NamedLaw::exponential(2)}.truth();
    for (double x : {0.01, 0.5, 2.0, 20.0})
        CHECK(t.marginals[0].cdf(x) == doctest::Approx(-std::expm1(-x / 2)).epsilon(1e-13));
    CHECK(t.mean[0] == doctest::Approx(2).epsilon(1e-14));
    CHECK(t.covariance[0] == doctest::Approx(4).epsilon(1e-14));
}

TEST_CASE("absolute_difference: theta must not be negative") {
    CHECK(refusal<AbsoluteDifference>("theta = { distribution = \"uniform\" }").find("lower = 0") != std::string::npos);
    CHECK_FALSE(refusal<AbsoluteDifference>("theta = { distribution = \"normal\" }").empty());
}
