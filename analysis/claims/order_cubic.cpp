#include "analysis/claims/order_cubic.hpp"

#include <algorithm>

#include "analysis/claims/common.hpp"

namespace foldback::claims {
namespace {

constexpr double exponent_tol = 0.1;
// The same rows for every start.
enum Row { by_step, slope, rows };

}  // namespace

OrderCubic::OrderCubic(ClaimInfo info, Quantity quantity, std::string what)
    : info_(std::move(info)), quantity_(quantity), what_(std::move(what)) {}

ClaimPlan OrderCubic::plan(const Ladder& ladder) const {
    if (const auto failed = no_order_expansion(ladder, quantity_); !failed.empty())
        return ClaimPlan::not_applicable(failed);
    const Setup& setup = *ladder.setups.front();
    ClaimPlan plan;
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        const std::string where = ", " + start_label(setup, s) + ", " + order_label(setup);
        plan.cases.push_back(what_ + where);
        plan.cases.push_back("exponent of " + what_ + where);
    }
    plan.tests = setup.starts.size();
    plan.tol = exponent_tol;
    plan.needs = {quantity_, Quantity::state};
    plan.interval = "Hall's t of one number a replica; exponent: delta method";
    plan.scale = "1";
    plan.rests_on = {order_rests_on(ladder)};
    return plan;
}

std::string OrderCubic::summary_text() const {
    return std::string("start, then replica: ") + foldback::info(quantity_).name + "; rounding";
}

void OrderCubic::summarise(const Evidence& evidence, std::span<double> summary) const {
    summarise_orders(evidence, {quantity_}, summary);
}

void OrderCubic::evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                          ClaimResult& result) const {
    for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
    for (std::size_t s = 0; s < ladder.setups.front()->starts.size(); ++s) {
        const Measured y = measured_orders(ladder, summaries, 1, 0, s);
        const std::size_t first = first_above_rounding(y);
        report_means(y, s * rows + by_step, level, result);
        const Exponent exponent = smallest_exponent(y.from(first), level);
        judge_exponent(result.at(s * rows + slope, std::min(first, y.size() - 1)), exponent,
                       what_ + ", " + start_label(*ladder.setups.front(), s) + ", above 1e3 roundings,", 3,
                       Law::at_least, exponent_tol, double(y.ladder.values.front().size()), result);
        if (result.finding.empty() && exponent.there())
            result.finding = what_ + " ~ h^" + number(exponent.found.value) + " at h = " + number(ladder.values[first]);
    }
}

}  // namespace foldback::claims
