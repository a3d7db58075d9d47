#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/exponents.hpp"
#include "analysis/claims/sgd_chain.hpp"
#include "analysis/extrapolation.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback {
namespace {

using namespace claims;

// A checkpoint counts as stationary when the start can still be felt in Cov/h by this much of S0 at most.
constexpr double most_felt = 1e-4;
// Of the exponent of |Cov/h - S0|.
constexpr double exponent_tol = 0.2;

/// What Cov Z is projected on: its trace, and its leading direction where there are several.
struct Target {
    std::string name;
    std::vector<double> direction;  ///< empty: the trace
    double value = 0;               ///< of S0
};

std::vector<Target> targets_of(const SgdTruth& sgd) {
    const auto s0 = covariance_rate(sgd);
    const std::size_t d = sgd.optimum.size();
    Target trace{"the trace", {}, 0}, leading{"the leading direction of S0", leading_direction(s0), 0};
    for (std::size_t i = 0; i < d; ++i) {
        trace.value += s0[i * d + i];
        for (std::size_t j = 0; j < d; ++j)
            leading.value += leading.direction[i] * s0[i * d + j] * leading.direction[j];
    }
    if (d == 1) return {trace};
    return {trace, leading};
}

/// From which start, and at which checkpoints, a point is measured.
struct Choice {
    std::size_t start = 0;
    std::vector<std::size_t> checkpoints;  ///< stationary ones, as far as can be told
    double felt = 0;                       ///< bound for what is left of the start in Cov/h, averaged over them
};

// With |X_n - Z_n|_2 <= delta, two variances of any projection differ by delta (2 sd + delta) at most.
double felt(const Setup& setup, std::size_t start, std::size_t c, double trace) {
    const double h = setup.truth.sgd->step, delta = distance_to_stationary(setup, start, setup.steps[c]);
    return delta * (2 * std::sqrt(h * trace) + delta) / h;
}

Choice choose(const Setup& setup, double trace) {
    Choice choice;
    for (std::size_t s = 1; s < setup.starts.size(); ++s)
        if (distance_to_stationary(setup, s, 0) < distance_to_stationary(setup, choice.start, 0)) choice.start = s;
    for (std::size_t c = 0; c < setup.steps.size(); ++c)
        if (const double left = felt(setup, choice.start, c, trace); left <= most_felt * trace) {
            choice.checkpoints.push_back(c);
            choice.felt += left;
        }
    if (!choice.checkpoints.empty()) choice.felt /= double(choice.checkpoints.size());
    return choice;
}

// The points that have a stationary checkpoint: all but, perhaps, the smallest steps.
std::vector<std::size_t> usable_points(const Ladder& ladder, double trace) {
    std::vector<std::size_t> usable;
    for (std::size_t k = 0; k < ladder.size(); ++k)
        if (!choose(*ladder.setups[k], trace).checkpoints.empty()) usable.push_back(k);
    return usable;
}

// Maps after which the start is felt little enough; doubled until it is.
std::uint64_t steps_needed(const Setup& setup, double trace) {
    Setup longer = setup;
    longer.steps = {1};
    while (longer.steps[0] < (1U << 30) && choose(longer, trace).checkpoints.empty()) longer.steps[0] *= 2;
    return longer.steps[0];
}

std::string too_few_stationary(const Ladder& ladder, std::size_t usable, double trace) {
    const Setup& smallest = *ladder.setups.front();
    return "only " + std::to_string(usable) + " of " + std::to_string(ladder.size()) +
           " steps have a checkpoint at which the chain has forgotten its start: needs 3, which at h = " +
           number(ladder.values.front()) + " takes about " + std::to_string(steps_needed(smallest, trace)) +
           " maps (last here: " + std::to_string(smallest.steps.back()) + ")";
}

// The same rows for every target.
enum Row { by_step, limit, exponent, rows };

class SgdCovariance final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "sgd-covariance", "Cov Z = h S0 + O(h^2) with H S0 + S0 H = C: Cov Z/h tends to S0 at order h or faster",
            "theory.md",
            "SGD with independent batches; every l_xi convex and L-smooth, l strongly convex, h < 2/L; l smooth at "
            "th*"};
        return info;
    }

    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }

    ClaimPlan plan(const Ladder& ladder) const override {
        for (const Setup* setup : ladder.setups) {
            if (const auto failed = no_stationary_law(*setup); !failed.empty())
                return ClaimPlan::not_applicable(failed);
            if (const auto failed = missing_orders(*setup, {Order::forward}); !failed.empty())
                return ClaimPlan::not_applicable(failed);
        }
        const SgdTruth& sgd = *ladder.setups.front()->truth.sgd;
        const auto targets = targets_of(sgd);
        const std::size_t usable = usable_points(ladder, targets[0].value).size();
        if (usable < 3) return ClaimPlan::not_applicable(too_few_stationary(ladder, usable, targets[0].value));
        ClaimPlan plan;
        for (const Target& target : targets) {
            plan.cases.push_back("Cov/h, " + target.name);
            plan.cases.push_back("limit of Cov/h at h = 0, " + target.name);
            plan.cases.push_back("exponent of |Cov/h - S0| in h, " + target.name);
        }
        plan.tests = 2 * targets.size();
        plan.needs = {Quantity::state};
        plan.interval = "Hall's t of one number a replica; exponent: delta method";
        plan.scale = "S0";
        plan.rests_on = {rests_on("mu", *sgd.strong_convexity), rests_on("L", *sgd.smoothness),
                         "S0 from H and C at th* (th* within " + number(sgd.optimum_error) + ")"};
        return plan;
    }

    std::size_t summary_size(const Setup& setup) const override {
        return (setup.dimension == 1 ? 1 : 2) * std::size_t(setup.replicas);
    }
    std::string summary_text() const override {
        return "trace, then leading direction of S0; replica: (X - mean)^2/h over the stationary checkpoints";
    }

    void summarise(const Evidence& evidence, std::span<double> summary) const override;
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override;

  private:
    static void judge_target(const Target& target, const Measured& series, const std::vector<std::size_t>& usable,
                             std::size_t first_row, double level, ClaimResult& result);
    static void judge_exponent(const Target& target, const Measured& series, double level, Cell& cell,
                               ClaimResult& result);
};

// Adds (X - mean)^2 R/(R - 1) of one component, or one projection.
void add_squares(std::span<double> sum, const std::vector<double>& x) {
    const double mean = moments(x).mean, unbias = double(x.size()) / (double(x.size()) - 1);
    for (std::size_t r = 0; r < x.size(); ++r) sum[r] += (x[r] - mean) * (x[r] - mean) * unbias;
}

void SgdCovariance::summarise(const Evidence& evidence, std::span<double> summary) const {
    const Setup& setup = evidence.setup();
    const auto targets = targets_of(*setup.truth.sgd);
    const Choice choice = choose(setup, targets[0].value);
    std::fill(summary.begin(), summary.end(), std::numeric_limits<double>::quiet_NaN());
    if (choice.checkpoints.empty() || !evidence.has(Quantity::state, Order::forward)) return;
    std::fill(summary.begin(), summary.end(), 0.0);
    const std::size_t replicas = std::size_t(setup.replicas), d = std::size_t(setup.dimension);
    for (std::size_t c : choice.checkpoints) {
        std::vector<double> along(replicas);
        for (std::size_t i = 0; i < d; ++i) {
            const auto x = evidence.values({Quantity::state, Order::forward, choice.start, c, i});
            add_squares(summary.first(replicas), x);
            if (d > 1)
                for (std::size_t r = 0; r < replicas; ++r) along[r] += targets[1].direction[i] * x[r];
        }
        if (d > 1) add_squares(summary.subspan(replicas), along);
    }
    for (double& y : summary) y /= setup.truth.sgd->step * double(choice.checkpoints.size());
}

void SgdCovariance::evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                             ClaimResult& result) const {
    const auto targets = targets_of(*ladder.setups.front()->truth.sgd);
    const auto usable = usable_points(ladder, targets[0].value);
    const std::size_t replicas = std::size_t(ladder.setups.front()->replicas);
    for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
    for (std::size_t t = 0; t < targets.size(); ++t) {
        Measured series;  // per replica (X - mean)^2 R/(R - 1)/h, averaged over the checkpoints
        for (std::size_t k : usable) {
            const auto values = summaries[k].subspan(t * replicas, replicas);
            series.ladder.x.push_back(ladder.values[k]);
            series.ladder.values.emplace_back(values.begin(), values.end());
            series.error.push_back(choose(*ladder.setups[k], targets[0].value).felt);
        }
        judge_target(targets[t], series, usable, t * rows, level, result);
    }
    const Cell& lim = result.at(limit, usable.front());
    const Cell& slope = result.at(exponent, usable.front());
    if (std::isnan(lim.measured))
        return note(result, "nothing to judge: replicas diverged, or states were not recorded");
    result.finding = "Cov Z/h has trace " + number(lim.measured) + " in the limit (S0: " + number(lim.bound) + ")";
    if (!std::isnan(slope.measured)) result.finding += ", approached like h^" + number(slope.measured);
    if (usable.size() < ladder.size())
        note(result, std::to_string(ladder.size() - usable.size()) +
                         " steps are left out: their chains have not forgotten the start at any checkpoint");
}

void SgdCovariance::judge_target(const Target& target, const Measured& series, const std::vector<std::size_t>& usable,
                                 std::size_t first_row, double level, ClaimResult& result) {
    const double replicas = double(series.ladder.values.front().size());
    for (std::size_t k = 0; k < usable.size(); ++k) {  // reported: the distance to S0 at a given h has no bound
        Cell& cell = result.at(first_row + by_step, usable[k]);
        const Interval limits = mean_interval(series.ladder.values[k], level);
        cell.measured = series.ladder.mean(k);
        cell.lower = limits.lower - series.error[k];
        cell.upper = limits.upper + series.error[k];
        cell.bound = target.value;
        cell.tightness = tightness(cell.measured, cell.bound);
    }
    const Extrapolation found = extrapolated_to_zero(series.ladder, level);
    double rem = found.remainder;
    const auto weights = extrapolation_weights({series.ladder.x[0], series.ladder.x[1], series.ladder.x[2]});
    for (std::size_t k = 0; k < 3; ++k) rem += std::abs(weights[k]) * series.error[k];
    Cell& cell = result.at(first_row + limit, usable.front());
    judge_equal(cell, found.limit.value, found.limit.limits, target.value, rem, target.value, replicas, result);
    judge_exponent(target, series, level, result.at(first_row + exponent, usable.front()), result);
}

// At least 1: a difference that vanishes faster is no contradiction.
void SgdCovariance::judge_exponent(const Target& target, const Measured& series, double level, Cell& cell,
                                   ClaimResult& result) {
    Measured difference = series;
    for (auto& point : difference.ladder.values)
        for (double& y : point) y -= target.value;
    claims::judge_exponent(cell, fitted_exponent_at_zero(difference, level), "Cov/h - S0, " + target.name + ",", 1,
                           Law::at_least, exponent_tol, double(series.ladder.values.front().size()), result);
}

}  // namespace

const SweepClaim& sgd_covariance() {
    static const SgdCovariance claim;
    return claim;
}

}  // namespace foldback
