#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/order_ladder.hpp"
#include "analysis/extrapolation.hpp"

namespace foldback {
namespace {

using namespace claims;

const std::vector<Quantity> quantities{Quantity::order_difference, Quantity::order_leading, Quantity::order_remainder};
enum Which { difference, leading, remainder };

constexpr double exponent_tol = 0.1;
// Of E|F_n - B_n - h^2 C|/E|h^2 C|: its limit is 0, to this tolerance, and so small it is at the smallest step.
constexpr double ratio_tol = 0.01;

// The same rows for every start.
enum Row { by_step, slope, ratio, limit, slope_of_rest, rows };

// E rest/E leading along the ladder; one number a replica by linearising the ratio of the means.
Measured ratios(const Measured& rest, const Measured& lead) {
    Measured q = rest;
    for (std::size_t k = 0; k < q.size(); ++k) {
        const double mean = lead.ladder.mean(k), at = rest.ladder.mean(k) / mean;
        for (std::size_t r = 0; r < q.ladder.values[k].size(); ++r)
            q.ladder.values[k][r] = at + (rest.ladder.values[k][r] - at * lead.ladder.values[k][r]) / mean;
        q.error[k] = rest.error[k] / mean;
    }
    return q;
}

class OrderCommutator final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"order-commutator",
                                    "F_n - B_n = h^2 C + O(h^3) with C = sum_{i<j} (H_j g_i - H_i g_j) at the start",
                                    "D25", "maps x - h grad l_i(x), every l_i three times differentiable; n h L small"};
        return info;
    }

    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }

    ClaimPlan plan(const Ladder& ladder) const override {
        if (const auto failed = no_order_expansion(ladder, Quantity::order_difference); !failed.empty())
            return ClaimPlan::not_applicable(failed);
        const Setup& setup = *ladder.setups.front();
        ClaimPlan plan;
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const std::string where = ", " + start_label(setup, s) + ", " + order_label(setup);
            for (const char* what : {"E|F - B|", "exponent of E|F - B|", "E|F - B - h^2 C|/E|h^2 C|",
                                     "limit of E|F - B - h^2 C|/E|h^2 C| at h = 0", "exponent of E|F - B - h^2 C|"})
                plan.cases.push_back(what + where);
        }
        plan.tests = (rows - 1) * setup.starts.size();
        plan.tol = ratio_tol;
        plan.needs = quantities;
        plan.needs.push_back(Quantity::state);
        plan.interval = "Hall's t of one number a replica; exponents, ratios: delta method";
        plan.scale = "E|h^2 C|";
        plan.rests_on = {order_rests_on(ladder)};
        return plan;
    }

    std::size_t summary_size(const Setup& setup) const override { return order_summary_size(setup, quantities.size()); }
    std::string summary_text() const override {
        return "start, then quantity (order_difference, order_leading, order_remainder), then replica; rounding";
    }
    void summarise(const Evidence& evidence, std::span<double> summary) const override {
        summarise_orders(evidence, quantities, summary);
    }

    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override {
        for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
        for (std::size_t s = 0; s < ladder.setups.front()->starts.size(); ++s) {
            const auto measured = [&](Which which) {
                return measured_orders(ladder, summaries, quantities.size(), which, s);
            };
            judge_start(ladder, s, measured(difference), measured(leading), measured(remainder), level, result);
        }
    }

  private:
    static void judge_start(const Ladder& ladder, std::size_t start, const Measured& diff, const Measured& lead,
                            const Measured& rest, double level, ClaimResult& result);
    static void judge_ratio(const Measured& ratio, std::size_t first, std::size_t first_row, double replicas,
                            double level, ClaimResult& result);
};

void OrderCommutator::judge_start(const Ladder& ladder, std::size_t start, const Measured& diff, const Measured& lead,
                                  const Measured& rest, double level, ClaimResult& result) {
    const std::size_t row = start * rows;
    const std::string where = ", " + start_label(*ladder.setups.front(), start) + ",";
    const double replicas = double(diff.ladder.values.front().size());
    const std::size_t first = std::max(first_above_rounding(diff), first_above_rounding(lead));
    if (first == diff.size()) {
        result.at(row + slope, 0).verdict = Verdict::unresolved;
        return note(result, "E|F - B|" + where +
                                " is nowhere 1e3 roundings: the maps commute, or it was not recorded, or diverged");
    }
    report_means(diff, row + by_step, level, result);
    for (std::size_t k = first; k < diff.size(); ++k) {
        Cell& cell = result.at(row + by_step, k);
        cell.bound = lead.ladder.mean(k);
        cell.tightness = tightness(cell.measured, cell.bound);
    }
    const Exponent exponent = smallest_exponent(diff.from(first), level);
    judge_exponent(result.at(row + slope, first), exponent, "E|F - B|" + where, 2, Law::equal, exponent_tol, replicas,
                   result);
    judge_ratio(ratios(rest, lead), first, row, replicas, level, result);
    const std::size_t rest_first = first_above_rounding(rest);
    judge_exponent(result.at(row + slope_of_rest, std::min(rest_first, rest.size() - 1)),
                   smallest_exponent(rest.from(rest_first), level), "E|F - B - h^2 C|" + where, 3, Law::at_least,
                   exponent_tol, replicas, result);
    if (!result.finding.empty() || !exponent.there()) return;
    result.finding = "E|F - B| ~ h^" + number(exponent.found.value) + "; at h = " + number(ladder.values[first]) +
                     " it is " + number(diff.ladder.mean(first)) + ", h^2 C to " +
                     number(100 * result.at(row + ratio, first).measured) + " %";
}

void OrderCommutator::judge_ratio(const Measured& ratio_at, std::size_t first, std::size_t first_row, double replicas,
                                  double level, ClaimResult& result) {
    for (std::size_t k = first; k < ratio_at.size(); ++k) {
        Cell& cell = result.at(first_row + ratio, k);
        const Interval limits = mean_interval(ratio_at.ladder.values[k], level);
        cell.measured = ratio_at.ladder.mean(k);
        cell.lower = limits.lower - ratio_at.error[k];
        cell.upper = limits.upper + ratio_at.error[k];
    }
    // At a given step nothing forbids a larger ratio: it can hold, not be violated.
    Cell& smallest = result.at(first_row + ratio, first);
    smallest.bound = ratio_tol;
    smallest.tightness = tightness(smallest.measured, ratio_tol);
    smallest.verdict = smallest.upper <= ratio_tol ? Verdict::holds : Verdict::inconclusive;
    if (smallest.verdict == Verdict::inconclusive)
        note(result, "the remainder is " + number(100 * smallest.measured) +
                         " % of h^2 C at the smallest resolved step: a smaller one would decide");
    Cell& cell = result.at(first_row + limit, first);
    if (ratio_at.size() - first < 3) {
        cell.verdict = Verdict::unresolved;
        return note(result, "E|F - B| is resolved at fewer than 3 steps: no limit");
    }
    const Measured resolved = ratio_at.from(first);
    const Extrapolation found = extrapolated_to_zero(resolved.ladder, level);
    double rem = found.remainder;
    const auto weights = extrapolation_weights({resolved.ladder.x[0], resolved.ladder.x[1], resolved.ladder.x[2]});
    for (std::size_t k = 0; k < 3; ++k) rem += std::abs(weights[k]) * resolved.error[k];
    judge_equal(cell, found.limit.value, found.limit.limits, 0, rem, 1, replicas, result);
}

}  // namespace

const SweepClaim& order_commutator() {
    static const OrderCommutator claim;
    return claim;
}

}  // namespace foldback
