#include "sim/eigen.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/claims/common.hpp"
#include "analysis/claims/exponents.hpp"
#include "analysis/claims/sgd_chain.hpp"
#include "analysis/control_variate.hpp"
#include "analysis/extrapolation.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback {
namespace {

using namespace claims;

// The window of the path mean begins where the start can still be felt by this much of the bias at most.
constexpr double most_felt = 1e-4;
constexpr double exponent_tol = 0.2;

/// -(1/2) H^(-1) T[S0], the bias over h: its norm, and its direction.
struct Predicted {
    double size = 0;
    std::vector<double> direction;
};

Predicted predicted_bias(const SgdTruth& sgd) {
    const auto d = Eigen::Index(sgd.optimum.size());
    const auto third = sgd.third(sgd.optimum, covariance_rate(sgd));
    const Eigen::Map<const Eigen::MatrixXd> hessian(sgd.hessian.data(), d, d);
    const Eigen::VectorXd bias = -0.5 * hessian.ldlt().solve(Eigen::Map<const Eigen::VectorXd>(third.data(), d));
    Predicted predicted{bias.norm(), {bias.begin(), bias.end()}};
    for (double& x : predicted.direction) x /= predicted.size;
    return predicted;
}

/// From which start, and between which checkpoints, the path mean is taken.
struct Window {
    std::size_t start = 0, first = 0, last = 0;
    double felt = 0;  ///< bound for what is left of the start in the mean over the window
    bool there = false;
};

// |E X_n - E Z| <= |X_n - Z_n|_2, which falls with n; the linear twin contracts by its own mean, at least as fast.
Window window_of(const Setup& setup, const Predicted& predicted) {
    Window window;
    for (std::size_t s = 1; s < setup.starts.size(); ++s)
        if (distance_to_stationary(setup, s, 0) < distance_to_stationary(setup, window.start, 0)) window.start = s;
    window.last = setup.last();
    const double allowed = most_felt * setup.truth.sgd->step * predicted.size;
    for (window.first = 0; window.first < window.last; ++window.first) {
        const double left = distance_to_stationary(setup, window.start, setup.steps[window.first]);
        // Twice: the chain and its twin.
        window.felt = 2 * left;
        if (window.there = window.felt <= allowed; window.there) break;
    }
    return window;
}

std::vector<std::size_t> usable_points(const Ladder& ladder, const Predicted& predicted) {
    std::vector<std::size_t> usable;
    for (std::size_t k = 0; k < ladder.size(); ++k)
        if (window_of(*ladder.setups[k], predicted).there) usable.push_back(k);
    return usable;
}

// The mean of the states first + 1, ..., last in the direction of the bias, from th*: one number a replica.
std::vector<double> window_means(const Evidence& evidence, Quantity path_mean, const Window& window,
                                 const Predicted& predicted) {
    const Setup& setup = evidence.setup();
    const double n1 = setup.steps[window.first], n2 = setup.steps[window.last];
    std::vector<double> along(std::size_t(setup.replicas));
    for (std::size_t i = 0; i < std::size_t(setup.dimension); ++i) {
        const auto of = [&](std::size_t checkpoint) {
            return evidence.values({path_mean, Order::forward, window.start, checkpoint, i});
        };
        const auto early = of(window.first), late = of(window.last);
        for (std::size_t r = 0; r < along.size(); ++r)
            along[r] +=
                predicted.direction[i] * ((n2 * late[r] - n1 * early[r]) / (n2 - n1) - setup.truth.sgd->optimum[i]);
    }
    return along;
}

/// Pairs of points h and 2 h, and 2 E Z_h - E Z_{2h} at the smaller ones.
Measured richardson(const Measured& bias) {
    Measured extrapolated;
    for (std::size_t k = 0; k < bias.size(); ++k)
        for (std::size_t j = k + 1; j < bias.size(); ++j) {
            if (std::abs(bias.ladder.x[j] / bias.ladder.x[k] - 2) > 1e-6) continue;
            std::vector<double> values = bias.ladder.values[k];
            for (std::size_t r = 0; r < values.size(); ++r) values[r] = 2 * values[r] - bias.ladder.values[j][r];
            extrapolated.ladder.x.push_back(bias.ladder.x[k]);
            extrapolated.ladder.values.push_back(std::move(values));
            extrapolated.error.push_back(2 * bias.error[k] + bias.error[j]);
        }
    return extrapolated;
}

enum Row { by_step, coefficient, exponent, extrapolated_by_step, extrapolated_exponent };

class SgdBias final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "sgd-bias",
            "E Z - th* = -(h/2) H^-1 T[S0] + O(h^2), T the third derivative at th*; 2 E Z_h - E Z_2h = th* + O(h^2)",
            "DDB20",
            "SGD with independent batches; every l_xi convex and L-smooth, l strongly convex, h < 2/L; l four times "
            "differentiable at th*, T[S0] not 0"};
        return info;
    }

    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }

    ClaimPlan plan(const Ladder& ladder) const override;

    std::size_t summary_size(const Setup& setup) const override { return std::size_t(setup.replicas); }
    std::string summary_text() const override {
        return "replica: path mean less th* in the direction of the predicted bias, with the linear twin for control";
    }

    void summarise(const Evidence& evidence, std::span<double> summary) const override;
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override;

  private:
    static void judge_coefficient(const Measured& bias, const Predicted& predicted, double level, Cell& cell,
                                  ClaimResult& result);
};

std::string not_applicable_because(const Setup& setup) {
    if (const auto failed = no_stationary_law(setup); !failed.empty()) return failed;
    if (const auto failed = missing_orders(setup, {Order::forward}); !failed.empty()) return failed;
    const SgdTruth& sgd = *setup.truth.sgd;
    if (sgd.quadratic) return "the loss is quadratic: the bias is 0 at every step size";
    if (!sgd.third) return "the loss does not know its third derivative";
    if (!(predicted_bias(sgd).size > 0)) return "T[S0] = 0: the bias vanishes at order h";
    return "";
}

ClaimPlan SgdBias::plan(const Ladder& ladder) const {
    for (const Setup* setup : ladder.setups)
        if (const auto failed = not_applicable_because(*setup); !failed.empty())
            return ClaimPlan::not_applicable(failed);
    const Setup& smallest = *ladder.setups.front();
    const SgdTruth& sgd = *smallest.truth.sgd;
    const std::size_t usable = usable_points(ladder, predicted_bias(sgd)).size();
    if (usable < 3)
        return ClaimPlan::not_applicable(
            "only " + std::to_string(usable) + " of " + std::to_string(ladder.size()) +
            " steps have two checkpoints after the chain has forgotten its start: needs 3 (last checkpoint: " +
            std::to_string(smallest.steps.back()) + ")");
    ClaimPlan plan;
    plan.cases = {"E Z - th*, along the predicted bias", "limit of (E Z - th*)/h at h = 0",
                  "exponent of E Z - th* in h", "2 E Z_h - E Z_2h - th*", "exponent of 2 E Z_h - E Z_2h - th* in h"};
    plan.tests = 3;
    plan.needs = {Quantity::path_mean};
    if (smallest.can_record(Quantity::control_path_mean)) plan.needs.push_back(Quantity::control_path_mean);
    plan.interval = "Hall's t of one number a replica, controlled by the linear twin; exponents: delta method";
    plan.scale = "|H^-1 T[S0]|/2";
    plan.rests_on = {rests_on("mu", *sgd.strong_convexity), rests_on("L", *sgd.smoothness),
                     "H, T and S0 at th* (th* within " + number(sgd.optimum_error) + ")"};
    return plan;
}

void SgdBias::summarise(const Evidence& evidence, std::span<double> summary) const {
    std::fill(summary.begin(), summary.end(), std::numeric_limits<double>::quiet_NaN());
    const Setup& setup = evidence.setup();
    const Predicted predicted = predicted_bias(*setup.truth.sgd);
    const Window window = window_of(setup, predicted);
    if (!window.there || !evidence.has(Quantity::path_mean, Order::forward)) return;
    std::vector<double> values = window_means(evidence, Quantity::path_mean, window, predicted);
    if (evidence.has(Quantity::control_path_mean, Order::forward)) {
        const auto control = window_means(evidence, Quantity::control_path_mean, window, predicted);
        if (finite(values) && finite(control)) values = with_fitted_control(values, control, 0).values;
    }
    std::copy(values.begin(), values.end(), summary.begin());
}

void report(const Measured& y, std::size_t row, const std::vector<std::size_t>& columns, double level,
            ClaimResult& result) {
    for (std::size_t k = 0; k < y.size(); ++k) {
        Cell& cell = result.at(row, columns[k]);
        const Interval limits = mean_interval(y.ladder.values[k], level);
        cell.measured = y.ladder.mean(k);
        cell.lower = limits.lower - y.error[k];
        cell.upper = limits.upper + y.error[k];
    }
}

// The column of every x, all of which are values of the ladder.
std::vector<std::size_t> columns_of(const std::vector<double>& x, const Ladder& ladder) {
    std::vector<std::size_t> columns;
    for (double h : x)
        columns.push_back(
            std::size_t(std::find(ladder.values.begin(), ladder.values.end(), h) - ladder.values.begin()));
    return columns;
}

void SgdBias::evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                       ClaimResult& result) const {
    const SgdTruth& sgd = *ladder.setups.front()->truth.sgd;
    const Predicted predicted = predicted_bias(sgd);
    for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
    Measured bias;
    const auto usable = usable_points(ladder, predicted);
    for (std::size_t k : usable) {
        bias.ladder.x.push_back(ladder.values[k]);
        bias.ladder.values.emplace_back(summaries[k].begin(), summaries[k].end());
        bias.error.push_back(window_of(*ladder.setups[k], predicted).felt + sgd.optimum_error);
    }
    const double replicas = double(summaries[usable.front()].size());
    report(bias, by_step, usable, level, result);
    for (std::size_t k : usable) {
        result.at(by_step, k).bound = ladder.values[k] * predicted.size;
        result.at(by_step, k).tightness = tightness(result.at(by_step, k).measured, result.at(by_step, k).bound);
    }
    Cell& leading = result.at(coefficient, usable.front());
    judge_coefficient(bias, predicted, level, leading, result);
    if (std::isnan(leading.measured))
        return note(result, "nothing to judge: replicas diverged, or path_mean was not recorded");
    const Exponent before = fitted_exponent_at_zero(bias, level);
    judge_exponent(result.at(exponent, usable.front()), before, "E Z - th*", 1, Law::equal, exponent_tol, replicas,
                   result);
    const Measured extrapolated = richardson(bias);
    const auto columns = columns_of(extrapolated.ladder.x, ladder);
    report(extrapolated, extrapolated_by_step, columns, level, result);
    const Exponent after = fitted_exponent_at_zero(extrapolated, level);
    judge_exponent(result.at(extrapolated_exponent, usable.front()), after, "2 E Z_h - E Z_2h - th*", 2, Law::at_least,
                   exponent_tol, replicas, result);
    result.finding = "bias/h tends to " + number(leading.measured) + " (theory: " + number(predicted.size) + ")";
    if (before.there()) result.finding += ", bias ~ h^" + number(before.found.value);
    if (after.there()) result.finding += ", after Richardson-Romberg h^" + number(after.found.value);
    if (usable.size() < ladder.size())
        note(result, std::to_string(ladder.size() - usable.size()) +
                         " steps are left out: their chains have not forgotten the start before the last checkpoint");
}

void SgdBias::judge_coefficient(const Measured& bias, const Predicted& predicted, double level, Cell& cell,
                                ClaimResult& result) {
    Measured rate = bias;
    for (std::size_t k = 0; k < rate.size(); ++k) {
        for (double& y : rate.ladder.values[k]) y /= rate.ladder.x[k];
        rate.error[k] /= rate.ladder.x[k];
    }
    const Extrapolation found = extrapolated_to_zero(rate.ladder, level);
    double rem = found.remainder;
    const auto weights = extrapolation_weights({rate.ladder.x[0], rate.ladder.x[1], rate.ladder.x[2]});
    for (std::size_t k = 0; k < 3; ++k) rem += std::abs(weights[k]) * rate.error[k];
    judge_equal(cell, found.limit.value, found.limit.limits, predicted.size, rem, predicted.size,
                double(rate.ladder.values.front().size()), result);
}

}  // namespace

const SweepClaim& sgd_bias() {
    static const SgdBias claim;
    return claim;
}

}  // namespace foldback
