#include "models/composite/rounding.hpp"

#include <cmath>

#include "sim/range.hpp"
#include "sim/settings.hpp"

namespace foldback {

double NumberFormat::spacing_at(double x) const {
    if (digits == 0) return spacing;
    int exponent = 0;
    std::frexp(x, &exponent);  // |x| in [2^(exponent - 1), 2^exponent)
    return std::ldexp(1.0, std::max(x == 0 ? least_exponent : exponent - 1, least_exponent) - digits + 1);
}

namespace {

double saturated(double x, double largest) {
    if (largest > 0 && std::abs(x) > largest) return std::copysign(largest, x);
    return x;
}

}  // namespace

double NumberFormat::nearest(double x) const {
    if (!std::isfinite(x)) return x;
    const double step = spacing_at(x), y = x / step;
    // Beyond 2^52 every double is a multiple of the spacing.
    return saturated(std::abs(y) < 0x1p52 ? std::nearbyint(y) * step : x, largest);
}

double NumberFormat::stochastic(double x, double u) const {
    if (!std::isfinite(x)) return x;
    const double step = spacing_at(x), y = x / step;
    if (!(std::abs(y) < 0x1p52)) return saturated(x, largest);
    const double below = std::floor(y);
    return saturated((below + (u < y - below ? 1 : 0)) * step, largest);
}

NumberFormat read_number_format(Settings& table) {
    static const NumberFormat formats[] = {{"bf16", 8, -126, 0x1.fep127, 0},
                                           {"fp16", 11, -14, 65504, 0},
                                           {"fp8_e4m3", 4, -6, 448, 0},
                                           {"fp8_e5m2", 3, -14, 57344, 0}};
    const std::string name = table.word("format", {"bf16", "fp16", "fp8_e4m3", "fp8_e5m2", "fixed"});
    for (const NumberFormat& format : formats)
        if (format.name == name) return format;
    return {name, 0, 0, 0, table.number("spacing", Range::positive())};
}

}  // namespace foldback
