#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/claims/common.hpp"
#include "analysis/claims/spike_point.hpp"
#include "analysis/crossing.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback {
namespace {

using namespace claims;

// How far a measured border may be from theory's, in cells of the ladder. Hill's estimate at k = R/10 still feels the
// body of the law: by 1.5 cells of 6 % in delta at eta lam = 0.1, by 0.4 at eta lam = 1.
constexpr double recovery_cells = 1, variance_cells = 2;

enum Row { growth, tail, phase, diverged, first_diverged, recovery_border, variance_border };

/// A border: theory's position on the ladder, what it may be missed by, and the row that judges it.
struct Border {
    std::optional<double> at;
    double cells;
    Row row;
};

std::vector<Border> borders_of(const Ladder& ladder) {
    std::vector<double> log_factor, log_square;
    for (const Setup* setup : ladder.setups) {
        log_factor.push_back(setup->truth.lyapunov->value);
        log_square.push_back(std::log(setup->truth.lipschitz_moment(2)->value));
    }
    return {{exact_crossing(log_factor), recovery_cells, recovery_border},
            {exact_crossing(log_square), variance_cells, variance_border}};
}

/// The value of the swept key at a position between the points of the ladder, on its logarithm where it has one.
double value_at(const Ladder& ladder, double position) {
    if (!std::isfinite(position)) return position;
    const auto& x = ladder.values;
    const std::size_t k = std::min(std::size_t(position), x.size() - 2);
    const double part = position - double(k);
    if (x[k] > 0) return x[k] * std::pow(x[k + 1] / x[k], part);
    return x[k] + part * (x[k + 1] - x[k]);
}

/// What the points of a ladder measured, as series that rise through 0 at the borders, with their limits.
struct Series {
    std::vector<double> growth, tail;
    std::vector<Interval> growth_limits, tail_limits;
};

class SpikePhase final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "spike-phase",
            "E a^2 < 1: recovers with finite variance; E a^2 >= 1, E log|a| < 0: recovers almost surely, heavy-tailed "
            "with index alpha <= 2, E|a|^alpha = 1; E log|a| > 0: diverges",
            "K26, K73", "scalar affine maps x -> a x + b, b not degenerate; along a ladder of amplitudes of a"};
        return info;
    }
    SweptKey swept() const override {
        return {{"model.delta", "model.delta_over_variance_border", "model.delta_over_recovery_border"}, "amplitude"};
    }
    ClaimPlan plan(const Ladder& ladder) const override;
    std::size_t summary_size(const Setup&) const override { return SpikePoint::size; }
    std::string summary_text() const override { return SpikePoint::text(); }
    void summarise(const Evidence& evidence, std::span<double> summary) const override {
        spike_point(evidence).into(summary);
    }
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override;
    void conclude(const SweepClaimPlan& planned, ClaimResult& result) const override;

  private:
    static void judge(const Ladder& ladder, const Border& border, const std::vector<double>& series,
                      const std::vector<Interval>& limits, ClaimResult& result);
};

ClaimPlan SpikePhase::plan(const Ladder& ladder) const {
    for (const Setup* setup : ladder.setups)
        if (const auto failed = no_spike_point(*setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
    ClaimPlan plan;
    plan.cases = {"growth of log|w| per map",
                  "tail index",
                  "phase (1 finite variance, 2 heavy tail, 3 diverges)",
                  "replicas with a non-finite state",
                  "first step with a non-finite state",
                  "border of recovery, E log|a| = 0",
                  "border of finite variance, E a^2 = 1"};
    for (const Border& border : borders_of(ladder)) plan.tests += border.at.has_value();
    if (plan.tests == 0)
        return ClaimPlan::not_applicable(
            "neither border lies between the ladder's ends: E a^2 and E log|a| do not pass 1 and 0");
    const Setup& first = *ladder.setups.front();
    plan.needs = {Quantity::state, Quantity::diverged_step};
    plan.tol = 0;
    plan.interval = "borders in cells, where Hall's t limits of the growth and Hill's limits at k = R/10 pass theirs";
    plan.rests_on = {
        "E log|a| at every point (" + std::string(name(first.truth.lyapunov->label)) + ")",
        "E a^2 at every point (" + std::string(name(first.truth.lipschitz_moment(2)->label)) + ")",
        "Var log|a| at every point (" + std::string(name(first.truth.log_lipschitz_variance->label)) + ")"};
    return plan;
}

// Measured against theory: not judged point by point.
void report(Cell& cell, double measured, Interval limits, double value) {
    cell.measured = measured;
    cell.lower = limits.lower;
    cell.upper = limits.upper;
    cell.bound = value;
    cell.tightness = tightness(measured, value);
}

void report_point(const Setup& setup, const SpikePoint& point, double level, std::size_t k, Series& series,
                  ClaimResult& result) {
    const Interval rate = point.growth_limits(level), index = point.tail_limits(level);
    const double still = driftless_growth(setup);
    report(result.at(growth, k), point.growth.mean, rate, setup.truth.lyapunov->value);
    const auto alpha = setup.truth.tail_index;
    report(result.at(tail, k), point.tail_index, index, alpha ? alpha->value : std::nan(""));
    const Interval phases = measured_phase(rate, index, still);
    report(result.at(phase, k), phases.lower == phases.upper ? phases.lower : std::nan(""), phases,
           double(phase_of(setup)));
    report(result.at(diverged, k), point.diverged, {point.diverged, point.diverged}, std::nan(""));
    if (point.diverged > 0)
        report(result.at(first_diverged, k), point.first_diverged, {point.first_diverged, point.first_diverged},
               std::nan(""));
    series.growth.push_back(point.growth.mean - still);
    series.growth_limits.push_back({rate.lower - still, rate.upper - still});
    series.tail.push_back(2 - point.tail_index);
    series.tail_limits.push_back({2 - index.upper, 2 - index.lower});
}

// The limits of a crossing miss with twice the probability of those at one point, hence half the level there.
void SpikePhase::evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                          ClaimResult& result) const {
    for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
    Series series;
    for (std::size_t k = 0; k < ladder.size(); ++k)
        report_point(*ladder.setups[k], SpikePoint::from(summaries[k]), level / 2, k, series, result);
    for (const Border& border : borders_of(ladder)) {
        if (!border.at) continue;
        const bool recovery = border.row == recovery_border;
        judge(ladder, border, recovery ? series.growth : series.tail,
              recovery ? series.growth_limits : series.tail_limits, result);
    }
}

// The distance in cells is judged; the cell shows the borders themselves, and the distance over what it may be.
void SpikePhase::judge(const Ladder& ladder, const Border& border, const std::vector<double>& series,
                       const std::vector<Interval>& limits, ClaimResult& result) {
    Cell& cell = result.at(border.row, std::size_t(*border.at));
    cell.verdict = Verdict::unresolved;
    const auto found = measured_crossing(series, limits);
    if (!found) {
        note(result, "too few points without a non-finite state to find the border of finite variance");
        return;
    }
    const double above = found->limits.upper - *border.at, below = *border.at - found->limits.lower;
    const Interval distance{std::max({0.0, -above, -below}), std::max(above, below)};
    judge_at_most(cell, std::abs(found->at - *border.at), distance, border.cells, 0,
                  double(ladder.setups.front()->replicas), result);
    cell.measured = value_at(ladder, found->at);
    cell.lower = value_at(ladder, found->limits.lower);
    cell.upper = value_at(ladder, found->limits.upper);
    cell.bound = value_at(ladder, *border.at);
}

/// What the rows of one kind come to over all ladders.
struct Rows {
    std::size_t borders = 0;
    double farthest = 0;  // in units of what is allowed
    std::size_t as_theory = 0, undecided = 0, otherwise = 0, diverged = 0;
    double first_diverged = std::numeric_limits<double>::infinity();
};

Rows counted(const SweepClaimPlan& planned, const ClaimResult& result, Row row) {
    Rows rows;
    for (const auto& ladder : planned.ladders)
        for (std::size_t k = 0; k < ladder.points.size(); ++k) {
            const Cell& cell = result.at(ladder.first_case + std::size_t(row), k);
            if (cell.verdict != Verdict::not_applicable) {
                ++rows.borders;
                rows.farthest = std::max(rows.farthest, cell.tightness);
            }
            ++(std::isnan(cell.measured)     ? rows.undecided
               : cell.measured == cell.bound ? rows.as_theory
                                             : rows.otherwise);
            rows.diverged += cell.measured > 0;
            if (cell.measured > 0) rows.first_diverged = std::min(rows.first_diverged, cell.measured);
        }
    return rows;
}

// One sentence and two notes for the whole grid, however many rows it has.
void SpikePhase::conclude(const SweepClaimPlan& planned, ClaimResult& result) const {
    result.finding.clear();
    for (const auto& [row, cells, what] : {std::tuple{recovery_border, recovery_cells, "recovery"},
                                           {variance_border, variance_cells, "finite variance"}}) {
        const Rows rows = counted(planned, result, row);
        if (rows.borders == 0) continue;
        result.finding += (result.finding.empty() ? "" : ", ") + std::string("border of ") + what + " within " +
                          number(rows.farthest * cells) + " cells of theory's" +
                          (rows.borders > 1 ? " in all of " + std::to_string(rows.borders) + " rows" : "");
    }
    const Rows phases = counted(planned, result, phase);
    note(result, "measured phase: as theory says at " + std::to_string(phases.as_theory) + " points, undecided at " +
                     std::to_string(phases.undecided) + ", another at " + std::to_string(phases.otherwise));
    if (const Rows lost = counted(planned, result, diverged); lost.diverged > 0)
        note(result, "paths reached a non-finite state at " + std::to_string(lost.diverged) +
                         " points, the first at step " +
                         number(counted(planned, result, first_diverged).first_diverged) + ": they count as growing");
}

}  // namespace

const SweepClaim& spike_phase() {
    static const SpikePhase claim;
    return claim;
}

}  // namespace foldback
