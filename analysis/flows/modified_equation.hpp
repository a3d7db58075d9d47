#pragma once
#include <cstdint>
#include <vector>

#include "analysis/flows/stochastic_steppers.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::flows {

/// The symmetric square root of a positive semidefinite (d, d) matrix; what rounding made negative counts as 0.
std::vector<double> square_root(const std::vector<double>& matrix);

/// The modified equation of SGD with step h, as a system for the stochastic steppers:
///   d theta = -grad(l + (h/4)|grad l|^2)(theta) dt + sqrt(h C(theta)) dW.
/// E g(F_n) is within O(h^2) of E g(theta(n h)) for smooth g [LTE17]. The noise over [t, t + dt] is that of the number
/// round(t/dt) of the interval, of this seed and replica; it has nothing to do with the noise of the maps.
class ModifiedEquation {
  public:
    ModifiedEquation(const SgdTruth& sgd, std::size_t dimension, std::uint64_t seed, std::uint32_t replica)
        : sgd_(sgd), dimension_(dimension), seed_(seed), replica_(replica) {}

    std::size_t noises() const { return dimension_; }
    void drift(const std::vector<double>& theta, std::vector<double>& a, double t) const;
    void diffusion(const std::vector<double>& theta, std::vector<double>& b, double t) const;
    void increments(Increments<double>& noise, double t, double dt) const;

  private:
    const SgdTruth& sgd_;
    std::size_t dimension_;
    std::uint64_t seed_;
    std::uint32_t replica_;
};

}  // namespace foldback::flows
