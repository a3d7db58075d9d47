#include "analysis/claims/sgd.hpp"

#include <algorithm>
#include <cmath>

namespace foldback::claims {

std::string not_sgd(const Setup& setup) {
    return setup.truth.sgd ? "" : "the model is not plain constant-step SGD on a loss it knows";
}

std::string not_mean_square(const Setup& setup) {
    if (auto why = not_sgd(setup); !why.empty()) return why;
    const SgdTruth& sgd = *setup.truth.sgd;
    if (auto why = not_independent(setup); !why.empty()) return why;
    if (!sgd.smoothness) return "not every l_xi is convex with a known smoothness L";
    if (!sgd.strong_convexity || !(sgd.strong_convexity->value > 0))
        return "l is not known to be strongly convex: needs mu > 0";
    if (!(sgd.step * sgd.smoothness->value < 2))
        return "h L = " + number(sgd.step * sgd.smoothness->value) + ": needs h < 2/L";
    return "";
}

double mean_square_rate(const SgdTruth& sgd) {
    return 1 - 2 * sgd.step * sgd.strong_convexity->value * (1 - sgd.step * sgd.smoothness->value / 2);
}

std::vector<std::string> rests_on_convexity(const SgdTruth& sgd) {
    return {rests_on("mu", *sgd.strong_convexity), rests_on("L", *sgd.smoothness)};
}

double distance_to_optimum(const SgdTruth& sgd, const std::vector<double>& start) {
    double square = 0;
    for (std::size_t i = 0; i < sgd.optimum.size(); ++i)
        square += (start[i] - sgd.optimum[i]) * (start[i] - sgd.optimum[i]);
    return std::sqrt(square) + sgd.optimum_error;
}

bool second_moment_judgeable(const std::vector<double>& d) {
    std::vector<double> logs(d.size());
    std::transform(d.begin(), d.end(), logs.begin(), [](double x) { return std::log(x); });
    const double variance = moments(logs).variance();
    return 4 * variance <= 0.2 * std::log(double(d.size()));  // false for NaN: a distance of 0
}

}  // namespace foldback::claims
