#pragma once
#include <cstdint>
#include <vector>

namespace foldback {

/// The last step a run may ask for: step numbers, and the one map past the last that increments need, fit 31 bits.
inline constexpr std::int64_t largest_step = 2147483646;
/// The most checkpoints a grid may have.
inline constexpr std::int64_t most_checkpoints = 1'000'000;

/// round(10^linspace(0, log10 last, count)), duplicates dropped; count >= 2. As numpy: halves to even.
std::vector<std::int64_t> log_grid(std::int64_t last, std::int64_t count);

/// round(last i / count), i = 1..count, zeros and duplicates dropped; halves to even.
std::vector<std::int64_t> linear_grid(std::int64_t last, std::int64_t count);

/// 1, 2, ..., last.
std::vector<std::int64_t> every_step_grid(std::int64_t last);

}  // namespace foldback
