#include "models/sine.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("sine: laws and truths") {
    law_battery(model_from<Sine>(Sine::example), {-2, 1, 0.5, 30});
    law_battery(Sine{-1.5, 0.1}, {-2, 1, 0.5});
}

TEST_CASE("sine: the mean displacement without noise is the distance itself") {
    const double x[] = {2.0};
    CHECK(Sine{0.9, 0}.truth().displacement(x, 1)->value == doctest::Approx(2 - 0.9 * std::sin(2.0)).epsilon(1e-15));
    CHECK(refusal<Sine>("a = 0.5\ns = -1.0").find("s") != std::string::npos);
    CHECK_FALSE(refusal<Sine>("a = 0.5\ns = -1.0").empty());
}
