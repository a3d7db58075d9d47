#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "analysis/interval.hpp"

namespace foldback {

struct LyapunovExponent {
    double value = 0.0;
    Interval limits;
};

/// lim (1/n) log|a_1...a_n| from log|a_i| along one path, with limits from batch means (t with `batches` - 1 degrees
/// of freedom, corrected for skewness): batches long against the correlation time make dependence harmless. A zero
/// factor (-inf) gives -inf with limits of the whole line; fewer than 3 batches or less than one value each: the whole
/// line. For i.i.d. factors mean_interval of all of them is sharper.
LyapunovExponent lyapunov_scalar(std::span<const double> log_factors, double alpha, std::size_t batches = 32);

/// Lyapunov spectrum of ... J_2 J_1 along one path (Benettin et al. 1980): Q R = J_i Q re-orthonormalised at every step
/// by twice-iterated Gram-Schmidt, exponents = means of log R_jj, decreasing up to sampling error. Q starts in general
/// position; the steps it takes to align bias the exponents by O(1/n).
class LyapunovSpectrum {
  public:
    /// State dimension `dim` >= 1; `first` <= dim leading exponents are followed (0: all).
    explicit LyapunovSpectrum(std::size_t dim, std::size_t first = 0);

    /// The next Jacobian, dim x dim row-major. Throws InternalError on another size.
    void append(std::span<const double> jacobian);

    std::size_t steps() const { return steps_; }
    /// One exponent with limits per direction, each at level alpha, as in lyapunov_scalar. A direction whose image
    /// vanished (singular Jacobian) has exponent -inf.
    std::vector<LyapunovExponent> exponents(double alpha, std::size_t batches = 32) const;

  private:
    std::size_t dim_, count_, steps_ = 0;
    std::vector<double> frame_;                  // count x dim, rows orthonormal
    std::vector<std::vector<double>> log_gain_;  // per direction, per step
};

/// The same for n Jacobians in one span of n x dim x dim doubles.
std::vector<LyapunovExponent> lyapunov_spectrum(std::span<const double> jacobians, std::size_t dim, double alpha,
                                                std::size_t batches = 32);

}  // namespace foldback
