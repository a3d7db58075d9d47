#pragma once
#include <cstddef>
#include <vector>

namespace foldback {

/// Variance (divisor K) of a series over its last K checkpoints, for every replica: values and result are (start, step,
/// replica), `capacity` replicas each; NaN before the K-th checkpoint.
void window_variance(const std::vector<double>& values, std::size_t steps, std::size_t window, std::size_t capacity,
                     std::vector<double>& result);

}  // namespace foldback
