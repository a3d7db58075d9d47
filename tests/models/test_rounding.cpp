#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "models/composite/rounding.hpp"
#include "runs/toml_file.hpp"
#include "sim/settings.hpp"

using namespace foldback;

namespace {

NumberFormat format_of(const std::string& keys) {
    Settings table(parse_toml(keys, "test.toml"));
    const NumberFormat format = read_number_format(table);
    table.finish();
    return format;
}

/// A float format by its definition: `fraction` bits after the point, exponents from `least` to `most`, finite numbers
/// up to `largest`.
struct Definition {
    const char* name;
    int fraction, least, most;
    double largest;
};
constexpr Definition definitions[] = {{"bf16", 7, -126, 127, 0x1.fep127},
                                      {"fp16", 10, -14, 15, 65504},
                                      {"fp8_e4m3", 3, -6, 8, 448},  // 480 would be its NaN
                                      {"fp8_e5m2", 2, -14, 15, 57344}};

/// Its numbers >= 0, ascending: number k is the one with the bits k, so that an even k is an even significand.
std::vector<double> all_numbers(const Definition& d) {
    std::vector<double> numbers;
    for (int m = 0; m < 1 << d.fraction; ++m) numbers.push_back(std::ldexp(m, d.least - d.fraction));
    for (int e = d.least; e <= d.most; ++e)
        for (int m = 0; m < 1 << d.fraction; ++m) numbers.push_back(std::ldexp((1 << d.fraction) + m, e - d.fraction));
    while (numbers.back() > d.largest) numbers.pop_back();
    return numbers;
}

/// The nearest of them to x >= 0, of two the even one.
double nearest_of(const std::vector<double>& numbers, double x) {
    const auto above = std::lower_bound(numbers.begin(), numbers.end(), x);
    if (above == numbers.end()) return numbers.back();
    if (above == numbers.begin() || *above == x) return *above;
    const double high = *above, low = *(above - 1);
    if (x - low != high - x) return x - low < high - x ? low : high;
    return (above - numbers.begin()) % 2 == 0 ? high : low;
}

bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

}  // namespace

TEST_CASE("rounding: to the nearest number of each format") {
    for (const Definition& d : definitions) {
        CAPTURE(d.name);
        const NumberFormat format = format_of("format = '" + std::string(d.name) + "'\n");
        const std::vector<double> numbers = all_numbers(d);
        CHECK(numbers.back() == d.largest);
        int wrong = 0;
        const auto check = [&](double x) {
            const double right = nearest_of(numbers, x);
            wrong += !same(format.nearest(x), right) || !same(format.nearest(-x), -right);
        };
        for (std::size_t k = 0; k < numbers.size(); ++k) {
            check(numbers[k]);
            if (k + 1 == numbers.size()) break;
            const double gap = numbers[k + 1] - numbers[k], middle = numbers[k] + gap / 2;
            for (double x : {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e300), numbers[k] + gap / 4,
                             numbers[k] + 0.7 * gap})
                check(x);
            wrong += format.spacing_at(numbers[k]) != gap;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("rounding: beyond the largest number saturates, infinities and NaN stay") {
    const double infinite = std::numeric_limits<double>::infinity();
    for (const Definition& d : definitions) {
        const NumberFormat format = format_of("format = '" + std::string(d.name) + "'\n");
        for (double x : {std::nextafter(d.largest, infinite), 1.001 * d.largest, 1.5 * d.largest, 1.7e308}) {
            CHECK(format.nearest(x) == d.largest);
            CHECK(format.nearest(-x) == -d.largest);
            for (double u : {0.001, 0.999}) {
                CHECK(format.stochastic(x, u) == d.largest);
                CHECK(format.stochastic(-x, u) == -d.largest);
            }
        }
        for (double x : {infinite, -infinite}) {
            CHECK(format.nearest(x) == x);
            CHECK(format.stochastic(x, 0.5) == x);
        }
        CHECK(std::isnan(format.nearest(std::nan(""))));
        CHECK(std::isnan(format.stochastic(std::nan(""), 0.5)));
        CHECK(same(format.nearest(0.0), 0.0));
        CHECK(same(format.nearest(-0.0), -0.0));
        // Far below the least number: 0, or with its share of the probability that number.
        const double least = std::ldexp(1.0, d.least - d.fraction);
        CHECK(same(format.nearest(5e-324), 0.0));
        CHECK(format.stochastic(least / 1024, 0.0009) == least);
        CHECK(format.stochastic(least / 1024, 0.001) == 0);
        CHECK(format.stochastic(-least / 1024, 0.9991) == -least);
        CHECK(format.stochastic(-least / 1024, 0.9989) == 0);
    }
}

TEST_CASE("rounding: stochastic, up with the probability that keeps the mean") {
    for (const Definition& d : definitions) {
        CAPTURE(d.name);
        const NumberFormat format = format_of("format = '" + std::string(d.name) + "'\n");
        const std::vector<double> numbers = all_numbers(d);
        int wrong = 0;
        const std::size_t stride = numbers.size() > 1000 ? 13 : 1;
        for (std::size_t k = 0; k + 1 < numbers.size(); k += stride)
            for (int eighths = 0; eighths < 8; ++eighths)
                for (double side : {1.0, -1.0}) {
                    const double low = side * numbers[k], high = side * numbers[k + 1],
                                 x = low + (high - low) * eighths / 8;
                    // u on a grid of 16 midpoints: exactly 2 x eighths of them go to `high`.
                    int at_high = 0, elsewhere = 0;
                    for (int j = 0; j < 16; ++j) {
                        const double y = format.stochastic(x, (j + 0.5) / 16);
                        at_high += y == high;
                        elsewhere += y != high && y != low;
                    }
                    wrong += at_high != 2 * eighths || elsewhere != 0;
                }
        CHECK(wrong == 0);
    }
}

TEST_CASE("rounding: a fixed-point grid has no ends") {
    for (const double spacing : {0.25, 0.1, 3.0}) {
        const NumberFormat format = format_of("format = 'fixed'\nspacing = " + std::to_string(spacing) + "\n");
        for (int k = -200; k <= 200; ++k) {
            CHECK(format.nearest(k * spacing) == k * spacing);
            CHECK(format.nearest((k + 0.3) * spacing) == k * spacing);
            CHECK(format.nearest((k - 0.3) * spacing) == k * spacing);
            CHECK(format.spacing_at(k * spacing) == spacing);
            for (double u : {0.1, 0.4, 0.6, 0.9})
                CHECK(format.stochastic((k + 0.5) * spacing, u) == (u < 0.5 ? k + 1 : k) * spacing);
        }
        CHECK(format.nearest(1e200) == 1e200);
        CHECK(format.stochastic(-1e200, 0.5) == -1e200);
    }
    // Ties to the even multiple.
    const NumberFormat halves = format_of("format = 'fixed'\nspacing = 0.5\n");
    for (int k = -8; k <= 8; ++k) CHECK(halves.nearest((k + 0.5) / 2) == 0.5 * (k % 2 == 0 ? k : k + 1));
}
