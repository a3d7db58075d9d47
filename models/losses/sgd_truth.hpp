#pragma once
#include <memory>
#include <vector>

#include "models/losses/loss.hpp"
#include "models/losses/mean_loss.hpp"
#include "models/losses/quadratic_moments.hpp"
#include "sim/sgd_truth.hpp"
#include "sim/truth.hpp"

namespace foldback {

/// What models/sgd.hpp is to do: v' = beta v - h grad l_xi(theta), theta' = theta + v'.
struct SgdPlan {
    double step = 0;      ///< h; of a falling step c
    /// exponent > 0: the step falls, h_t = c (t + t0)^(-exponent) at map t = 1, 2, ...
    double t0 = 0, exponent = 0;
    double momentum = 0;  ///< beta
    Sampling sampling = {};

    bool falls() const { return exponent > 0; }
    /// h_t.
    double step_at(double t) const;

    /// 1 / b: what the covariance of a batch's gradient is in terms of a sample's. Without replacement, times
    /// (m - b) / (m - 1).
    double noise_factor(std::size_t samples) const;
};

/// The norm of the Jacobian of one step where the Hessian's eigenvalues are all equal to `curvature`; convex in it, so
/// that the larger of the values at two ends bounds it between them.
///     beta = 0: |1 - h curvature|;  else that of [[a, beta], [a - 1, beta]], a = 1 - h curvature.
double step_norm(const SgdPlan& plan, double curvature);

/// |f(x) - x|^2 where the gradient is g, x = theta or (theta, v).
double squared_move(const SgdPlan& plan, std::span<const double> x, std::span<const double> g);

/// E|f(x) - x|^2 where the gradient has that mean and that trace of its covariance.
double mean_squared_move(const SgdPlan& plan, std::span<const double> x, std::span<const double> mean_gradient,
                         double variance);

/// What is known of a loss over a finite data set, sample by sample.
struct FiniteSumFacts {
    std::shared_ptr<const MeanLoss> mean;
    std::size_t samples = 0;
    /// Bounds of the eigenvalues of hess l_i(theta), whatever theta is. Empty: there are none.
    std::vector<double> lower, upper;
    bool sharp = false;                          ///< those bounds are the infimum and the supremum
    std::optional<Fact> strong_convexity;        ///< mu of the mean loss, if positive
    std::shared_ptr<const LazyMinimum> optimum;  ///< null: unknown
    bool quadratic = false;
};

Truth finite_sum_truth(const SgdPlan& plan, const FiniteSumFacts& facts);

/// What is left of a truth about steps of one size where the step falls: nothing that is one law's, or stationary.
Truth of_falling_steps(Truth truth);

/// For quadratics whose samples are drawn independently: the moments of the chain, and its stationary ones.
void add_affine_law(Truth& truth, const QuadraticMoments& moments, const SgdPlan& plan);

}  // namespace foldback
