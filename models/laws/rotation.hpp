#pragma once
#include <cstdint>
#include <vector>

namespace foldback {

/// Gram and Schmidt, twice, on the rows of a regular matrix (d, d): orthonormal to rounding.
std::vector<double> orthonormal(std::vector<double> rows, std::size_t d);

/// A uniformly distributed orthogonal matrix (d, d), a pure function of the seed; the same bits on every machine.
std::vector<double> random_rotation(std::uint64_t seed, std::size_t d);

}  // namespace foldback
