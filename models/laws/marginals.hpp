#pragma once
#include "sim/truth.hpp"

// Stationary laws with exact distribution functions (Boost.Math).
namespace foldback {

MarginalLaw normal_law(double mean, double sd);  ///< sd > 0
MarginalLaw beta_law(double a, double b);
MarginalLaw gamma_law(double shape);  ///< scale 1
MarginalLaw beta_prime_law(double p, double q);
/// The law of U^(1/theta) (1 + X): on [0, 1], where alone it is known, F(x) = e^(-gamma theta) x^theta / Gamma(theta +
/// 1), gamma Euler's constant.
MarginalLaw dickman_law(double theta);

}  // namespace foldback
