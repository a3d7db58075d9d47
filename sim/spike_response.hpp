#pragma once
#include <cstddef>
#include <vector>

#include "sim/block.hpp"

namespace foldback {

/// What a loss, (start, step, replica), does around shape.spike, for every start and replica: its largest value at the
/// checkpoints from the spike's step to `until` less that at the last checkpoint before, NaN where one of them is; and the
/// steps from the spike to the first of those checkpoints where it is at or below `level` (NaN: the loss before), NaN where
/// it is at none. Both NaN where no checkpoint is before the spike.
void spike_response(const std::vector<double>& loss, const Shape& shape, std::size_t capacity, std::vector<double>& height,
                    std::vector<double>& recovery_time);

}  // namespace foldback
