#pragma once
#include <functional>
#include <optional>

#include "sim/truth.hpp"

// What continued fractions 1/(Y_1 + 1/(Y_2 + ...)), Y_i ~ Gamma(l, rate g), lead to.
namespace foldback {

/// A generalized inverse Gaussian law: density x^(-l-1) exp(-g (x + 1/x)) / (2 K_l(2 g)) on (0, inf).
struct InverseGaussian {
    MarginalLaw law;
    double mean, variance;
};
/// The CDF costs ten exponentials a call: in u = log x the density exp(-l u - 2 g cosh u) is integrated once by
/// Gauss-Legendre rules of ten points on cells of an eighth of its width, and then from the nearest cell's start; error
/// below 1e-13.
InverseGaussian generalized_inverse_gaussian(double l, double g);

/// E h(Y_1 Y_2) for independent Y ~ Gamma(l, rate g): t = Y_1 Y_2 has density 2 g^(2l) t^(l-1) K_0(2 g sqrt t) /
/// Gamma(l)^2. By quadrature, to about 1e-9; h smooth.
double gamma_product_expectation(double l, double g, const std::function<double(double)>& h);

/// (E |log f(x) - log x|^p)^(1/p) for f(x) = 1/(Y + x), by quadrature.
double log_displacement(double l, double g, double x, double p);

}  // namespace foldback
