#include "analysis/claims/coordinates.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/interval.hpp"

namespace foldback::claims {

std::size_t judge_all_zero(Cell& cell, std::span<const SampleMoments> coordinates, std::span<const double> rem,
                           double scale, double level, double replicas, ClaimResult& result) {
    std::vector<Verdict> verdicts;
    std::size_t worst = 0;
    double furthest = -1;
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
        Cell one;
        const double mean = coordinates[i].mean;
        const Interval limits = mean_interval(coordinates[i], level);
        judge_equal(one, mean, limits, 0, rem[i], scale, replicas, result);
        verdicts.push_back(one.verdict);
        const double away = std::abs(mean) / (limits.half_width() + rem[i]);
        if (!(away > furthest) && i > 0) continue;
        furthest = std::isnan(away) ? 0 : away;
        worst = i;
        cell = one;
    }
    cell.verdict = overall(verdicts);
    return worst;
}

double root_mean_square(std::span<const SampleMoments> coordinates) {
    double sum = 0;
    for (const SampleMoments& x : coordinates) sum += x.m2 + x.mean * x.mean;
    return std::sqrt(sum);
}

}  // namespace foldback::claims
