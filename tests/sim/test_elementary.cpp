#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "sim/elementary.hpp"

// Accuracy against references of at least 64 bits, and special values.

namespace {

using namespace foldback;
namespace mp = boost::multiprecision;

// The x87's long double, whose functions glibc computes to 64 bits and reduces exactly; elsewhere 113 bits in software.
using Reference =
    std::conditional_t<(std::numeric_limits<long double>::digits >= 64), long double, mp::cpp_bin_float_quad>;
using Wide = mp::number<mp::cpp_bin_float<200>>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double smallest = std::numeric_limits<double>::denorm_min();
constexpr double largest = std::numeric_limits<double>::max();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t canonical_nan = 0x7ff8000000000000;

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// |computed - exact| in units of the last place of a double as large as `exact`.
template <class Exact>
double ulps(double computed, const Exact& exact) {
    if (std::isinf(computed) && static_cast<double>(exact) == computed) return 0.0;
    int exponent = 0;
    std::frexp(static_cast<double>(exact), &exponent);
    exponent = std::max(exponent, -1021) - 53;
    using std::abs;
    using std::ldexp;
    return static_cast<double>(ldexp(Exact(abs(Exact(Exact(computed) - exact))), -exponent));
}

struct Worst {
    double error = 0.0, at = 0.0;
};
template <class F, class G>
Worst worst_error(const std::vector<double>& arguments, F computed, G exact) {
    Worst worst;
    for (double x : arguments) {
        const double error = ulps(computed(x), exact(Reference(x)));
        if (!(error <= worst.error)) worst = {error, x};
    }
    MESSAGE("largest error " << worst.error << " ulp at " << worst.at);
    return worst;
}

/// Evenly spaced and random arguments of [a, b].
std::vector<double> uniform_arguments(double a, double b, int count) {
    std::mt19937_64 generator(20260330);
    std::vector<double> r;
    for (int i = 0; i <= count; ++i) r.push_back(a + (b - a) * i / count);
    for (int i = 0; i < count; ++i) r.push_back(a + (b - a) * (static_cast<double>(generator() >> 11) * 0x1p-53));
    return r;
}

/// Random mantissas with binary exponents from `low` to `high`, both signs if asked for.
std::vector<double> scaled_arguments(int low, int high, int count, bool both_signs) {
    std::mt19937_64 generator(20260331);
    std::vector<double> r;
    for (int i = 0; i < count; ++i) {
        const double m = 1.0 + static_cast<double>(generator() >> 12) * 0x1p-52;
        const int exponent = low + static_cast<int>(generator() % static_cast<unsigned>(high - low + 1));
        const double x = std::ldexp(m, exponent);
        r.push_back(both_signs && (generator() & 1) != 0 ? -x : x);
    }
    return r;
}

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

constexpr int many = 200'000;

/// sin 2 pi (u + ahead / 4), in eighths of a turn, so that the reference does not lose bits next to a multiple of pi.
Reference sine_of_turns(Reference u, int ahead) {
    using std::cos;
    using std::sin;
    const auto quarter = static_cast<int>(static_cast<double>(u) * 4.0 + 0.5);
    const Reference angle = (u - Reference(quarter) / 4) * (8 * atan(Reference(1)));
    switch ((quarter + ahead) % 4) {
        case 0: return sin(angle);
        case 1: return cos(angle);
        case 2: return -sin(angle);
        default: return -cos(angle);
    }
}

}  // namespace

TEST_CASE("exp is within 0.8 ulp, denormal results included") {
    using std::exp;
    const auto arguments = joined(joined(uniform_arguments(-745.2, 709.78, many), uniform_arguments(-1.0, 1.0, many)),
                                  scaled_arguments(-60, 9, many, true));
    auto worst = worst_error(
        arguments, [](double x) { return elementary::exp(x); }, [](Reference x) { return exp(x); });
    CHECK(worst.error <= 0.8);
}

TEST_CASE("expm1 is within 1.25 ulp") {
    using std::expm1;
    const auto arguments = joined(joined(uniform_arguments(-50.0, 709.78, many), uniform_arguments(-2.0, 2.0, many)),
                                  scaled_arguments(-1074, 5, many, true));
    auto worst = worst_error(
        arguments, [](double x) { return elementary::expm1(x); }, [](Reference x) { return expm1(x); });
    CHECK(worst.error <= 1.25);
}

TEST_CASE("log is within 0.9 ulp, near 1 and for denormals too") {
    using std::log;
    auto near_one = scaled_arguments(-52, -2, many, true);
    for (double& x : near_one) x += 1.0;
    const auto arguments =
        joined(joined(uniform_arguments(0.5, 2.0, many), near_one),
               joined(scaled_arguments(-1074, 1023, many, false), uniform_arguments(0x1p-53, 1.0, many)));
    auto worst = worst_error(
        arguments, [](double x) { return elementary::log(x); }, [](Reference x) { return log(x); });
    CHECK(worst.error <= 0.9);
}

TEST_CASE("log1p is within 0.9 ulp") {
    using std::log1p;
    const auto arguments =
        joined(joined(uniform_arguments(-1.0 + 0x1p-53, 3.0, many), uniform_arguments(-0.4, 0.5, many)),
               joined(scaled_arguments(-1074, 1023, many, false), scaled_arguments(-1074, -1, many, true)));
    auto worst = worst_error(
        arguments, [](double x) { return elementary::log1p(x); }, [](Reference x) { return log1p(x); });
    CHECK(worst.error <= 0.9);
}

TEST_CASE("pow is within 0.75 ulp") {
    // The 64 bits of powl are too few where |y log x| is large: 200 bits decide.
    std::mt19937_64 generator(7);
    auto uniform = [&] { return static_cast<double>(generator() >> 11) * 0x1p-53; };
    double worst = 0.0, worst_x = 0.0, worst_y = 0.0;
    for (int i = 0; i < 12'000; ++i) {
        double x = std::exp2(i % 3 == 0   ? 2000.0 * uniform() - 1000.0
                             : i % 3 == 1 ? 2.0 * uniform() - 1.0
                                          : 20.0 * uniform());
        if (i % 30 == 0) x = smallest * (1.0 + std::floor(1e6 * uniform()));
        if (i % 30 == 1) x = 1.0 + (uniform() - 0.5) * 0x1p-20;
        // Exponents that spread the results over the whole range, denormals included.
        const double y = (1460.0 * uniform() - 745.0) / std::log(x) * (i % 2 == 0 ? 1.0 : uniform());
        if (!std::isfinite(y)) continue;
        const double computed = elementary::pow(x, y);
        const Wide exact = mp::exp(Wide(y) * mp::log(Wide(x)));
        if (exact > Wide(largest)) continue;
        const double error = ulps(computed, exact);
        if (!(error <= worst)) worst = error, worst_x = x, worst_y = y;
    }
    MESSAGE("largest error " << worst << " ulp at " << worst_x << " to the " << worst_y);
    CHECK(worst <= 0.75);
    for (int i = -30; i <= 30; ++i) CHECK(elementary::pow(2.0, i) == std::ldexp(1.0, i));
    for (int i = 0; i <= 20; ++i) CHECK(elementary::pow(3.0, i) == std::round(std::pow(3.0, i)));
}

TEST_CASE("sincos is within 0.9 ulp for every finite argument, sin within 3") {
    using std::cos;
    using std::sin;
    const auto check = [](const std::vector<double>& arguments) {
        auto sine = worst_error(
            arguments, [](double x) { return elementary::sincos(x).sin; }, [](Reference x) { return sin(x); });
        auto cosine = worst_error(
            arguments, [](double x) { return elementary::cos(x); }, [](Reference x) { return cos(x); });
        auto alone = worst_error(
            arguments, [](double x) { return elementary::sin(x); }, [](Reference x) { return sin(x); });
        CHECK(sine.error <= 0.9);
        CHECK(cosine.error <= 0.9);
        CHECK(alone.error <= 3.0);
        for (double x : arguments) {
            const auto [s, c] = elementary::sincos(x);
            if (!(std::abs(s) <= 1.0 && std::abs(c) <= 1.0 && std::abs(elementary::sin(x)) <= 1.0)) FAIL("outside [-1, 1] at " << x);
        }
    };
    check(uniform_arguments(-8.0, 8.0, many));
    check(uniform_arguments(-1e5, 1e5, many));
    check(scaled_arguments(-1074, 31, many, true));
    check(scaled_arguments(29, 1023, many / 4, true));
    std::vector<double> near_multiples;  // the doubles next to multiples of pi/4: cancellation at its worst
    for (int k = 1; k < 20'000; ++k) {
        const double x = k * 0x1.921fb54442d18p-1;
        near_multiples.insert(near_multiples.end(),
                              {x, std::nextafter(x, 0.0), std::nextafter(x, infinity), x * 0x1p13});
    }
    check(near_multiples);
}

TEST_CASE("the double nearest to a multiple of pi/2 is reduced exactly") {
    // 6381956970095103 2^797 (J.-M. Muller, Elementary Functions, 3rd ed., section 11.4).
    const double hardest = std::ldexp(6381956970095103.0, 797);
    using Reduction = mp::number<mp::cpp_bin_float<1200>>;
    const Reduction cosine = mp::cos(Reduction(hardest));
    CHECK(std::abs(static_cast<double>(cosine)) == doctest::Approx(4.6871659242546277e-19).epsilon(1e-15));
    CHECK(ulps(elementary::cos(hardest), cosine) <= 1.0);
    CHECK(ulps(elementary::sin(hardest), Reduction(mp::sin(Reduction(hardest)))) <= 1.0);
    CHECK(bits(elementary::sin(-hardest)) == bits(-elementary::sin(hardest)));
    CHECK(bits(elementary::cos(-hardest)) == bits(elementary::cos(hardest)));
}

TEST_CASE("both reductions of large angles give the same sine") {
    for (double x : scaled_arguments(30, 30, 20'000, true)) {
        if (std::abs(x) == 0x1p30) continue;
        auto slow = elementary::detail::sincos_of(elementary::detail::reduce_large_angle(x));
        auto fast = elementary::detail::sincos_of(elementary::detail::reduce_angle(Lanes<1>(x)));
        REQUIRE(slow.sin[0] == fast.sin[0]);
        REQUIRE(slow.cos[0] == fast.cos[0]);
    }
}

TEST_CASE("sincos_turns is within 1.25 ulp and exact at quarters") {
    const auto arguments = joined(uniform_arguments(0.0, 1.0 - 0x1p-53, many), scaled_arguments(-60, -2, many, false));
    auto sine = worst_error(
        arguments, [](double u) { return elementary::sincos_turns(u).sin; },
        [](Reference u) { return sine_of_turns(u, 0); });
    auto cosine = worst_error(
        arguments, [](double u) { return elementary::sincos_turns(u).cos; },
        [](Reference u) { return sine_of_turns(u, 1); });
    CHECK(sine.error <= 1.25);
    CHECK(cosine.error <= 1.25);
    const double expected[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
    for (int quarter = 0; quarter < 4; ++quarter) {
        auto [s, c] = elementary::sincos_turns(0.25 * quarter);
        CHECK(s == expected[quarter][0]);
        CHECK(c == expected[quarter][1]);
    }
    CHECK(bits(elementary::sincos_turns(not_a_number).sin) == canonical_nan);
}

TEST_CASE("tanh is within 1.6 ulp, atan within 1.75") {
    using std::atan;
    using std::tanh;
    const auto arguments = joined(joined(uniform_arguments(-25.0, 25.0, many), uniform_arguments(-2.5, 2.5, many)),
                                  scaled_arguments(-1074, 1023, many, true));
    auto t = worst_error(
        arguments, [](double x) { return elementary::tanh(x); }, [](Reference x) { return tanh(x); });
    auto a = worst_error(
        arguments, [](double x) { return elementary::atan(x); }, [](Reference x) { return atan(x); });
    CHECK(t.error <= 1.6);
    CHECK(a.error <= 1.75);
}

TEST_CASE("special values of exp, log and their relatives") {
    CHECK(elementary::exp(0.0) == 1.0);
    CHECK(elementary::exp(-0.0) == 1.0);
    CHECK(elementary::exp(infinity) == infinity);
    CHECK(bits(elementary::exp(-infinity)) == bits(0.0));
    CHECK(elementary::exp(709.782712893384) < infinity);
    CHECK(elementary::exp(709.7827128933841) == infinity);
    CHECK(elementary::exp(-745.1332191019411) == smallest);
    CHECK(elementary::exp(-745.1332191019412) == 0.0);
    CHECK(elementary::exp(-1e300) == 0.0);
    CHECK(bits(elementary::expm1(-0.0)) == bits(-0.0));
    CHECK(bits(elementary::expm1(0.0)) == bits(0.0));
    CHECK(elementary::expm1(smallest) == smallest);
    CHECK(elementary::expm1(-infinity) == -1.0);
    CHECK(elementary::expm1(infinity) == infinity);
    CHECK(elementary::log(0.0) == -infinity);
    CHECK(elementary::log(-0.0) == -infinity);
    CHECK(bits(elementary::log(1.0)) == bits(0.0));
    CHECK(elementary::log(infinity) == infinity);
    CHECK(bits(elementary::log1p(-0.0)) == bits(-0.0));
    CHECK(bits(elementary::log1p(0.0)) == bits(0.0));
    CHECK(elementary::log1p(-1.0) == -infinity);
    CHECK(elementary::log1p(infinity) == infinity);
    CHECK(elementary::log1p(largest) == elementary::log(largest));
    for (double x : {-smallest, -1.0, -infinity, not_a_number}) CHECK(bits(elementary::log(x)) == canonical_nan);
    for (double x : {-1.0 - 0x1p-52, -2.0, -infinity, not_a_number}) CHECK(bits(elementary::log1p(x)) == canonical_nan);
    for (double x : {not_a_number, -not_a_number}) {
        CHECK(bits(elementary::exp(x)) == canonical_nan);
        CHECK(bits(elementary::expm1(x)) == canonical_nan);
        CHECK(bits(elementary::tanh(x)) == canonical_nan);
        CHECK(bits(elementary::atan(x)) == canonical_nan);
    }
    CHECK(elementary::tanh(infinity) == 1.0);
    CHECK(elementary::tanh(-infinity) == -1.0);
    CHECK(bits(elementary::tanh(-0.0)) == bits(-0.0));
    CHECK(elementary::atan(infinity) == 0x1.921fb54442d18p+0);
    CHECK(bits(elementary::atan(-0.0)) == bits(-0.0));
}

TEST_CASE("special values of sin, cos and pow") {
    CHECK(bits(elementary::sin(0.0)) == bits(0.0));
    CHECK(bits(elementary::sin(-0.0)) == bits(-0.0));
    CHECK(elementary::sin(-smallest) == -smallest);
    CHECK(elementary::cos(-0.0) == 1.0);
    for (double x : {infinity, -infinity, not_a_number}) {
        CHECK(bits(elementary::sin(x)) == canonical_nan);
        CHECK(bits(elementary::cos(x)) == canonical_nan);
    }
    for (double x : {0.0, -0.0, smallest, 0.5, 1.0, 2.0, infinity, -1.0, not_a_number}) {
        CHECK(elementary::pow(x, 0.0) == 1.0);
        CHECK(elementary::pow(x, -0.0) == 1.0);
        CHECK(elementary::pow(1.0, x) == 1.0);
    }
    for (double y : {smallest, 0.5, 3.0, 1e300, infinity}) {
        CHECK(bits(elementary::pow(0.0, y)) == bits(0.0));
        CHECK(bits(elementary::pow(-0.0, y)) == bits(0.0));
        CHECK(elementary::pow(0.0, -y) == infinity);
        CHECK(elementary::pow(infinity, y) == infinity);
        CHECK(elementary::pow(infinity, -y) == 0.0);
    }
    CHECK(elementary::pow(2.0, infinity) == infinity);
    CHECK(elementary::pow(2.0, -infinity) == 0.0);
    CHECK(elementary::pow(0.5, infinity) == 0.0);
    CHECK(elementary::pow(0.5, -infinity) == infinity);
    CHECK(elementary::pow(10.0, 400.0) == infinity);
    CHECK(elementary::pow(10.0, -400.0) == 0.0);
    CHECK(elementary::pow(1e300, 1e300) == infinity);
    CHECK(elementary::pow(0.7, 1.0) == 0.7);
    for (double x : {2.0, not_a_number, infinity, 0.0}) CHECK(bits(elementary::pow(x, not_a_number)) == canonical_nan);
    for (double y : {1.0, 2.0, -0.5, infinity, not_a_number}) CHECK(bits(elementary::pow(-2.0, y)) == canonical_nan);
    CHECK(bits(elementary::pow(not_a_number, 2.0)) == canonical_nan);
}

TEST_CASE("what normals are made of: log u within 1.5 ulp and negative, sine and cosine of 2 pi u within 2 ulp") {
    const auto arguments = joined(uniform_arguments(0x1p-53, 1.0 - 0x1p-53, many), scaled_arguments(-53, -1, many, false));
    using std::cos;
    using std::log;
    using std::sin;
    const auto logarithm = worst_error(
        arguments, [](double u) { return elementary::log_of_uniform(Lanes<1>(u))[0]; }, [](Reference u) { return log(u); });
    CHECK(logarithm.error <= 1.5);
    for (double u : arguments) REQUIRE(elementary::log_of_uniform(Lanes<1>(u))[0] < 0.0);
    const auto sine = worst_error(
        arguments, [](double u) { return elementary::sincos_of_uniform(Lanes<1>(u)).sin[0]; }, [](Reference u) { return sine_of_turns(u, 0); });
    const auto cosine = worst_error(
        arguments, [](double u) { return elementary::sincos_of_uniform(Lanes<1>(u)).cos[0]; }, [](Reference u) { return sine_of_turns(u, 1); });
    CHECK(sine.error <= 2.0);
    CHECK(cosine.error <= 2.0);
}
