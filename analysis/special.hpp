#pragma once

namespace foldback::special {

// Quantiles and tails that the estimators need, behind plain functions so that Boost.Math is compiled in one unit.
// Tails are given as such (never as 1 - tail), so a level of 1e-12 keeps its digits. A tail of 0 gives an infinite or
// extreme quantile, never an exception.

/// t with P(T > t) = tail, T Student with `dof` > 0 degrees of freedom (not necessarily whole).
double student_upper(double tail, double dof);

/// x with P(G < x) = tail, G ~ Gamma(shape, 1).
double gamma_lower(double tail, double shape);
/// x with P(G > x) = tail.
double gamma_upper(double tail, double shape);

/// x with P(B < x) = tail, B ~ Beta(a, b).
double beta_lower(double tail, double a, double b);
/// x with P(B > x) = tail.
double beta_upper(double tail, double a, double b);

/// P(X >= k), X ~ Binomial(n, p), n < 2^53.
double binomial_at_least(double k, double n, double p);
/// P(X <= k).
double binomial_at_most(double k, double n, double p);

/// E log|X|, X normal of that mean and standard deviation sd > 0: (log 2 sd^2 + sum_j Poisson(j; m^2/(2 sd^2)) psi(j + 1/2)) / 2.
double mean_log_normal(double mean, double sd);

}  // namespace foldback::special
