#include "analysis/extrapolation.hpp"

#include <algorithm>
#include <cmath>

#include "sim/error.hpp"

namespace foldback {

std::vector<double> extrapolation_weights(const std::vector<double>& x) {
    std::vector<double> weights(x.size(), 1.0);
    for (std::size_t k = 0; k < x.size(); ++k)
        for (std::size_t j = 0; j < x.size(); ++j)
            if (j != k) weights[k] *= x[j] / (x[j] - x[k]);
    return weights;
}

Extrapolation extrapolated_to_zero(const PairedLadder& ladder, double alpha) {
    if (ladder.size() < 3) throw InternalError("a parabola needs three points");
    const auto smallest = [&](std::size_t points) {
        const std::vector<double> x(ladder.x.begin(), ladder.x.begin() + std::ptrdiff_t(points));
        std::vector<double> weights = extrapolation_weights(x);
        weights.resize(ladder.size());
        return linear_combination(ladder, weights, alpha);
    };
    const Estimate parabola = smallest(3);
    return {parabola, std::abs(parabola.value - smallest(2).value)};
}

}  // namespace foldback
