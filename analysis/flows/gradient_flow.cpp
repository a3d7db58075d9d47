#include "analysis/flows/gradient_flow.hpp"

#include <algorithm>
#include <functional>

namespace foldback::flows {

std::vector<std::vector<double>> gradient_flow(const SgdTruth& sgd, std::span<const double> start,
                                               std::span<const double> times, Tolerance tolerance) {
    const auto descend = [&sgd](const std::vector<double>& theta, std::vector<double>& velocity) {
        const std::vector<double> g = sgd.gradient(theta);
        std::transform(g.begin(), g.end(), velocity.begin(), std::negate<>());
    };
    return solve_at(descend, start, times, tolerance);
}

}  // namespace foldback::flows
