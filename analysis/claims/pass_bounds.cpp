#include "analysis/claims/pass_bounds.hpp"

#include <algorithm>
#include <cmath>

namespace foldback::claims {

ClaimPlan plan_pass_bounds(const Setup& setup, const PassQuantities& quantities) {
    std::vector<std::string> cases;
    for (const Order& order : pass_orders(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            cases.push_back(name(order) + ", " + start_label(setup, s));
    ClaimPlan plan = plan_over_steps(setup, cases, {quantities.error, quantities.bound, quantities.rounding},
                                     "on every path, at every operator");
    plan.rests_on = {"the operators' constants on the path"};
    return plan;
}

bool PassBounds::recorded(Order order) {
    for (Quantity q : {quantities_.error, quantities_.bound, quantities_.rounding})
        if (!claims::recorded(evidence_, q, order, result_)) return false;
    return true;
}

void PassBounds::check(std::size_t row, Order order, std::size_t start, std::size_t step) {
    check(row, order, start, step, [&](std::size_t op) {
        return evidence_.values({quantities_.bound, order, start, step, op});
    });
}

void PassBounds::check(std::size_t row, Order order, std::size_t start, std::size_t step, const Bound& bound) {
    const std::size_t operators = evidence_.setup().truth.composite->operators.size();
    without_.resize(operators);
    tightness_.resize(operators, -1);
    PathCheck all;
    for (std::size_t op = 0; op < operators; ++op) {
        const auto error = evidence_.values({quantities_.error, order, start, step, op});
        const auto slack = evidence_.values({quantities_.rounding, order, start, step, op});
        const auto limit = bound(op);
        PathCheck here;
        for (std::size_t r = 0; r < error.size(); ++r) {
            here.add(r, error[r], limit[r], slack[r]);
            all.add(r, error[r], limit[r], slack[r]);
            without_[op] += std::isnan(limit[r] + slack[r]) && std::isfinite(error[r]);
        }
        add(row, step, op, here);
    }
    all.into(result_.at(row, step));
}

void PassBounds::add(std::size_t row, std::size_t step, std::size_t op, const PathCheck& check) {
    const Setup& setup = evidence_.setup();
    const std::string where =
        operator_label(setup, op) + ", " + step_label(setup, step) + ", " + result_.plan.cases[row];
    tally_.add(check, where);
    compared_ |= check.checked() > 0;
    Cell cell;
    check.into(cell);
    if (!(cell.tightness > tightness_[op])) return;
    if (cell.tightness > *std::max_element(tightness_.begin(), tightness_.end())) where_ = where;
    tightness_[op] = cell.tightness;
}

void PassBounds::report(const std::string& what) const {
    const Setup& setup = evidence_.setup();
    if (compared_) tally_.note_into(result_);
    for (std::size_t op = 0; op < without_.size(); ++op)
        if (without_[op] > 0)
            note(result_, operator_label(setup, op) +
                              " has no bound on some paths, for want of a Lipschitz constant: " +
                              std::to_string(without_[op]) + " errors not compared");
    std::size_t nearest = 0, furthest = 0;
    for (std::size_t op = 0; op < tightness_.size(); ++op) {
        if (tightness_[op] > tightness_[nearest]) nearest = op;
        if (tightness_[furthest] < 0 || (tightness_[op] >= 0 && tightness_[op] < tightness_[furthest])) furthest = op;
    }
    if (where_.empty()) return;
    result_.finding = what + " comes nearest to its bound (tightness " + number(tightness_[nearest]) + ") at " + where_;
    if (furthest != nearest)
        result_.finding +=
            "; never nearer than " + number(tightness_[furthest]) + " at " + operator_label(setup, furthest);
}

void check_pass_bounds(PassBounds& bounds, const Setup& setup) {
    std::size_t row = 0;
    for (const Order& order : pass_orders(setup)) {
        const bool there = bounds.recorded(order);
        for (std::size_t s = 0; s < setup.starts.size(); ++s, ++row)
            for (std::size_t k = 0; there && k < setup.steps.size(); ++k) bounds.check(row, order, s, k);
    }
}

ClaimPlan PassBoundClaim::plan(const Setup& setup) const {
    for (Quantity q : {quantities_.error, quantities_.bound, quantities_.rounding})
        if (auto why = no_passes(setup, q); !why.empty()) return ClaimPlan::not_applicable(why);
    if (auto why = nothing_to_compare(*setup.truth.composite); !why.empty()) return ClaimPlan::not_applicable(why);
    return plan_pass_bounds(setup, quantities_);
}

void PassBoundClaim::evaluate(const Evidence& evidence, double, ClaimResult& result) const {
    PassBounds bounds(evidence, quantities_, result);
    check_pass_bounds(bounds, evidence.setup());
    bounds.report(what_);
}

}  // namespace foldback::claims
