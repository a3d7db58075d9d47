#include "analysis/claims/moment_tests.hpp"

#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/special.hpp"

namespace foldback::claims {

bool moments_bounded(const Setup& setup, std::size_t start, double p) {
    const Truth& truth = setup.truth;
    if (truth.tail_index) return truth.tail_index->value > p;
    if (p <= 2 && !truth.covariance.empty()) return true;
    if (!contracting_moment(setup, p) && !(truth.lipschitz_sure && truth.lipschitz_sure->value < 1)) return false;
    const auto d = setup.displacement(start, p);
    return !d || std::isfinite(d->value);
}

std::string unbounded_note(const Setup& setup, double p) {
    const std::string order = number(p);
    std::string why = "unknown";
    if (setup.truth.tail_index)
        why = "tail index " + number(setup.truth.tail_index->value);
    else if (const auto rho = setup.rho(p))
        why = "rho_" + order + " = " + number(rho->value);
    return "E|X|^" + order + " is not known to be finite (" + why +
           "), which the interval needs: unresolved, whatever the number of replicas";
}

Interval mean_limits(const SampleMoments& x, double variance, double level) {
    Interval limits = mean_interval(x, level);
    const double radius = special::student_upper(level / 2, 1e9) * std::sqrt(variance / double(x.count));
    limits.lower = std::min(limits.lower, x.mean - radius);
    limits.upper = std::max(limits.upper, x.mean + radius);
    return limits;
}

void judge_variance(Cell& cell, const SampleMoments& x, double value, double level, ClaimResult& result) {
    const double n = double(x.count);
    judge_equal(cell, x.variance(), variance_interval(x, level), value, 0, value, n, result);
}

void judge_covariance(Cell& cell, std::span<const double> x, std::span<const double> y, double value, double scale,
                      double level, ClaimResult& result) {
    const SampleMoments mx = moments(x), my = moments(y);
    const double n = double(x.size());
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - mx.mean) * (y[i] - my.mean);
    judge_equal(cell, sum / (n - 1), covariance_interval(x, y, level), value, 0, scale, n, result);
}

bool above_rounding(double variance, double size) {
    return std::sqrt(std::max(variance, 0.0)) > resolution * 0x1p-52 * std::abs(size);
}

}  // namespace foldback::claims
