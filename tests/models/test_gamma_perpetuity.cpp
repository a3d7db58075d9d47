#include "models/gamma_perpetuity.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("gamma_perpetuity: laws and truths") {
    law_battery(model_from<GammaPerpetuity>(GammaPerpetuity::example), {0, 1, 10});
    law_battery(GammaPerpetuity{{}, 0.4}, {0, 1, 10});
}

TEST_CASE("gamma_perpetuity: mean and variance are the shape") {
    const Truth t = GammaPerpetuity{{}, 2.5}.truth();
    CHECK(t.mean[0] == doctest::Approx(2.5).epsilon(1e-13));
    CHECK(t.covariance[0] == doctest::Approx(2.5).epsilon(1e-13));
    CHECK_FALSE(refusal<GammaPerpetuity>("a = 0.0").empty());
}
