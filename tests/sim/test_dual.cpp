#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <functional>
#include <limits>

#include "sim/elementary.hpp"

// In the namespace of the models, where sqrt and abs are found as they are in their texts.
namespace foldback {
namespace {

using Scalar = Dual<double, 1>;

/// g'(x) by a central difference extrapolated once: error O(h^4) + O(eps/h).
double difference_quotient(const std::function<double(double)>& g, double x) {
    const double h = 1e-3 * std::max(1.0, std::abs(x));
    const auto central = [&](double step) { return (g(x + step) - g(x - step)) / (2 * step); };
    return (4 * central(h / 2) - central(h)) / 3;
}

/// The text f over doubles and over dual numbers: the same bits, and the derivative of one is the slope of the other.
template <class F>
void check_derivative(F f, double x) {
    CAPTURE(x);
    const Scalar y = f(Scalar::variable(x, 0));
    CHECK(y.value == f(x));
    const double expected = difference_quotient([&](double t) { return double(f(t)); }, x);
    CHECK(y.slope[0] == doctest::Approx(expected).epsilon(1e-7));
}

double on(double low, double high) {
    return low + (high - low) * double(*rc::gen::inRange(0, 1 << 20)) / double(1 << 20);
}

}  // namespace

TEST_CASE("Dual: arithmetic follows the rules of differentiation") {
    CHECK(rc::check([] {
        const double x = on(0.5, 3);
        check_derivative([](auto t) { return t * t * t - 2.0 * t + 5.0; }, x);
        check_derivative([](auto t) { return (1.0 + t) / (t * t + 0.5); }, x);
        check_derivative([](auto t) { return -t / 3.0 - t; }, x);
        check_derivative([](auto t) { return sqrt(t * t + 1.0); }, x);
        check_derivative([](auto t) { return fma(t, t, sqrt(t)); }, x);
        check_derivative([](auto t) { return abs(t - 10.0) * t; }, x);
        check_derivative([](auto t) { return select(t > decltype(t)(10.0), t, t * t); }, x);
        check_derivative([](auto t) { return larger(t, t * t - decltype(t)(20.0)); }, x);
    }));
}

TEST_CASE("Dual: compound assignment is the operation") {
    Scalar x = Scalar::variable(3, 0);
    x *= x;
    x += 1.0;
    x -= Scalar::variable(3, 0);
    x /= 2.0;
    CHECK(x.value == 3.5);
    CHECK(x.slope[0] == 2.5);
}

TEST_CASE("Dual: every elementary function has its chain rule") {
    CHECK(rc::check([] {
        const double x = on(0.2, 2.5);
        check_derivative([](auto t) { return elementary::exp(-t * t); }, x);
        check_derivative([](auto t) { return elementary::expm1(0.5 * t); }, x);
        check_derivative([](auto t) { return elementary::log(t * t); }, x);
        check_derivative([](auto t) { return elementary::log1p(t); }, x);
        check_derivative([](auto t) { return elementary::tanh(t - 1.0); }, x);
        check_derivative([](auto t) { return elementary::pow(t, t); }, x);
        check_derivative([](auto t) { return elementary::pow(t, decltype(t)(-1.5)); }, x);
        check_derivative([](auto t) { return elementary::sin(3.0 * t); }, x);
        check_derivative([](auto t) { return elementary::cos(3.0 * t); }, x);
        check_derivative([](auto t) { return elementary::sincos(t).sin * elementary::sincos(t).cos; }, x);
        check_derivative(
            [](auto t) { return elementary::sincos_turns(0.3 * t).sin + 2.0 * elementary::sincos_turns(0.2 * t).cos; },
            x);
        check_derivative([](auto t) { return elementary::atan(2.0 * t); }, x);
    }));
}

TEST_CASE("Dual: a drawn parameter may stand beside a dual number") {
    const Lanes<2> a(3.0);
    using Number = Dual<Lanes<2>, 2>;
    const Number x = Number::variable(Lanes<2>(2.0), 1);
    const Number y = fma(a, x, a) + a * x - x / a + elementary::pow(x, a) - select(x > Number(1.0), a, x);
    CHECK(y.value[0] == 3 * 2 + 3 + 6 - 2.0 / 3 + 8 - 3);
    CHECK(y.slope[1][1] == doctest::Approx(3 + 3 - 1.0 / 3 + 12));
    CHECK(y.slope[0][1] == 0.0);
}

TEST_CASE("Dual: lanes give the bits of single numbers") {
    using Number = Dual<Lanes<4>, 1>;
    const auto text = [](auto x) { return elementary::sin(x * x) / (elementary::exp(x) + 1.5) - sqrt(x); };
    Lanes<4> x(0.0);
    for (int i = 0; i < 4; ++i) x.set(i, 0.3 + 0.7 * i);
    const Number together = text(Number::variable(x, 0));
    for (int i = 0; i < 4; ++i) {
        const Scalar alone = text(Scalar::variable(x[i], 0));
        CHECK(together.value[i] == alone.value);
        CHECK(together.slope[0][i] == alone.slope[0]);
    }
}

TEST_CASE("Dual: directions are independent, and constants stay constants where derivatives are infinite") {
    using Number = Dual<double, 3>;
    const Number x = Number::variable(2, 0), y = Number::variable(5, 2);
    const Number z = x * y + elementary::pow(x, y);
    CHECK(z.slope[0] == doctest::Approx(5 + 5 * 16));
    CHECK(z.slope[1] == 0.0);
    CHECK(z.slope[2] == doctest::Approx(2 + 32 * std::log(2.0)));
    const Number root = sqrt(x - 2.0);
    CHECK(root.slope[0] == std::numeric_limits<double>::infinity());
    CHECK(root.slope[1] == 0.0);
    CHECK(elementary::pow(Number(0.0), Number(0.5)).slope[0] == 0.0);
    CHECK(abs(Number::variable(-0.0, 0)).slope[0] == 0.0);
}

}  // namespace foldback
