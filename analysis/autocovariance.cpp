#include "analysis/autocovariance.hpp"

#include <algorithm>

#include "sim/moments.hpp"

namespace foldback {
namespace {

double at_lag(std::span<const double> path, double mean, std::size_t lag) {
    double sum = 0.0;
    for (std::size_t i = 0; i + lag < path.size(); ++i) sum += (path[i] - mean) * (path[i + lag] - mean);
    return sum / double(path.size());
}

}  // namespace

std::vector<double> autocovariance(std::span<const double> path, std::size_t last_lag) {
    std::vector<double> r(last_lag + 1, 0.0);
    if (path.empty()) return r;
    const double mean = moments(path).mean;
    for (std::size_t k = 0; k <= last_lag && k < path.size(); ++k) r[k] = at_lag(path, mean, k);
    return r;
}

double integrated_autocorrelation(std::span<const double> path) {
    const SampleMoments m = moments(path);
    if (path.size() < 4 || !(m.m2 > 0.0)) return 1.0;
    // Sums over neighbouring lags (2j, 2j + 1) are positive for a reversible chain: stop at the first that is not.
    double sum = -m.m2;
    for (std::size_t k = 0; k + 1 < path.size(); k += 2) {
        const double pair = at_lag(path, m.mean, k) + at_lag(path, m.mean, k + 1);
        if (!(pair > 0.0)) break;
        sum += 2.0 * pair;
    }
    return std::max(sum / m.m2, 1.0 / double(path.size()));
}

}  // namespace foldback
