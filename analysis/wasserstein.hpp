#pragma once
#include <functional>
#include <span>

#include "analysis/interval.hpp"

namespace foldback {

/// W_p between two samples on the line, p >= 1, sizes equal or not: exact, from the sorted samples
/// (int_0^1 |F^-1 - G^-1|^p du)^(1/p). NaN for an empty sample or a NaN datum. m n must stay below 2^63.
double wasserstein(std::span<const double> x, std::span<const double> y, double p);
/// The same for samples already in increasing order, without copies.
double wasserstein_sorted(std::span<const double> x, std::span<const double> y, double p);

/// W_p between a sample and a point mass: (mean |x - c|^p)^(1/p).
double wasserstein_to_point(std::span<const double> x, double c, double p);
/// Confidence interval of W_p between the sample's law and a point mass: roots of mean_interval of |x - c|^p. Needs
/// finite moments of order 2p, 3p for the skewness correction.
Interval wasserstein_to_point_interval(std::span<const double> x, double c, double p, double alpha);

/// W_p between a sample and a law given by its quantile function on (0, 1): Gauss-Legendre with 10 nodes on each of the
/// n cells ((i-1)/n, i/n), cells at a kink or in an unbounded tail to first order only (error O(1/n) of the cell's own
/// contribution); exact for piecewise linear quantile functions away from kinks.
double wasserstein_to_quantile(std::span<const double> x, const std::function<double(double)>& quantile, double p);
/// W_1 between a sample and a continuous law: int |F_n - F| by adaptive quadrature between the data, split where F
/// crosses the step. `low`, `high`: support of the law, may be infinite (then F must reach 0 or 1 integrably).
double wasserstein1_to_cdf(std::span<const double> x, const std::function<double(double)>& cdf, double low,
                           double high);

/// What an empirical distance between two samples of the *same* law comes to: W_p between the first and the second half
/// of a reference sample. It overstates the floor at the full size (the floor falls with the size). For the floor at
/// the size itself, take wasserstein() of two independent reference samples of that size.
double noise_floor(std::span<const double> reference, double p);

/// Rigorous limits of W_p between the two *laws*, at every sample size and without moments: with probability 1 - alpha
/// both distribution functions stay within their DKW bands (alpha/2 each), so each quantile function stays between
/// shifted empirical ones; the least and the largest int |F^-1 - G^-1|^p allowed by the bands. The upper limit is
/// infinite unless a common support [low, high] is declared (data outside throw InternalError).
Interval wasserstein_band(std::span<const double> x, std::span<const double> y, double p, double alpha,
                          double low = -std::numeric_limits<double>::infinity(),
                          double high = std::numeric_limits<double>::infinity());

/// Lower limit of W_1 (hence of every W_p, p >= 1) by duality: W_1 >= E phi(X) - E phi(Y) for every 1-Lipschitz phi.
/// phi is fitted on the even-numbered half of both samples (phi' = sign(G_n - F_m)) and judged on the odd half, where
/// it is a fixed function; the mean difference (phi = +-identity) is judged on all data. alpha is shared over the
/// three. x and y independent. As valid as difference_interval (asymptotic); never spoiled by the upward bias of
/// empirical distances.
double wasserstein_dual_lower(std::span<const double> x, std::span<const double> y, double alpha);

struct DistanceEstimate {
    double value;  ///< empirical distance of the whole samples, biased upwards by up to the noise floor
    Interval limits;
    double floor;  ///< noise floor; values below it say nothing
};

/// W_p between two laws, from *independent* samples, with limits, alpha/2 each side. Lower: the larger of
/// wasserstein_band (rigorous) and wasserstein_dual_lower (asymptotic, not by more than the mean interval it rests on),
/// alpha/4 each. Upper: value + t_(B-1) standard error from B = 32 batches (asymptotic; the upward bias of `value`,
/// W_p^p being convex in the laws, makes it conservative). Fewer than 4 data per batch: upper limit infinite.
DistanceEstimate wasserstein_estimate(std::span<const double> x, std::span<const double> y, double p, double alpha);

}  // namespace foldback
