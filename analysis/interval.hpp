#pragma once
#include <cstdint>
#include <limits>
#include <span>

#include "sim/moments.hpp"

namespace foldback {

/// Confidence limits. Infinite where the data say nothing, NaN where the data are not numbers.
struct Interval {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();

    double half_width() const { return 0.5 * (upper - lower); }
    bool contains(double x) const { return lower <= x && x <= upper; }
};

/// Which limits are asked for. A one-sided limit spends the whole alpha on its side; the other limit is infinite.
enum class Side { both, lower, upper };

// All intervals: error probability `alpha` in (0, 1) in total, sane down to 1e-12. Data with a NaN or an infinity give
// NaN limits; too few data (fewer than 3 unless said otherwise) the whole line; equal data zero width, which is what
// the sample shows and not a proof: for a rare event use proportion_interval.

/// Mean of i.i.d. data: Student's t corrected for skewness by Hall's monotone transformation (Hall, JRSS B 54, 1992):
/// with g = skewness/sqrt(n), T = sqrt(n) (mean - mu)/s, T + g T^2/3 + g^2 T^3/27 + g/6 is nearly Student(n - 1), and
/// inverts in closed form. Asymptotic: coverage error O(1/n) against O(1/sqrt n) for the plain t. Needs a finite third
/// moment. On the side away from the long tail, where the correction would shorten the interval on the strength of an
/// estimated skewness, the plain t limit is kept: there the interval is conservative.
Interval mean_interval(const SampleMoments& x, double alpha, Side side = Side::both);
Interval mean_interval(std::span<const double> x, double alpha, Side side = Side::both);

/// E x - E y of two independent samples: the same with variance vx/nx + vy/ny, third cumulant k3x/nx^2 - k3y/ny^2 and
/// Welch's degrees of freedom.
Interval difference_interval(const SampleMoments& x, const SampleMoments& y, double alpha, Side side = Side::both);

/// Variance: s^2/sigma^2 taken as chi^2_nu/nu with nu matched to Var(s^2) from the kurtosis (Box 1953),
/// nu = 2 n/(kurtosis - (n-3)/(n-1)). Exact for normal data with known kurtosis, skew-corrected to first order by the
/// shape of chi^2, asymptotic otherwise; needs a finite fourth moment and errs short where the kurtosis is estimated
/// too small (heavy tails).
Interval variance_interval(const SampleMoments& x, double alpha, Side side = Side::both);

/// Cov(x, y), paired data: mean_interval of the products (x_i - mean x)(y_i - mean y) n/(n - 1). Asymptotic; needs
/// finite fourth mixed moments, sixth for the skewness correction. x = y gives the variance.
Interval covariance_interval(std::span<const double> x, std::span<const double> y, double alpha,
                             Side side = Side::both);

/// Mean of i.i.d. data known to lie in [low, high]: empirical Bernstein (Maurer & Pontil, COLT 2009, Theorem 4),
/// |mean - mu| <= sqrt(2 s^2 log(2/d)/n) + 7 (high - low) log(2/d)/(3 (n - 1)) with probability 1 - d on each side.
/// Rigorous at every n >= 2. Throws InternalError when the data leave [low, high].
Interval bounded_mean_interval(const SampleMoments& x, double low, double high, double alpha, Side side = Side::both);

/// Probability of an event seen `hits` times in `count` trials: Clopper & Pearson 1934. Rigorous; count = 0 gives
/// [0, 1]. With Side::upper the lower limit is 0, with Side::lower the upper limit is 1.
Interval proportion_interval(std::uint64_t hits, std::uint64_t count, double alpha, Side side = Side::both);

/// p-quantile, 0 < p < 1, between two order statistics: rigorous for every law, with atoms too; infinite where n is too
/// small for the level.
Interval quantile_interval(std::span<const double> x, double p, double alpha, Side side = Side::both);

/// E x / E y, both means positive, on the log scale by the delta method: exp(log(mean x/mean y) + mean_interval of
/// x_i/mean x - y_i/mean y). Paired data. NaN limits where a sample mean is not positive.
Interval ratio_interval(std::span<const double> x, std::span<const double> y, double alpha, Side side = Side::both);
/// The same for two independent samples.
Interval ratio_interval(const SampleMoments& x, const SampleMoments& y, double alpha, Side side = Side::both);

/// Interval of (E v)^(1/p) from an interval of E v, v >= 0: the limits' roots, negative limits cut at 0.
Interval root(Interval v, double p);

}  // namespace foldback
