#pragma once
#include <optional>
#include <string>
#include <vector>

#include "analysis/evidence.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::claims {

// What theory.md, section B, says of constant-step SGD as a Markov chain, from the truths of its loss.

/// Why its stationary law is out of reach; empty if every l_xi is convex and L-smooth, l mu-strongly convex, h < 2/L,
/// and the maps are independent: then there is one, and the two functions below apply.
std::string no_stationary_law(const Setup& setup);

/// A bound for (E|X_n - Z_n|^2)^(1/2): the chain from a start beside the stationary one on the same noise. The smallest
/// of rho^n |x - Z|_2 over what is known: rho^2 = 1 - 2 h mu (1 - h L/2) or the model's rho_2, |x - Z|_2 at most |x -
/// th*| plus the floor of sgd-floor, or D_2/(1 - rho_2).
double distance_to_stationary(const Setup& setup, std::size_t start, double n);

/// S0 of sgd-covariance, row-major (d, d): H S0 + S0 H = C.
std::vector<double> covariance_rate(const SgdTruth& truth);

/// The eigenvector of the largest eigenvalue of a symmetric matrix, row-major (d, d).
std::vector<double> leading_direction(const std::vector<double>& matrix);

}  // namespace foldback::claims
