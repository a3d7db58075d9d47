#include "sim/step_grid.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace foldback {

namespace {

void drop_duplicates(std::vector<std::int64_t>& ascending) {
    ascending.erase(std::unique(ascending.begin(), ascending.end()), ascending.end());
}

}  // namespace

// The last digits of log10 and pow, which libraries round differently, cannot matter unless 10^(...) lies within an ulp
// of a half; the grid is written into the file and is part of its hash, so such a case could not pass unseen.
std::vector<std::int64_t> log_grid(std::int64_t last, std::int64_t count) {
    const double exponent = std::log10(static_cast<double>(last));
    const double spacing = exponent / static_cast<double>(count - 1);
    std::vector<std::int64_t> steps;
    for (std::int64_t i = 0; i + 1 < count; ++i) {
        steps.push_back(std::llrint(std::pow(10.0, static_cast<double>(i) * spacing)));
    }
    steps.push_back(last);
    drop_duplicates(steps);
    return steps;
}

std::vector<std::int64_t> linear_grid(std::int64_t last, std::int64_t count) {
    std::vector<std::int64_t> steps;
    for (std::int64_t i = 1; i <= count; ++i) {
        const std::int64_t whole = last * i / count;
        const std::int64_t twice_rest = 2 * (last * i % count);
        const bool up = twice_rest > count || (twice_rest == count && whole % 2 == 1);
        const std::int64_t step = whole + (up ? 1 : 0);
        if (step > 0) steps.push_back(step);
    }
    drop_duplicates(steps);
    return steps;
}

std::vector<std::int64_t> every_step_grid(std::int64_t last) {
    std::vector<std::int64_t> steps(static_cast<std::size_t>(last));
    std::iota(steps.begin(), steps.end(), std::int64_t{1});
    return steps;
}

}  // namespace foldback
