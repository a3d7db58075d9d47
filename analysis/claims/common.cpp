#include "analysis/claims/common.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "analysis/rare_paths.hpp"

namespace foldback::claims {

std::string number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return text;
}

std::string rests_on(const std::string& name, const Fact& fact) {
    return name + " = " + number(fact.value) + " (" + foldback::name(fact.label) + ")";
}

std::string start_label(const Setup& setup, std::size_t start) {
    const auto& x = setup.starts[start];
    if (x.size() == 1) return "start " + number(x[0]);
    if (x.size() > 6) return "start number " + std::to_string(start);
    std::string text = "start (";
    for (std::size_t i = 0; i < x.size(); ++i) text += (i ? ", " : "") + number(x[i]);
    return text + ")";
}

std::string component_label(const Setup& setup, std::size_t component) {
    return setup.dimension == 1 ? "" : ", component " + std::to_string(component);
}

std::string step_label(const Setup& setup, std::size_t step) { return "step " + std::to_string(setup.steps[step]); }

void note(ClaimResult& result, const std::string& text) {
    if (std::find(result.notes.begin(), result.notes.end(), text) == result.notes.end()) result.notes.push_back(text);
}

ClaimPlan plan_over_steps(const Setup& setup, std::vector<std::string> cases, std::vector<Quantity> needs,
                          std::string interval) {
    ClaimPlan plan;
    plan.cases = std::move(cases);
    plan.needs = std::move(needs);
    plan.interval = std::move(interval);
    plan.axis_values.assign(setup.steps.begin(), setup.steps.end());
    return plan;
}

std::string missing_orders(const Setup& setup, std::vector<Order> orders) {
    for (Order order : orders)
        if (!setup.has(order))
            return orders.size() > 1 ? "needs both orders" : std::string("needs the order ") + name(order);
    return "";
}

std::vector<Order> orders_of_one_law(const Setup& setup) {
    std::vector<Order> orders;
    if (!setup.truth.homogeneous) return orders;
    for (const Order& order : setup.orders)
        if (order.kind->same_law) orders.push_back(order);
    return orders;
}

std::string inhomogeneous(const Setup& setup) {
    return setup.truth.homogeneous ? "" : "the law of a map depends on its step (a schedule): needs identically distributed maps";
}

std::string missing_law(const Setup& setup) {
    if (!setup.truth.homogeneous) return inhomogeneous(setup);
    return orders_of_one_law(setup).empty() ? "needs an order that uses each map once, forward or backward" : "";
}

std::string not_independent(const Setup& setup) {
    if (!setup.truth.homogeneous) return inhomogeneous(setup);
    if (setup.truth.epoch == 0) return "";
    return "the maps are exchangeable within epochs of " + std::to_string(setup.truth.epoch) + " only: needs independent ones";
}

std::string not_contracting(const Setup& setup, double p) {
    const std::string rho = "rho_" + number(p);
    const auto r = setup.rho(p);
    if (!r) return "the model does not know " + rho + ": needs " + rho + " < 1";
    if (!(r->value < 1)) return rho + " = " + number(r->value) + ": needs " + rho + " < 1";
    return "";
}

bool recorded(const Evidence& evidence, Quantity quantity, Order order, ClaimResult& result) {
    if (evidence.has(quantity, order)) return true;
    const QuantityInfo& row = info(quantity);
    const std::string what = path_of(quantity, order) + " was not recorded";
    if (quantity == Quantity::state)
        note(result, what + ": record.states = true records it");
    else if (row.observable)
        note(result, what + ": record.observables = [\"" + std::string(row.name) + "\"] records it");
    else
        note(result, what);
    return false;
}

bool all_finite(const Evidence& evidence, Order order, std::size_t start, ClaimResult& result) {
    const std::uint64_t lost = evidence.diverged(order, start);
    if (lost == 0) return true;
    note(result, std::to_string(lost) + " replicas diverged: " + name(order) + ", " +
                     start_label(evidence.setup(), start) + "; moments that include them cannot be judged");
    return false;
}

bool finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

std::uint64_t judgeable_step(const Setup& setup, double p) {
    const auto& variance = setup.truth.log_lipschitz_variance;
    if (!variance) return 0;
    const std::uint64_t factors = last_judgeable_step(setup.replicas, p, variance->value);
    return factors == every_step ? factors : factors * std::uint64_t(setup.truth.maps_per_factor);
}

bool contracting_moment(const Setup& setup, double p) {
    const auto r = setup.rho(p);
    return r && r->value < 1;
}

void judge_at_most(Cell& cell, double measured, Interval limits, double bound, double slack, double replicas,
                   ClaimResult& result) {
    const double tol = result.plan.tol, relative = bound != 0 ? slack / std::abs(bound) : 0;
    cell.measured = measured;
    cell.lower = limits.lower;
    cell.upper = limits.upper;
    cell.bound = bound;
    cell.tightness = tightness(measured, bound);
    cell.verdict = judge_bound(limits, bound, tol, relative);
    if (cell.verdict == Verdict::inconclusive)
        result.replicas_to_decide = std::max(
            result.replicas_to_decide, replicas_to_decide_bound(limits, measured, bound, tol, relative, replicas));
}

void judge_equal(Cell& cell, double measured, Interval limits, double value, double rem, double scale, double replicas,
                 ClaimResult& result) {
    cell.measured = measured;
    cell.lower = limits.lower;
    cell.upper = limits.upper;
    cell.bound = value;
    if (value != 0) cell.tightness = tightness(measured, value);
    cell.verdict = judge_equality(limits, value, rem, result.plan.tol, scale);
    if (cell.verdict == Verdict::inconclusive)
        result.replicas_to_decide =
            std::max(result.replicas_to_decide,
                     replicas_to_decide_equality(limits, measured, value, rem, result.plan.tol, scale, replicas));
}

void PathCheck::add(std::size_t replica, double measured, double bound, double slack) {
    if (std::isnan(measured) || std::isnan(bound) || std::isnan(slack)) return;
    ++checked_;
    resolved_ += bound > slack || slack == 0;
    if (measured > bound + slack && offences_++ == 0) first_offender_ = replica;
    if (checked_ == 1 || measured > largest_) {
        largest_ = measured;
        largest_bound_ = bound;
    }
    if (bound > 100 * slack && std::isfinite(bound) && measured / bound > tightness_) {
        tightness_ = measured / bound;
        bound_ = bound;
    }
}

void PathCheck::into(Cell& cell) const {
    cell.verdict = judge_paths(resolved_, offences_);
    if (checked_ == 0) return;
    cell.measured = cell.lower = cell.upper = largest_;
    cell.bound = tightness_ >= 0 ? bound_ : largest_bound_;
    if (tightness_ >= 0) cell.tightness = tightness_;
}

void PathTally::add(const PathCheck& check, const std::string& where) {
    checked_ += check.checked();
    if (check.offences() > 0 && offences_ == 0)
        first_ = "replica " + std::to_string(check.first_offender()) + ", " + where;
    offences_ += check.offences();
}

void PathTally::note_into(ClaimResult& result) const {
    note(result,
         std::to_string(checked_) + " comparisons on single paths, " +
             (offences_ ? std::to_string(offences_) + " failed, the first at " + first_ : std::string("none failed")));
}

std::vector<double> first_half(const std::vector<double>& values) {
    return {values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2)};
}

std::vector<double> second_half(const std::vector<double>& values) {
    return {values.begin() + std::ptrdiff_t(values.size() / 2), values.end()};
}

}  // namespace foldback::claims
