#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/value.hpp"

namespace foldback {

/// t/h, where that is a whole number from 1 to largest_step, up to a relative 1e-9; else 0.
std::int64_t steps_of_time(double time, double step_size);

/// The steps t/h for every time of the list `times` and every step size h: ascending, each once. So every point of a
/// sweep over h has a checkpoint at each of the times. `path` is what messages call the list. Throws ConfigError where
/// the times do not ascend, or one is no whole number of steps.
std::vector<std::int64_t> time_grid(const Value& times, std::span<const double> step_sizes, const std::string& path);

}  // namespace foldback
