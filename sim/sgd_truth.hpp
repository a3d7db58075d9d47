#pragma once
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/truth.hpp"

namespace foldback {

/// What constant-step SGD, f_xi(theta) = theta - h grad l_xi(theta), knows of its loss l = E l_xi: the constants of
/// theory.md, section B. xi is one mini-batch, so l_xi is the mean of its samples' losses (plus the regulariser). All
/// matrices are row-major, d = dimension of theta. Members are empty or unset where they are unknown.
struct SgdTruth {
    double step = 0;                       ///< h
    std::optional<Fact> strong_convexity;  ///< mu: l is mu-strongly convex
    std::optional<Fact> smoothness;        ///< L: every l_xi is convex and L-smooth; unset where some l_xi is not convex
    std::optional<Fact> curvature;         ///< sup over xi and theta of |hess l_xi(theta)|, convex or not
    std::optional<Fact> gradient_noise;    ///< tau^2 = E|grad l_xi(th*)|^2
    std::vector<double> optimum;           ///< th* = argmin l (d)
    double optimum_error = 0;              ///< bound for the distance of `optimum` from th*
    std::vector<double> hessian;           ///< H = hess l(th*) (d, d)
    std::vector<double> covariance;        ///< C = Cov grad l_xi(th*) (d, d)
    bool quadratic = false;                ///< every l_xi is a quadratic: all statements at order h^k are exact for affine maps

    // Of the mean loss l and of the noise, at any theta.
    std::function<double(std::span<const double>)> loss;
    std::function<std::vector<double>(std::span<const double>)> gradient;        ///< (d)
    std::function<std::vector<double>(std::span<const double>)> hessian_at;      ///< (d, d)
    std::function<std::vector<double>(std::span<const double>)> covariance_at;   ///< Cov grad l_xi(theta) (d, d)
    /// T(theta)[P]_i = sum_jk d_i d_j d_k l(theta) P_jk: theta (d), P (d, d) -> (d).
    std::function<std::vector<double>(std::span<const double>, std::span<const double>)> third;
};

}  // namespace foldback
