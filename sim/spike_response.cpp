#include "sim/spike_response.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace foldback {

void spike_response(const std::vector<double>& loss, const Shape& shape, std::size_t capacity, std::vector<double>& height,
                    std::vector<double>& recovery_time) {
    const Shape::Spike& spike = *shape.spike;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto index = [&](auto at) { return std::size_t(at - shape.steps.begin()); };
    const std::size_t first = index(std::lower_bound(shape.steps.begin(), shape.steps.end(), spike.step));
    const std::size_t end = index(std::upper_bound(shape.steps.begin(), shape.steps.end(), spike.until));
    for (std::size_t s = 0; s < shape.start_count(); ++s)
        for (std::size_t r = 0; r < capacity; ++r) {
            const auto at = [&](std::size_t c) { return loss[(s * shape.steps.size() + c) * capacity + r]; };
            double& rise = height[s * capacity + r];
            double& time = recovery_time[s * capacity + r];
            rise = time = nan;
            if (first == 0) continue;
            const double before = at(first - 1), level = std::isnan(spike.level) ? before : spike.level;
            for (std::size_t c = first; c < end; ++c) {
                const double above = at(c) - before;
                if (c == first || above > rise || std::isnan(above)) rise = above;
            }
            for (std::size_t c = first; c < end && std::isnan(time); ++c)
                if (at(c) <= level) time = shape.steps[c] - spike.step;
        }
}

}  // namespace foldback
