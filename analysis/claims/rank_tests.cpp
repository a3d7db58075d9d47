#include "analysis/claims/rank_tests.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/anderson_darling.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/kolmogorov.hpp"

namespace foldback::claims {

void round_together(std::vector<double>& x, std::vector<double>& y) {
    double largest = 0;
    for (const auto* sample : {&x, &y})
        for (double value : *sample) largest = std::max(largest, std::abs(value));
    if (!(largest > 0) || !std::isfinite(largest)) return;
    const double grid = std::ldexp(1.0, std::ilogb(largest) - 30);
    if (grid == 0) return;
    round_to_grid(x, grid);
    round_to_grid(y, grid);
}

void judge_ks(Cell& cell, const std::vector<double>& x, const std::vector<double>& y, double level,
              ClaimResult& result) {
    const double distance = ks_distance(x, y);
    judge_equal(cell, distance, ks_interval(distance, dkw_radius(x.size(), y.size(), level)), 0, 0, 1,
                double(x.size() + y.size()), result);
}

void judge_anderson_darling(Cell& cell, const std::vector<double>& x, const std::vector<double>& y, double level,
                            ClaimResult& result) {
    const auto test = anderson_darling_two_sample(x, y);
    if (!test) return note(result, "Anderson-Darling is unresolved where all states are equal");
    cell.measured = cell.lower = cell.upper = test->statistic;
    cell.bound = anderson_darling_critical(level, std::min(x.size(), y.size()));
    cell.tightness = cell.measured / cell.bound;
    cell.verdict = verdict_of_rejection(test->p_value < level, dkw_radius(x.size(), y.size(), level),
                                        double(x.size() + y.size()), result);
}

Verdict verdict_of_rejection(bool rejected, double radius, double replicas, ClaimResult& result) {
    if (rejected) return Verdict::violated;
    if (radius <= result.plan.tol) return Verdict::consistent;
    const double factor = radius / result.plan.tol;
    result.replicas_to_decide = std::max(result.replicas_to_decide, replicas * factor * factor);
    return Verdict::inconclusive;
}

}  // namespace foldback::claims
