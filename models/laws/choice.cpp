#include "models/laws/choice.hpp"

namespace foldback {

std::vector<double> cumulated(std::span<const double> weights) {
    std::vector<double> sums;
    double sum = 0;
    for (double w : weights) sums.push_back(sum += w);
    return sums;
}

}  // namespace foldback
