#include "models/dickman.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("dickman: laws and truths") {
    law_battery(model_from<Dickman>(Dickman::example), {0, 1, 10});
    law_battery(Dickman{{}, 3}, {0, 1, 10}, {.settle = 150});
}

TEST_CASE("dickman: mean theta, variance theta / 2, and Dickman's function at 1") {
    const Truth t = Dickman{{}, 1}.truth();
    CHECK(t.mean[0] == doctest::Approx(1).epsilon(1e-14));
    CHECK(t.covariance[0] == doctest::Approx(0.5).epsilon(1e-14));
    CHECK(t.marginals[0].cdf(1) == doctest::Approx(0.561459483566885).epsilon(1e-14));  // exp(-Euler's constant)
    CHECK(t.marginals[0].known_up_to == 1);
    CHECK_FALSE(refusal<Dickman>("theta = -1.0").empty());
}
