#include "models/kesten.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {
Kesten normal(double mean, double scale) { return {{}, NamedLaw::normal(mean, scale), NamedLaw::normal(0, 1)}; }
}  // namespace

TEST_CASE("kesten: laws and truths") {
    law_battery(normal(0.3, 0.3), {-2, 0, 3});
    law_battery(Kesten{{}, NamedLaw::lognormal(-1, 0.3), NamedLaw::constant(0.5)}, {-2, 0, 3});
    law_battery(model_from<Kesten>(Kesten::example), {-2, 0, 3},
                {.stationary_moments = false, .contraction = {0.5, 1}});
}

TEST_CASE("kesten: the phases of a = 1 - eta lam (1 + delta N) at eta lam = 1/2") {
    const auto truth = [](double delta) { return normal(0.5, 0.5 * delta).truth(); };
    // theory.md, spike-phase: E a^2 = 1 at delta = sqrt 3, E log|a| = 0 at 3.636, alpha = 0.758 at 2.5
    CHECK(truth(std::sqrt(3.0)).lipschitz_moment(2)->value == doctest::Approx(1).epsilon(1e-14));
    CHECK(truth(3.635).chi->value < 0);
    CHECK(truth(3.637).chi->value > 0);
    CHECK(truth(2.5).tail_index->value == doctest::Approx(0.758).epsilon(1e-3));
    CHECK(truth(1.7).tail_index->value > 2);
    CHECK_FALSE(truth(1.7).covariance.empty());
    CHECK(truth(1.75).covariance.empty());
    CHECK_FALSE(truth(4).tail_index);
    CHECK_FALSE(truth(4).note.empty());
}

TEST_CASE("kesten: log-normal factors have alpha = -2 mu / sigma^2") {
    const Truth t = Kesten{{}, NamedLaw::lognormal(-0.5, 0.8), NamedLaw::constant(1)}.truth();
    CHECK(t.tail_index->value == doctest::Approx(1 / 0.64).epsilon(1e-12));
    CHECK(t.mean.empty());
    const Kesten point{{}, NamedLaw::lognormal(-0.5, 0.8), NamedLaw::constant(0)};
    CHECK_FALSE(point.truth().tail_index);
}

TEST_CASE("kesten: refuses other laws and wrong numbers") {
    CHECK_FALSE(
        refusal<Kesten>("a = { distribution = \"cauchy\" }\nb = { distribution = \"constant\", value = 1 }").empty());
    CHECK_FALSE(
        refusal<Kesten>("a = { distribution = \"normal\", scale = 0 }\nb = { distribution = \"constant\", value = 1 }")
            .empty());
}
