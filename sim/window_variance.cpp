#include "sim/window_variance.hpp"

#include <limits>

namespace foldback {

void window_variance(const std::vector<double>& values, std::size_t steps, std::size_t window, std::size_t capacity,
                     std::vector<double>& result) {
    const double count = double(window);
    for (std::size_t item = 0; item * capacity < values.size(); ++item)
        for (std::size_t r = 0; r < capacity; ++r) {
            double& variance = result[item * capacity + r];
            variance = std::numeric_limits<double>::quiet_NaN();
            if (item % steps + 1 < window) continue;
            const double* last = &values[item * capacity + r];
            double mean = 0;
            for (std::size_t k = 0; k < window; ++k) mean += last[-std::ptrdiff_t(k * capacity)];
            mean /= count;
            variance = 0;
            for (std::size_t k = 0; k < window; ++k) {
                const double x = last[-std::ptrdiff_t(k * capacity)] - mean;
                variance += x * x;
            }
            variance /= count;
        }
}

}  // namespace foldback
