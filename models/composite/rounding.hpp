#pragma once
#include <string>
#include <vector>

namespace foldback {

class Settings;

/// A grid of numbers to round to: a binary float format, or the multiples of a spacing.
struct NumberFormat {
    std::string name;
    int digits = 0;          ///< of the significand, the leading one included; 0: a fixed-point grid
    int least_exponent = 0;  ///< of the smallest normal number 2^least_exponent; below it the spacing stays
    double largest = 0;      ///< finite number; what lies beyond becomes it (saturation)
    double spacing = 0;      ///< of a fixed-point grid, which has no largest number

    /// The distance of neighbours at x.
    double spacing_at(double x) const;
    /// To the nearest number, ties to the even one. Infinities and NaN stay.
    double nearest(double x) const;
    /// To one of the two neighbours, up with the probability that makes E = x: where u, uniform, is below the fraction.
    double stochastic(double x, double u) const;
};

/// `format`: bf16, fp16, fp8_e4m3 or fp8_e5m2 (Micikevicius et al. 2022, OCP 8-bit formats), or "fixed" with `spacing`.
NumberFormat read_number_format(Settings& table);

}  // namespace foldback
