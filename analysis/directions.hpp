#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace foldback {

/// `count` unit vectors of R^dim, count x dim row-major: uniform on the sphere, in orthonormal frames of dim (the last
/// one cut), so that sum over full frames of (theta . v)^2 = |v|^2 exactly. Philox streams (seed, frame,
/// Purpose::directions); normals by the polar method.
std::vector<double> sphere_directions(std::size_t dim, std::size_t count, std::uint64_t seed);

}  // namespace foldback
