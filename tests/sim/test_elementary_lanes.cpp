#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/elementary.hpp"

// Equal bits on every lane width. That compilers and instruction sets agree too is the business of
// tests/soak/elementary_bits.sh.

namespace {

using namespace foldback;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double smallest = std::numeric_limits<double>::denorm_min();
constexpr double largest = std::numeric_limits<double>::max();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// Arguments of every kind side by side in one vector: no lane may notice what its neighbours hold.
std::vector<double> mixed_arguments() {
    std::vector<double> r{0.0,      -0.0,      1.0,     -1.0,     infinity,  -infinity, not_a_number, -not_a_number,
                          smallest, -smallest, largest, -largest, 0x1p-1022, 0x1p30,    0x1.8p31,     -0x1p60,
                          709.9,    -745.2,    1e5,     0.25,     0.5,       0.75};
    std::mt19937_64 generator(3);
    while (r.size() % 8 != 0 || r.size() < 20'000) {
        switch (generator() % 4) {
            case 0:
                r.push_back(std::bit_cast<double>(generator()));
                break;
            case 1:
                r.push_back(static_cast<double>(generator() >> 11) * 0x1p-53);
                break;
            default:
                r.push_back(static_cast<double>(static_cast<std::int64_t>(generator())) * 0x1p-56);
                break;
        }
    }
    std::shuffle(r.begin(), r.end(), generator);
    return r;
}

template <int W, class F>
void check_lanes(const std::string& name, F f) {
    const auto x = mixed_arguments(), y = [&] {
        auto r = x;
        std::reverse(r.begin(), r.end());
        return r;
    }();
    for (std::size_t i = 0; i < x.size(); i += W) {
        const auto together = f(load<Lanes<W>>(&x[i]), load<Lanes<W>>(&y[i]));
        for (std::size_t j = 0; j < W; ++j) {
            const double alone = f(x[i + j], y[i + j]);
            if (bits(together[static_cast<int>(j)]) != bits(alone)) {
                FAIL(name << " at " << x[i + j] << ", " << y[i + j] << ", width " << W << ", lane " << j);
            }
        }
    }
}

template <class F>
void check_widths(const char* name, F f) {
    check_lanes<1>(name, f);
    check_lanes<2>(name, f);
    check_lanes<4>(name, f);
    check_lanes<8>(name, f);
    check_lanes<16>(name, f);
}

}  // namespace

TEST_CASE("every lane has the bits of the scalar function") {
    check_widths("exp", [](auto x, auto) { return elementary::exp(x); });
    check_widths("expm1", [](auto x, auto) { return elementary::expm1(x); });
    check_widths("log", [](auto x, auto) { return elementary::log(x); });
    check_widths("log1p", [](auto x, auto) { return elementary::log1p(x); });
    check_widths("pow", [](auto x, auto y) { return elementary::pow(x, y); });
    check_widths("tanh", [](auto x, auto) { return elementary::tanh(x); });
    check_widths("sin", [](auto x, auto) { return elementary::sin(x); });
    check_widths("cos", [](auto x, auto) { return elementary::cos(x); });
    check_widths("sine of turns", [](auto x, auto) { return elementary::sincos_turns(x).sin; });
    check_widths("cosine of turns", [](auto x, auto) { return elementary::sincos_turns(x).cos; });
    check_widths("atan", [](auto x, auto) { return elementary::atan(x); });
}

TEST_CASE("a constant spread over lanes keeps the sign of zero") { CHECK(bits(Lanes<4>(-0.0)[2]) == bits(-0.0)); }

TEST_CASE("larger and smaller take the first where numbers are equal or one is NaN, on every lane width") {
    const std::vector<double> some{0.0, -0.0, 1.0, -1.0, not_a_number, infinity, -infinity, smallest};
    const auto check = [&](auto width, double a, double b) {
        using R = Lanes<width.value>;
        CHECK(bits(larger(R(a), R(b))[width.value - 1]) == bits(a < b ? b : a));
        CHECK(bits(smaller(R(a), R(b))[width.value - 1]) == bits(b < a ? b : a));
    };
    for (double a : some)
        for (double b : some) {
            check(std::integral_constant<int, 1>{}, a, b);
            check(std::integral_constant<int, 2>{}, a, b);
            check(std::integral_constant<int, 4>{}, a, b);
            check(std::integral_constant<int, 8>{}, a, b);
        }
}
