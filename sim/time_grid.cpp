#include "sim/time_grid.hpp"

#include <algorithm>
#include <cmath>

#include "sim/settings.hpp"
#include "sim/step_grid.hpp"

namespace foldback {

std::int64_t steps_of_time(double time, double step_size) {
    const double ratio = time / step_size, whole = std::round(ratio);
    if (!(whole >= 1 && whole <= double(largest_step)) || std::abs(ratio - whole) > 1e-9 * whole) return 0;
    return std::int64_t(whole);
}

std::vector<std::int64_t> time_grid(const Value& times, std::span<const double> step_sizes, const std::string& path) {
    const std::vector<double> listed = to_vector(times, path, Range::positive(), 0);
    std::vector<std::int64_t> steps;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const std::string here = path + "." + std::to_string(i), is = "is " + describe(Value(listed[i]));
        const Value& value = times.is_array() ? times.array()[i] : times;
        if (i > 0 && !(listed[i] > listed[i - 1]))
            throw wrong_value(value, here, is + " after " + describe(Value(listed[i - 1])),
                              "the times must ascend strictly");
        for (double h : step_sizes) {
            steps.push_back(steps_of_time(listed[i], h));
            if (steps.back() == 0)
                throw wrong_value(
                    value, here,
                    is + ", which is " + describe(Value(listed[i] / h)) + " steps of " + describe(Value(h)),
                    "a time must be a whole number of steps, 1 to " + std::to_string(largest_step) +
                        " of them, for every model.step of the run");
        }
    }
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    return steps;
}

}  // namespace foldback
