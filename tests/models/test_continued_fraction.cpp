#include "models/continued_fraction.hpp"

#include <boost/math/special_functions/bessel.hpp>

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("continued_fraction: laws and truths") {
    law_battery(model_from<ContinuedFraction>(ContinuedFraction::example), {0.05, 1, 20}, {.settle = 60});
    law_battery(ContinuedFraction{0.8, 0.5}, {0.05, 1, 20}, {.settle = 40});
    law_battery(ContinuedFraction{6, 3}, {0.05, 1, 20}, {.settle = 30});
}

TEST_CASE("continued_fraction: the density is normalized by a Bessel function") {
    for (double l : {0.1, 1.0, 7.5})
        for (double g : {0.01, 1.0, 30.0}) {
            const InverseGaussian law = generalized_inverse_gaussian(l, g);
            const double K = boost::math::cyl_bessel_k(l, 2 * g);
            for (double x : {0.2, 0.9, 1.7})
                CHECK(law.law.density(x) ==
                      doctest::Approx(std::exp(-g * (x + 1 / x)) * std::pow(x, -l - 1) / (2 * K)).epsilon(1e-11));
            CHECK(law.mean == doctest::Approx(boost::math::cyl_bessel_k(1 - l, 2 * g) / K).epsilon(1e-11));
        }
}

TEST_CASE("continued_fraction: moments of a pair's factor") {
    // E Y_1 Y_2 = (l/g)^2 and, for l = 1, E 1/(1 + Y_1 Y_2) by quadrature with 30 digits (mpmath, g = 1).
    CHECK(gamma_product_expectation(2.5, 0.5, [](double t) { return t; }) == doctest::Approx(25).epsilon(1e-9));
    CHECK(gamma_product_expectation(1, 1, [](double t) { return 1 / (1 + t); }) ==
          doctest::Approx(0.668091326377766).epsilon(1e-9));
    CHECK(gamma_product_expectation(300, 300, [](double) { return 1.0; }) == doctest::Approx(1).epsilon(1e-8));
    CHECK(gamma_product_expectation(0.05, 1, [](double) { return 1.0; }) == doctest::Approx(1).epsilon(1e-8));
}

TEST_CASE("continued_fraction: the gain takes disjoint pairs, in either order") {
    const ContinuedFraction f{1, 1};
    using Parameter = ContinuedFraction::Parameter<Lanes<1>>;
    ContinuedFraction::Gain<Lanes<1>> up, down;
    for (double y : {0.5, 3.0, 2.0, 0.25}) up.append(f, Parameter{y});
    for (double y : {0.25, 2.0, 3.0, 0.5}) down.append(f, Parameter{y});
    CHECK(up.value()[0] == doctest::Approx(1 / (2.5 * 1.5)).epsilon(1e-15));
    CHECK(down.value()[0] == doctest::Approx(up.value()[0]).epsilon(1e-15));
    up.append(f, Parameter{100.0});
    CHECK(up.value()[0] == doctest::Approx(1 / (2.5 * 1.5)).epsilon(1e-15));
}

TEST_CASE("continued_fraction: the closed composition stays in range for ten thousand maps") {
    const ContinuedFraction f{5, 0.01};
    auto m = f.identity<Lanes<2>>();
    Noise<Lanes<2>> w(1, 0, f.consumption());
    for (std::uint32_t n = 1; n <= 10'000; ++n) {
        w.at(n);
        f.compose(m, f.draw(w));
    }
    Lanes<2> x(1.0), largest = larger(larger(m.a, m.b), larger(m.c, m.d));
    f.evaluate(m, x);
    CHECK((largest[0] >= 1 && largest[0] < 2));
    CHECK(all(finite(x)));
}

TEST_CASE("continued_fraction: the logarithmic distance") {
    const ContinuedFraction f{1, 1};
    const auto distance = [&](double x, double y) { return f.distance(Lanes<1>(x), Lanes<1>(y))[0]; };
    CHECK(distance(1, std::exp(2.0)) == doctest::Approx(2).epsilon(1e-15));
    CHECK(distance(1e-200, 1e100) == doctest::Approx(300 * std::log(10.0)).epsilon(1e-15));
    CHECK(distance(1, 1 + 0x1p-52) == doctest::Approx(0x1p-52).epsilon(1e-15));
    CHECK(distance(3, 3) == 0);
    CHECK_FALSE(refusal<ContinuedFraction>("l = 0.0\ng = 1.0").empty());
    const double zero[] = {0.0};
    CHECK_THROWS_AS(f.check_start(zero), ConfigError);
}
