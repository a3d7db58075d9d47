#include "analysis/sweep_claim.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "sim/error.hpp"
#include "sim/nearest_name.hpp"

namespace foldback {

#define FOLDBACK_SWEEP_CLAIM(function, id) const SweepClaim& function();
#include "analysis/claims/sweep_registry.def"
#undef FOLDBACK_SWEEP_CLAIM

const std::vector<const SweepClaim*>& all_sweep_claims() {
    static const std::vector<const SweepClaim*> claims{
#define FOLDBACK_SWEEP_CLAIM(function, id) &function(),
#include "analysis/claims/sweep_registry.def"
#undef FOLDBACK_SWEEP_CLAIM
    };
    return claims;
}

std::vector<std::string> claim_ids() {
    std::vector<std::string> ids;
    for (const Claim* claim : all_claims()) ids.push_back(claim->info().id);
    for (const SweepClaim* claim : all_sweep_claims()) ids.push_back(claim->info().id);
    return ids;
}

void check_claim_id(const std::string& id) {
    const auto ids = claim_ids();
    if (std::find(ids.begin(), ids.end(), id) == ids.end())
        throw ConfigError("no claim is called '" + id + "'; " + suggestion(id, ids));
}

namespace {

using PlannedLadder = SweepClaimPlan::PlannedLadder;

std::string prefixed(const std::string& where, const std::string& text) {
    return where.empty() ? text : where + ": " + text;
}

// The points of the sweep by choice of all keys but one, each by ascending value of that one.
std::vector<std::vector<std::size_t>> ladders_along(const SweepAxes& sweep, std::size_t axis) {
    std::vector<std::vector<std::size_t>> ladders;
    std::vector<std::size_t> order(sweep.values[axis].size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return sweep.values[axis][a] < sweep.values[axis][b]; });
    std::size_t stride = 1;
    for (std::size_t k = axis + 1; k < sweep.values.size(); ++k) stride *= sweep.values[k].size();
    for (std::size_t p = 0; p < sweep.points(); ++p) {
        if (sweep.indices(p)[axis] != 0) continue;
        ladders.emplace_back();
        for (std::size_t i : order) ladders.back().push_back(p + i * stride);
    }
    return ladders;
}

Ladder ladder_of(const std::vector<std::size_t>& indices, const std::vector<double>& values,
                 const std::vector<const Setup*>& points) {
    Ladder ladder{values, {}};
    for (std::size_t p : indices) ladder.setups.push_back(points[p]);
    return ladder;
}

template <class T>
void unite(std::vector<T>& all, const std::vector<T>& more) {
    for (const T& one : more)
        if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

// One ladder's rows, added to those of all.
void add_ladder(SweepClaimPlan& planned, PlannedLadder ladder) {
    ClaimPlan& all = planned.plan;
    if (planned.ladders.empty()) {
        all = ladder.plan;
        all.cases.clear();
        all.tests = 0;
    }
    ladder.first_case = all.cases.size();
    for (const auto& label : ladder.plan.cases)
        all.cases.push_back(ladder.where.empty() ? label : label + ", " + ladder.where);
    all.tests += ladder.plan.tests;
    unite(all.needs, ladder.plan.needs);
    unite(all.rests_on, ladder.plan.rests_on);
    planned.ladders.push_back(std::move(ladder));
}

SweepClaimPlan not_applicable(const SweepClaim& claim, std::string failed_assumption) {
    SweepClaimPlan planned;
    planned.claim = &claim;
    planned.plan = ClaimPlan::not_applicable(std::move(failed_assumption));
    return planned;
}

}  // namespace

std::string SweptKey::text() const {
    std::string all;
    for (std::size_t k = 0; k < keys.size(); ++k)
        all += (k == 0 ? "" : k + 1 == keys.size() ? " or " : ", ") + keys[k];
    return all;
}

std::optional<std::size_t> SweptKey::axis_in(const SweepAxes& sweep) const {
    for (std::size_t k = 0; k < sweep.names.size(); ++k)
        if (std::find(keys.begin(), keys.end(), sweep.names[k]) != keys.end()) return k;
    return std::nullopt;
}

bool SweepClaimPlan::has_point(std::size_t point) const {
    return std::any_of(ladders.begin(), ladders.end(), [&](const PlannedLadder& ladder) {
        return std::find(ladder.points.begin(), ladder.points.end(), point) != ladder.points.end();
    });
}

SweepClaimPlan plan_sweep_claim(const SweepClaim& claim, const SweepAxes& sweep,
                                const std::vector<const Setup*>& points) {
    const SweptKey swept = claim.swept();
    const auto axis = swept.axis_in(sweep);
    if (!axis) return not_applicable(claim, "needs a sweep over " + swept.text());
    std::vector<double> values = sweep.values[*axis];
    std::sort(values.begin(), values.end());
    if (values.size() < claim.fewest_points())
        return not_applicable(claim, "the sweep over " + sweep.names[*axis] + " has " + std::to_string(values.size()) +
                                         " points: needs " + std::to_string(claim.fewest_points()) + " or more");
    SweepClaimPlan planned;
    planned.claim = &claim;
    const auto ladders = ladders_along(sweep, *axis);
    for (const auto& indices : ladders) {
        const std::string where = ladders.size() > 1 ? sweep.label(indices[0], axis) : "";
        ClaimPlan plan = claim.plan(ladder_of(indices, values, points));
        if (!plan.applicable) {
            unite(planned.notes, {prefixed(where, plan.failed_assumption)});
            continue;
        }
        plan.axis = swept.axis;
        plan.axis_values = values;
        for (std::size_t p : indices)
            planned.summary_size = std::max(planned.summary_size, claim.summary_size(*points[p]));
        add_ladder(planned, {indices, std::move(plan), 0, where});
    }
    if (planned.ladders.empty()) return not_applicable(claim, planned.notes.front());
    return planned;
}

std::vector<SweepClaimPlan> plan_sweep_claims(const SweepAxes& sweep, const std::vector<const Setup*>& points,
                                              const std::vector<std::string>& selected) {
    std::vector<SweepClaimPlan> plans;
    for (const SweepClaim* claim : all_sweep_claims())
        plans.push_back(is_selected(claim->info(), selected) ? plan_sweep_claim(*claim, sweep, points)
                                                             : not_applicable(*claim, not_selected().failed_assumption));
    return plans;
}

std::vector<double> summary_of(const SweepClaimPlan& plan, std::size_t point, const Evidence& evidence) {
    std::vector<double> summary(plan.summary_size, std::numeric_limits<double>::quiet_NaN());
    if (plan.has_point(point))
        plan.claim->summarise(evidence, std::span(summary).first(plan.claim->summary_size(evidence.setup())));
    return summary;
}

ClaimResult evaluate_sweep_claim(const SweepClaimPlan& planned, const std::vector<const Setup*>& points,
                                 const std::vector<std::vector<double>>& summaries, double alpha, std::size_t m) {
    ClaimResult result;
    result.plan = planned.plan;
    if (!planned.plan.applicable) return result;
    result.cells.resize(result.plan.cases.size() * result.plan.axis_values.size());
    for (const PlannedLadder& one : planned.ladders) {
        const Ladder ladder = ladder_of(one.points, one.plan.axis_values, points);
        std::vector<std::span<const double>> of_ladder;
        for (std::size_t p : one.points)
            of_ladder.push_back(std::span(summaries[p]).first(planned.claim->summary_size(*points[p])));
        ClaimResult part;
        part.plan = one.plan;
        part.cells.resize(one.plan.cases.size() * one.plan.axis_values.size());
        planned.claim->evaluate(ladder, of_ladder, alpha / double(std::max<std::size_t>(m, 1)), part);
        std::copy(part.cells.begin(), part.cells.end(), &result.at(one.first_case, 0));
        for (const auto& note : part.notes) unite(result.notes, {prefixed(one.where, note)});
        if (!part.finding.empty())
            result.finding += (result.finding.empty() ? "" : "; ") + prefixed(one.where, part.finding);
        result.replicas_to_decide = std::max(result.replicas_to_decide, part.replicas_to_decide);
    }
    planned.claim->conclude(planned, result);
    for (const auto& note : planned.notes) result.notes.push_back("not applicable at " + note);
    std::vector<Verdict> verdicts;
    for (const Cell& cell : result.cells) verdicts.push_back(cell.verdict);
    result.overall = overall(verdicts);
    return result;
}

}  // namespace foldback
