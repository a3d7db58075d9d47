#pragma once
#include <string>
#include <vector>

#include "analysis/claims_file.hpp"
#include "analysis/sweep_axes.hpp"

namespace foldback {

/// The verdicts at a sweep's points, for people, from the table of each point: points whose tables are alike share one.
/// Where too many differ to be read, every claim has a line with its verdicts by number of points, and the points at
/// which it is violated.
std::string point_tables(const SweepAxes& sweep, const Evaluation& evaluation, const std::vector<std::string>& tables);

}  // namespace foldback
