#include "models/sethuraman.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("sethuraman: laws and truths") {
    law_battery(model_from<Sethuraman>(Sethuraman::example), {0, 1, 0.3});
    law_battery(Sethuraman{{}, 10, 0.5}, {0, 1, 0.3}, {.settle = 300});
    law_battery(Sethuraman{{}, 0.5, 0.2}, {0, 1, 0.3});
}

TEST_CASE("sethuraman: slope and shift are complements, each precise where small") {
    const Sethuraman f{{}, 1e6, 0.999999};
    Noise<Lanes<1>> w(3, 0, f.consumption());
    for (std::uint32_t n = 1; n <= 100; ++n) {
        w.at(n);
        const double u = w.uniform()[0];
        w.at(n);
        const auto p = f.draw(w);
        CHECK(p.shift[0] == doctest::Approx(-std::expm1(std::log(u) / 1e6)).epsilon(1e-15));
        CHECK(p.slope[0] == doctest::Approx(std::exp(std::log(u) / 1e6)).epsilon(1e-15));
    }
    CHECK(f.truth().lipschitz_moment(1)->value == doctest::Approx(1e6 / (1e6 + 1)));
    CHECK_FALSE(refusal<Sethuraman>("alpha = 0.0\np = 0.5").empty());
    CHECK_FALSE(refusal<Sethuraman>("alpha = 1.0\np = 0.0").empty());
}
