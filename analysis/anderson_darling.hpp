#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace foldback {

/// A^2 = -n - (1/n) sum (2i - 1) (log F(x_(i)) + log(1 - F(x_(n+1-i)))), F continuous. `survival`(x) = 1 - F(x), given
/// separately because 1 - F loses the upper tail's digits. Nothing if a value of F or 1 - F is 0, 1, outside [0, 1] or
/// NaN, or if the sample is empty: the statistic would be infinite through rounding alone (exact-law's guard).
std::optional<double> anderson_darling(std::span<const double> x, const std::function<double(double)>& cdf,
                                       const std::function<double(double)>& survival);
/// The same with 1 - F computed from F.
std::optional<double> anderson_darling(std::span<const double> x, const std::function<double(double)>& cdf);

/// P(A^2 > z), the limit law sum_j chi^2_1/(j(j+1)), to about 12 digits *relative* at every z > 0.1, so far into the
/// tail (where it nears sqrt(3) erfc(sqrt z)): Smirnov's alternating integrals between the zeros of the characteristic
/// function's denominator, cos((pi/2) sqrt(1 + 4u))/(pi u).
double anderson_darling_limit_tail(double z);

/// P(A^2 > z) at sample size n: the limit plus the finite-n correction of Marsaglia & Marsaglia (J. Stat. Software
/// 9(2), 2004), which was fitted to absolute errors; beyond p = 1e-3 the relative correction is therefore frozen at its
/// value there. So: good to about 1e-5 absolute for p > 1e-3; further out asymptotic (n of several hundred and more).
double anderson_darling_p_value(double z, std::size_t n);
/// z with anderson_darling_p_value(z, n) = alpha.
double anderson_darling_critical(double alpha, std::size_t n);

struct AndersonDarling {
    double statistic;  ///< A^2, midrank version
    double p_value;
};

/// Two samples of one law? Pettitt's A^2 in the midrank version of Scholz & Stephens (JASA 82, 1987, eq. 7), which
/// allows ties; p-value by matching mean and exact variance to the limit law (asymptotic; ties ignored in the
/// variance). Nothing if a sample has fewer than two data or a NaN, or all data are equal (then p would be 1).
std::optional<AndersonDarling> anderson_darling_two_sample(std::span<const double> x, std::span<const double> y);

}  // namespace foldback
