#pragma once
#include <cstdint>
#include <limits>
#include <span>

namespace foldback {

/// What the interval estimators need to know of a sample; can be streamed and merged.
/// m2, m3, m4 are central moments as averages: m_k = (1/count) sum (x_i - mean)^k, with divisor count, not count - 1.
/// A NaN or an infinity in the data makes mean and m2..m4 NaN (or infinite), which every interval turns into NaN
/// limits.
struct SampleMoments {
    std::uint64_t count = 0;
    double mean = 0.0;
    double m2 = 0.0, m3 = 0.0, m4 = 0.0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();

    /// True if all values are the same number.
    bool constant() const { return count > 0 && min == max; }
    /// Unbiased variance, divisor count - 1; 0 for fewer than two values.
    double variance() const { return count > 1 ? m2 * (double(count) / (double(count) - 1.0)) : 0.0; }
    /// m3 / m2^(3/2); 0 where m2 = 0.
    double skewness() const;
    /// m4 / m2^2 (3 for a normal law); 0 where m2 = 0.
    double kurtosis() const;
};

/// Moments of a sample: corrected two-pass algorithm on x_i - x_1, summed in a fixed tree of eight lanes. Exact for equal
/// values.
SampleMoments moments(std::span<const double> x);

/// The average of (a_i - mean_a)(b_i - mean_b), summed in the same tree; a and b are of one length, not 0.
double covariance(std::span<const double> a, double mean_a, std::span<const double> b, double mean_b);

/// Whether none of x is NaN or infinite.
bool all_finite(std::span<const double> x);

/// Moments of the union of two samples (Chan, Golub & LeVeque 1979; orders 3 and 4: Pebay, SAND2008-6212).
/// Not associative in the last bits: merge in block order.
SampleMoments merge(const SampleMoments& a, const SampleMoments& b);

/// Moments of scale * x + shift.
SampleMoments transformed(const SampleMoments& x, double scale, double shift);

}  // namespace foldback
