#include "models/laws/named_law.hpp"

#include "tests/models/truth_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

std::vector<NamedLaw> laws() {
    return {NamedLaw::normal(0.5, 2),  NamedLaw::normal(300, 1), NamedLaw::lognormal(-0.2, 0.4),
            NamedLaw::uniform(-1, 3),  NamedLaw::exponential(2), NamedLaw::laplace(0.5),
            NamedLaw::gamma(2.5, 0.5), NamedLaw::gamma(0.5, 1),  NamedLaw::student_t(30, 2),
            NamedLaw::weibull(1.5, 2), NamedLaw::beta(2, 3, 4)};
}

std::vector<double> sample(const NamedLaw& law) {
    std::vector<double> values;
    for (std::uint32_t first = 0; first < 1 << 15; first += 8) {
        Noise<Lanes<8>> w(211, first, law.consumption({}));
        w.at(3);
        const Lanes<8> x = law.draw(w);
        for (int l = 0; l < 8; ++l) values.push_back(x[l]);
    }
    return values;
}

template <class F>
Sample mapped(const std::vector<double>& values, F f) {
    std::vector<double> images;
    for (double x : values) images.push_back(f(x));
    return Sample(images);
}

}  // namespace

TEST_CASE("named_law: draws follow the law and its moments") {
    for (const NamedLaw& law : laws()) {
        INFO("kind " << int(law.kind()));
        const auto values = sample(law);
        const double m = law.mean(), logs = law.log_mean();
        check_fact("mean", Sample(values), {m});
        check_fact("variance", mapped(values, [&](double x) { return (x - m) * (x - m); }), {law.variance()});
        for (double p : {0.5, 1.0, 2.0, 2.5})
            check_fact("E|X|^p", mapped(values, [&](double x) { return std::pow(std::abs(x), p); }),
                       {law.absolute_moment(p)});
        check_fact("E log|X|", mapped(values, [](double x) { return std::log(std::abs(x)); }), {logs});
        check_fact("Var log|X|", mapped(values, [&](double x) { return std::pow(std::log(std::abs(x)) - logs, 2); }),
                   {law.log_variance()});
        check_law("draws", values, {"its distribution function", [&](double x) { return law.cdf(x); }, {}, {}});
        CHECK(*std::min_element(values.begin(), values.end()) >= law.lower());
        CHECK(*std::max_element(values.begin(), values.end()) <= law.upper());
    }
}

TEST_CASE("named_law: moments by quadrature of the density") {
    for (const NamedLaw& law : laws()) {
        INFO("kind " << int(law.kind()));
        CHECK(law.expectation([](double) { return 1.0; }) == doctest::Approx(1).epsilon(1e-8));
        for (double p : {0.5, 1.0, 3.0})
            CHECK(law.expectation([p](double x) { return std::pow(std::abs(x), p); }) ==
                  doctest::Approx(law.absolute_moment(p)).epsilon(1e-8));
        CHECK(law.expectation([](double x) { return x == 0 ? 0 : std::log(std::abs(x)); }) ==
              doctest::Approx(law.log_mean()).epsilon(1e-7));
        if (law.lower() >= 0) {
            const double x = 0.7 * law.mean();
            CHECK(law.partial_mean(x) ==
                  doctest::Approx(law.expectation([x](double y) { return y <= x ? y : 0; }, {x})).epsilon(1e-8));
            CHECK(law.cdf(x) ==
                  doctest::Approx(law.expectation([x](double y) { return y <= x ? 1 : 0; }, {x})).epsilon(1e-8));
        }
    }
}

TEST_CASE("named_law: infinite and undefined moments") {
    const NamedLaw t = NamedLaw::student_t(2.5, 1), cauchy = NamedLaw::cauchy(1);
    CHECK(std::isfinite(t.absolute_moment(2.4)));
    CHECK(t.absolute_moment(2.5) == infinity);
    CHECK(t.tail_index() == 2.5);
    CHECK(std::isnan(cauchy.mean()));
    CHECK(cauchy.second_moment() == infinity);
    CHECK(std::abs(cauchy.log_mean()) < 1e-15);
    CHECK(cauchy.log_variance() == doctest::Approx(M_PI * M_PI / 4).epsilon(1e-14));
    CHECK(NamedLaw::constant(0).log_variance() == infinity);
    CHECK(NamedLaw::normal(0.3, 1).bits() == Bits::portable);
    CHECK(t.bits() == Bits::same_libm);
}
