#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/wasserstein.hpp"

namespace foldback {

/// `count` unit vectors of R^dim, count x dim row-major: uniform on the sphere, in orthonormal frames of dim (the last
/// one cut), so that sum over full frames of (theta . v)^2 = |v|^2 exactly. Philox streams (seed, frame,
/// Purpose::directions); normals by the polar method.
std::vector<double> sphere_directions(std::size_t dim, std::size_t count, std::uint64_t seed);

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
