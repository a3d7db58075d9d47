#include <algorithm>
#include <cmath>

#include "analysis/claims/coordinates.hpp"
#include "analysis/claims/passes.hpp"

namespace foldback {
namespace {

using namespace claims;

// Of (E|g~ - g|^2)^(1/2): what the half-width of every coordinate's bias has to stay below.
constexpr double bias_tol = 0.01;
// Errors this far above rounding say something.
constexpr double smallest_error = 1e3;

/// The orders whose X_n is made of the maps 1..n alone, so that the pass of step n + 1 is independent of it.
std::vector<Order> orders_of(const Setup& setup) {
    std::vector<Order> orders;
    for (const Order& order : setup.truth.composite->step == 0 ? pass_orders(setup) : setup.orders)
        if (setup.truth.composite->step == 0 || order == Order::forward || order == Order::backward)
            orders.push_back(order);
    return orders;
}

/// Which perturbation is not zero-mean; empty if all are.
std::string biased_by(const CompositeTruth& truth) {
    if (!truth.backward.zero_mean) return truth.backward.biased_by;
    return truth.gradient.perturbed && !truth.gradient.zero_mean ? truth.gradient.biased_by : "";
}

bool biased(const CompositeTruth& truth) {
    return !truth.backward.zero_mean || (truth.gradient.perturbed && !truth.gradient.zero_mean);
}

/// A lower limit of |E g~ - g|, at most a limit of it: the mean of g~ - g over one half of the replicas, along the
/// direction that it has over the other. By Cauchy and Schwarz no projection on a fixed unit vector is longer.
struct Bias {
    double along = 0, rms = 0;
    Interval limits;
};

class BackwardUnbiased final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"backward-unbiased",
                                    "E[zeta | everything before it] = 0 and eps = 0: E g~ = g in every coordinate, "
                                    "backward noise is pure variance",
                                    "K26",
                                    "a chain whose backward pass alone is perturbed, by zero-mean noise (deterministic "
                                    "rounding is none)"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override;
    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override;

  private:
    static void judge(const Evidence& evidence, Order order, std::size_t start, std::size_t step, double level,
                      Cell& cell, ClaimResult& result);
    static Bias bias_of(const Evidence& evidence, Order order, std::size_t start, std::size_t step, double level);
    static void report(const Evidence& evidence, double level, ClaimResult& result);
};

ClaimPlan BackwardUnbiased::plan(const Setup& setup) const {
    for (Quantity q : {Quantity::gradient_deviation, Quantity::gradient_rounding})
        if (auto why = no_passes(setup, q); !why.empty()) return ClaimPlan::not_applicable(why);
    const CompositeTruth& truth = *setup.truth.composite;
    if (!truth.backward.perturbed) return ClaimPlan::not_applicable("the backward pass is not perturbed");
    if (truth.forward.perturbed)
        return ClaimPlan::not_applicable(
            "the forward pass is perturbed too: the statement is conditional on eps, and means over eps do not tell "
            "it");
    if (orders_of(setup).empty()) return ClaimPlan::not_applicable("needs the order forward or backward");
    std::vector<std::string> cases;
    for (const Order& order : orders_of(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            cases.push_back(name(order) + ", " + start_label(setup, s));
    ClaimPlan plan = plan_over_steps(setup, cases, {Quantity::gradient_deviation, Quantity::gradient_rounding},
                                     "Hall's t, in every coordinate");
    plan.tol = bias_tol;
    plan.scale = "(E|g~ - g|^2)^(1/2)";
    plan.tests = cases.size() * setup.steps.size() * std::size_t(setup.dimension);
    if (!biased(truth)) return plan;
    // Nothing to judge, but a bias to show: the cells are no tests.
    plan.tests = 0;
    plan.failed_assumption = biased_by(truth) + " is not zero-mean";
    return plan;
}

void BackwardUnbiased::evaluate(const Evidence& evidence, double level, ClaimResult& result) const {
    const Setup& setup = evidence.setup();
    if (biased(*setup.truth.composite)) return report(evidence, level, result);
    std::size_t row = 0;
    for (const Order& order : orders_of(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s, ++row) {
            if (!recorded(evidence, Quantity::gradient_deviation, order, result) ||
                !recorded(evidence, Quantity::gradient_rounding, order, result) ||
                !all_finite(evidence, order, s, result))
                continue;
            for (std::size_t k = 0; k < setup.steps.size(); ++k)
                judge(evidence, order, s, k, level, result.at(row, k), result);
        }
    double largest = 0;
    for (const Cell& cell : result.cells)
        if (std::isfinite(cell.upper)) largest = std::max({largest, cell.upper, -cell.lower});
    result.finding = "E g~ = g to " + number(largest) + " in every coordinate" + result.finding;
}

void BackwardUnbiased::judge(const Evidence& evidence, Order order, std::size_t start, std::size_t step, double level,
                             Cell& cell, ClaimResult& result) {
    const Setup& setup = evidence.setup();
    const CompositeTruth& truth = *setup.truth.composite;
    std::vector<SampleMoments> coordinates;
    for (std::size_t i = 0; i < std::size_t(setup.dimension); ++i)
        coordinates.push_back(moments(evidence.values({Quantity::gradient_deviation, order, start, step, i})));
    auto rounding = mean_by_operator(evidence, Quantity::gradient_rounding, order, start, {step});
    rounding.push_back(0);  // of weights that are no operator's
    std::vector<double> rem;
    for (std::size_t i = 0; i < coordinates.size(); ++i) rem.push_back(rounding[operator_of(truth, i)]);
    const double rms = root_mean_square(coordinates);
    const double replicas = double(setup.replicas);
    const std::size_t worst = judge_all_zero(cell, coordinates, rem, rms, level, replicas, result);
    if (!(rms > smallest_error * *std::max_element(rem.begin(), rem.end()))) cell.verdict = Verdict::unresolved;
    if (cell.verdict == Verdict::violated)
        note(result, "E g~ is not g at weight " + std::to_string(worst) + " of " +
                         operator_label(setup, operator_of(truth, worst)) + ", " + step_label(setup, step));
    if (step == setup.last()) result.finding = ", of errors " + number(rms) + " (root mean square)";
}

Bias BackwardUnbiased::bias_of(const Evidence& evidence, Order order, std::size_t start, std::size_t step,
                               double level) {
    const std::size_t replicas = std::size_t(evidence.setup().replicas), half = replicas / 2;
    std::vector<double> along(replicas - half);
    double square = 0, length = 0;
    for (std::size_t i = 0; i < std::size_t(evidence.setup().dimension); ++i) {
        const auto x = evidence.values({Quantity::gradient_deviation, order, start, step, i});
        const SampleMoments all = moments(x);
        square += all.m2 + all.mean * all.mean;
        const double direction = half > 0 ? moments(std::span(x).first(half)).mean : 0;
        length = std::hypot(length, direction);
        for (std::size_t r = 0; r < along.size(); ++r) along[r] += direction * x[half + r];
    }
    for (double& x : along) x /= length > 0 ? length : 1;
    return {moments(along).mean, std::sqrt(square), mean_interval(along, level)};
}

void BackwardUnbiased::report(const Evidence& evidence, double level, ClaimResult& result) {
    const Setup& setup = evidence.setup();
    for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
    note(result, result.plan.failed_assumption +
                     ": its bias is shown, not judged; |E g~ - g| is at least what it is "
                     "along a direction found on the other half of the replicas");
    double share = -1, rms = 0;  // the largest that is sure, of the root mean square error there
    std::size_t row = 0;
    for (const Order& order : orders_of(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s, ++row) {
            if (!recorded(evidence, Quantity::gradient_deviation, order, result)) continue;
            for (std::size_t k = 0; k < setup.steps.size(); ++k) {
                const Bias bias = bias_of(evidence, order, s, k, level);
                Cell& cell = result.at(row, k);
                cell.measured = bias.along;
                cell.lower = bias.limits.lower;
                cell.upper = bias.limits.upper;
                const double here = std::max(bias.limits.lower, 0.0) / bias.rms;
                if (!(here > share) || std::isnan(bias.limits.lower)) continue;
                share = here;
                rms = bias.rms;
            }
        }
    if (share < 0) return;
    result.finding = biased_by(*setup.truth.composite) + " is biased: |E g~ - g| is at least " + number(100 * share) +
                     " % of the root mean square error, " + number(rms);
}

}  // namespace

const Claim& backward_unbiased() {
    static const BackwardUnbiased claim;
    return claim;
}

}  // namespace foldback
