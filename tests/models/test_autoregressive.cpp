#include "models/autoregressive.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("autoregressive: laws and truths") {
    law_battery(model_from<Autoregressive>(Autoregressive::example), {-5, 5, 0.1}, {.settle = 300});
    law_battery(Autoregressive{{}, -0.5, 0.2}, {-5, 5, 0.1});
}

TEST_CASE("autoregressive: stationary variance, and none for |a| >= 1") {
    const Truth t = Autoregressive{{}, 0.6, 0.8}.truth();
    CHECK(t.covariance[0] == doctest::Approx(1).epsilon(1e-14));
    const Truth wandering = Autoregressive{{}, 1, 1}.truth();
    CHECK(wandering.mean.empty());
    CHECK(wandering.marginals.empty());
    CHECK_FALSE(wandering.note.empty());
    CHECK(Autoregressive{{}, -1.5, 1}.truth().covariance.empty());
    CHECK_FALSE(refusal<Autoregressive>("a = 0.5\ns = -1.0").empty());
}
