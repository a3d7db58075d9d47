#pragma once
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/common.hpp"

// Means that are 0 in every coordinate of a vector, judged in one cell.
namespace foldback::claims {

/// Judges the mean of every coordinate = 0 up to rem[i], in units of `scale` and each at `level`, by Hall's t. The cell
/// shows the coordinate that is furthest from 0 in units of its half-width; its verdict is that over all of them.
/// Returns that coordinate.
std::size_t judge_all_zero(Cell& cell, std::span<const SampleMoments> coordinates, std::span<const double> rem,
                           double scale, double level, double replicas, ClaimResult& result);

/// (sum_i E x_i^2)^(1/2).
double root_mean_square(std::span<const SampleMoments> coordinates);

}  // namespace foldback::claims
