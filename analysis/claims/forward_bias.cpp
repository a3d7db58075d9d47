#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/claims/coordinates.hpp"
#include "analysis/claims/exponents.hpp"
#include "analysis/claims/pass_ladder.hpp"

namespace foldback {
namespace {

using namespace claims;

constexpr double bias_tol = 0.01;  // of (E|g~ - g|^2)^(1/2): where the bias is 0
constexpr double exponent_tol = 0.2;
// Errors this far above rounding say something.
constexpr double smallest_error = 1e3;

// The same rows for every start.
enum Row { bias, bias_exponent, error, error_exponent, rows };

bool all_linear(const Setup& setup) {
    const auto& operators = setup.truth.composite->operators;
    return std::all_of(operators.begin(), operators.end(), [](const auto& one) { return one.linear; });
}

// An exponent in x^2, as one in x; mean squares as their roots.
Exponent times(Exponent exponent, double factor) {
    exponent.found.value *= factor;
    exponent.found.limits.lower *= factor;
    exponent.found.limits.upper *= factor;
    exponent.remainder *= factor;
    return exponent;
}

class ForwardBias final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "forward-bias",
            "|E g~ - g| = O(s^2) and (E|g~ - g|^2)^(1/2) = O(s) in the amplitude s of forward noise; no bias at all of "
            "linear operators with a linear readout",
            "K26",
            "a chain of operators with Lipschitz derivatives; perturbations with zero mean and symmetric laws, "
            "independent "
            "of data, weights and each other"};
        return info;
    }

    SweptKey swept() const override { return {{"model.loss.amplitude"}, "amplitude"}; }
    ClaimPlan plan(const Ladder& ladder) const override;
    std::size_t summary_size(const Setup& setup) const override { return pass_summary_size(setup); }
    std::string summary_text() const override { return pass_summary_text(); }
    void summarise(const Evidence& evidence, std::span<double> summary) const override {
        summarise_passes(evidence, summary);
    }
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override;

  private:
    static void judge_bias(const PassLadder& passes, std::size_t first_row, double replicas, double level,
                           ClaimResult& result);
    static void judge_no_bias(const PassLadder& passes, std::size_t first_row, double replicas, double level,
                              ClaimResult& result);
    static void judge_errors(const PassLadder& passes, std::size_t first_row, double replicas, double level,
                             ClaimResult& result);
};

ClaimPlan ForwardBias::plan(const Ladder& ladder) const {
    for (const Setup* setup : ladder.setups)
        if (const auto why = no_pass_ladder(*setup); !why.empty()) return ClaimPlan::not_applicable(why);
    if (!(ladder.values.front() > 0))
        return ClaimPlan::not_applicable("the amplitude " + number(ladder.values.front()) +
                                         " has no logarithm: needs > 0");
    const Setup& setup = *ladder.setups.front();
    const bool linear = all_linear(setup);
    ClaimPlan plan;
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        const std::string where = ", " + start_label(setup, s);
        plan.cases.push_back((linear ? "E g~ - g, worst coordinate" : "E g~ - g, along its direction") + where);
        plan.cases.push_back("exponent of E g~ - g" + where);
        plan.cases.push_back("(E|g~ - g|^2)^(1/2)" + where);
        plan.cases.push_back("exponent of (E|g~ - g|^2)^(1/2)" + where);
    }
    plan.tests = setup.starts.size() * (linear ? 1 + ladder.size() * std::size_t(setup.dimension) : 2);
    plan.tol = bias_tol;
    plan.needs = {Quantity::antithetic_deviation, Quantity::gradient_error, Quantity::gradient_rounding};
    plan.interval = "Hall's t of batch means, antithetic pairs; exponents: delta method";
    plan.scale = "(E|g~ - g|^2)^(1/2)";
    return plan;
}

void ForwardBias::evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                           ClaimResult& result) const {
    for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
    const Setup& setup = *ladder.setups.front();
    const double replicas = double(setup.replicas);
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        const PassLadder passes(ladder, summaries, s);
        if (!passes.finite()) {
            result.at(s * rows + bias, 0).verdict = Verdict::unresolved;
            note(result, start_label(setup, s) +
                             ": antithetic_deviation or gradient_error was not recorded, or passes diverged");
            continue;
        }
        judge_errors(passes, s * rows, replicas, level, result);
        if (all_linear(setup))
            judge_no_bias(passes, s * rows, replicas, level, result);
        else
            judge_bias(passes, s * rows, replicas, level, result);
    }
}

void ForwardBias::judge_errors(const PassLadder& passes, std::size_t first_row, double replicas, double level,
                               ClaimResult& result) {
    const Measured squares = passes.error_squares();
    for (std::size_t k = 0; k < squares.size(); ++k) {
        Cell& cell = result.at(first_row + error, k);
        const Interval limits = root(mean_interval(squares.ladder.values[k], level), 2);
        cell.measured = std::sqrt(squares.ladder.mean(k));
        cell.lower = limits.lower;
        cell.upper = limits.upper;
    }
    const Exponent found = fitted_exponent_at_zero(squares, level);
    const std::size_t at = first_row + error_exponent;
    judge_exponent(result.at(at, std::min(found.first, squares.size() - 1)), found,
                   result.plan.cases[first_row + error], 1, Law::at_least, exponent_tol, replicas, result);
    if (found.there() && result.finding.empty()) result.finding = "the error grows like s^" + number(found.found.value);
}

void ForwardBias::judge_bias(const PassLadder& passes, std::size_t first_row, double replicas, double level,
                             ClaimResult& result) {
    const Measured along = passes.bias_along_its_direction();
    for (std::size_t k = 0; k < along.size(); ++k) {
        Cell& cell = result.at(first_row + bias, k);
        const Interval limits = mean_interval(along.ladder.values[k], level);
        cell.measured = along.ladder.mean(k);
        cell.lower = limits.lower - along.error[k];
        cell.upper = limits.upper + along.error[k];
    }
    const Exponent found = times(fitted_exponent_at_zero(along, level), 2);
    const std::size_t at = first_row + bias_exponent;
    judge_exponent(result.at(at, std::min(found.first, along.size() - 1)), found, result.plan.cases[first_row + bias],
                   2, Law::at_least, exponent_tol, replicas, result);
    if (first_row > 0 || !found.there()) return;
    const double largest = result.at(bias, along.size() - 1).measured / result.at(error, along.size() - 1).measured;
    result.finding += std::string(result.finding.empty() ? "" : ", ") + "its bias like s^" + number(found.found.value) +
                      ", " + number(100 * largest) + " % of it at the largest amplitude";
}

void ForwardBias::judge_no_bias(const PassLadder& passes, std::size_t first_row, double replicas, double level,
                                ClaimResult& result) {
    for (std::size_t k = 0; k < passes.size(); ++k) {
        Cell& cell = result.at(first_row + bias, k);
        const auto coordinates = passes.coordinates(k);
        const std::vector<double> rem(coordinates.size(), passes.rounding(k));
        const double rms = result.at(first_row + error, k).measured;
        const std::size_t worst = judge_all_zero(cell, coordinates, rem, rms, level, replicas, result);
        if (!(rms > smallest_error * passes.rounding(k))) cell.verdict = Verdict::unresolved;
        if (cell.verdict == Verdict::violated)
            note(result,
                 "E g~ is not g at weight " + std::to_string(worst) + ", amplitude " + number(passes.amplitude(k)));
    }
    const Cell& largest = result.at(bias, passes.size() - 1);
    if (first_row == 0)
        result.finding += std::string(result.finding.empty() ? "" : ", ") + "no bias is seen: E g~ - g within " +
                          number(std::max(largest.upper, -largest.lower)) + " at the largest amplitude";
}

}  // namespace

const SweepClaim& forward_bias() {
    static const ForwardBias claim;
    return claim;
}

}  // namespace foldback
