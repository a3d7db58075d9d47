#include "models/beta_prime_perpetuity.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("beta_prime_perpetuity: laws and truths") {
    law_battery(BetaPrimePerpetuity{{}, 1.5, 20}, {0, 1, 10}, {.settle = 20});
    law_battery(
        model_from<BetaPrimePerpetuity>(BetaPrimePerpetuity::example), {0, 1, 10},
        {.settle = 50, .stationary_moments = false, .displacement = {1}, .contraction = {0.25, 0.5}, .affine = false});
}

TEST_CASE("beta_prime_perpetuity: constants") {
    const Truth t = BetaPrimePerpetuity{{}, 1.5, 4}.truth();
    CHECK(t.tail_index->value == 2.5);
    CHECK(t.lipschitz_moment(1)->value == doctest::Approx(0.5).epsilon(1e-14));
    CHECK(t.lipschitz_moment(2.5)->value == doctest::Approx(1).epsilon(1e-13));  // at the tail index
    CHECK(t.lipschitz_moment(4)->value == infinity);
    // By the fixed point of the moments: m = E A (1 + m), v = E A^2 ((1 + m)^2 + v) - m^2.
    const double a = 0.5, aa = 1.5 * 2.5 / (3 * 2), m = a / (1 - a), v = (aa * (1 + m) * (1 + m) - m * m) / (1 - aa);
    CHECK(t.mean[0] == doctest::Approx(m).epsilon(1e-14));
    CHECK(t.covariance[0] == doctest::Approx(v).epsilon(1e-13));
    const Truth divergent = BetaPrimePerpetuity{{}, 2, 1.5}.truth();
    CHECK(divergent.chi->value > 0);
    CHECK(divergent.marginals.empty());
    CHECK_FALSE(divergent.note.empty());
    CHECK_FALSE(refusal<BetaPrimePerpetuity>("p = 0.0\nq = 2.0").empty());
}
