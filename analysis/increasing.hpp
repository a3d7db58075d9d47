#pragma once
#include <span>
#include <vector>

namespace foldback {

/// The sample in increasing order. Without NaN.
std::vector<double> increasing(std::span<const double> x);

}  // namespace foldback
