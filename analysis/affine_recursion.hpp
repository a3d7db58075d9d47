#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/truth.hpp"

namespace foldback {

/// Exact mean and covariance of X_n for affine maps, n = 0, 1, ..., from a fixed start; the same for both orders. The
/// covariance itself is carried, not the second moment, whose difference with the squared mean would cancel:
/// m' = E[A] m + E[b];  C' = E[A C A^T] + Cov(A m + b). Source: theory.md, `affine-moments`.
class AffineRecursion {
  public:
    AffineRecursion(const AffineLaw& law, std::span<const double> start);

    /// On to step n >= the present one.
    void to(std::uint32_t n);
    /// Until nothing changes any more, or `limit` steps: the stationary moments, where they exist.
    bool to_limit(std::uint32_t limit = 1'000'000);

    const std::vector<double>& mean() const { return mean_; }
    const std::vector<double>& covariance() const { return covariance_; }  ///< (d, d)
    double variance(std::size_t i) const { return covariance_[i * mean_.size() + i]; }
    /// E|f(X_n) - X_n|^2 for a map f independent of X_n (Euclidean): E|(A - I) Y|^2 + E|(A - I) m + b|^2, Y = X_n - m.
    double mean_square_increment() const;

  private:
    void advance();
    std::vector<double> noise() const;  // E[(A m + b)(A m + b)^T]

    AffineLaw law_;
    std::vector<double> mean_, covariance_;
    std::uint32_t step_ = 0;
    bool settled_ = false;
};

/// Scalar affine maps, from a start x: exact variances of the sums over the first n states.
struct AffinePathSums {
    double forward;   ///< Var sum_{k<=n} F_k
    double backward;  ///< Var sum_{k<=n} B_k
};
/// At each of the ascending `steps` (>= 1; a step 0 gives 0). Forward: Cov(S_n, F_n) obeys c' = E[a] c + Var F_{n+1}.
/// Backward: sum_{k<=n} B_k = a_1 (x + T) + n b_1, T an independent copy of the sum up to n - 1. Source: theory.md,
/// `averaging`.
std::vector<AffinePathSums> affine_path_sums(const AffineLaw& law, double start, std::span<const std::uint32_t> steps);

}  // namespace foldback
