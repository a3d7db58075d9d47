#pragma once
#include <cstddef>
#include <span>

#include "analysis/directions.hpp"
#include "analysis/wasserstein.hpp"

namespace foldback {

/// Sliced W_2 along the given directions (count x dim): (mean over directions of W_2(theta . x, theta . y)^2)^(1/2).
/// x and y: replicas x dim row-major.
double sliced_wasserstein2(std::span<const double> x, std::span<const double> y, std::size_t dim,
                           std::span<const double> directions);

/// Factor c with c * SW_2 <= W_2 for `count` directions made by sphere_directions: sqrt(count/ceil(count/dim)), which
/// is sqrt(dim) for whole frames. Exact for that finite set of directions, not only for their mean over the sphere.
double sliced_lower_factor(std::size_t dim, std::size_t count);

/// Sliced W_2 with limits: value -+ t_(B-1) standard error from B = 32 batches, the lower limit less the two samples'
/// own noise floors (triangle inequality: E SW(F_m, G_n) <= SW(F, G) + floor_x + floor_y). Asymptotic.
DistanceEstimate sliced_estimate(std::span<const double> x, std::span<const double> y, std::size_t dim,
                                 std::span<const double> directions, double alpha);

}  // namespace foldback
