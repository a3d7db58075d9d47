#include <algorithm>
#include <cmath>

#include "analysis/claims/descent.hpp"
#include "analysis/slope.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback {
namespace {

using namespace claims;

// A fitted exponent of the budget may miss -1/2 by this and still count as kept: sums over finite T are no power laws.
constexpr double exponent_tol = 0.05;

/// For each start: the inequality at every point's horizon, then the exponent of what is measured; last, of the budget.
enum Row { inequality, exponent, rows };

class PerturbationBudget final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "perturbation-budget",
            "eta ~ T^(-1/2): (1/T) sum_{t<T} E|grad l(w_t)|^2 <= 2 (l(w_0) - inf l)/(eta T) + (1/T) sum beta_t^2 + Ls eta "
            "(1/T) sum s_t^2, which is O(T^(-1/2)) if (1/T) sum beta_t^2 is and s_t^2 is bounded",
            "K26, theory.md", "those of descent-nonconvex; constant steps; for every step size its horizon is a checkpoint"};
        return text;
    }

    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }

    ClaimPlan plan(const Ladder& ladder) const override {
        for (std::size_t k = 0; k < ladder.size(); ++k)
            if (auto why = not_applicable_at(ladder, k); !why.empty()) return ClaimPlan::not_applicable(why);
        const Setup& setup = *ladder.setups.front();
        ClaimPlan plan;
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const std::string where = "mean |grad l|^2 up to the horizon T, " + start_label(setup, s);
            plan.cases.push_back(where);
            plan.cases.push_back("exponent in T of " + where);
        }
        plan.cases.push_back("exponent in T of (1/T) sum beta_t^2");
        plan.tests = setup.starts.size() * ladder.size();
        plan.needs = {Quantity::mean_square_gradient};
        if (!descent_of(setup).loss) plan.needs.push_back(Quantity::train_loss);
        plan.interval = "Hall's t; exponents, which are not judged: delta method";
        plan.rests_on = rests_on_descent(descent_of(setup), false);
        return plan;
    }

    std::size_t summary_size(const Setup& setup) const override {
        return setup.starts.size() * (1 + setup.steps.size() * std::size_t(setup.replicas));
    }
    std::string summary_text() const override {
        return "start, then: l(w_0); checkpoint, then replica: mean of |grad l|^2 over the states before it";
    }
    void summarise(const Evidence& evidence, std::span<double> summary) const override {
        const Setup& setup = evidence.setup();
        std::fill(summary.begin(), summary.end(), std::nan(""));
        if (!evidence.has(Quantity::mean_square_gradient, Order::forward)) return;
        auto to = summary.begin();
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            *to++ = first_loss(evidence, s).value_or(std::nan(""));
            for (std::size_t k = 0; k < setup.steps.size(); ++k) {
                const auto values = evidence.values({Quantity::mean_square_gradient, Order::forward, s, k});
                to = std::copy(values.begin(), values.end(), to);
            }
        }
    }

    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override {
        for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
        const Setup& setup = *ladder.setups.front();
        const std::size_t budget_row = setup.starts.size() * rows;
        report_budget(ladder, budget_row, result);
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            PairedLadder measured;
            for (std::size_t k = 0; k < ladder.size(); ++k) {
                judge(ladder, summaries[k], s, k, level, result.at(s * rows + inequality, k), result);
                measured.x.push_back(1.0 / horizon(ladder, k));
                measured.values.push_back(at_horizon(ladder, summaries[k], s, k));
            }
            report_exponent(measured, level, result.at(s * rows + exponent, 0));
        }
        result.finding = finding(ladder, result.at(exponent, 0), result.at(budget_row, 0));
    }

  private:
    /// T of a point: the smallest step's is the last checkpoint, and eta sqrt(T) is the same for all.
    static std::uint32_t horizon(const Ladder& ladder, std::size_t k) {
        const double ratio = ladder.values.front() / ladder.values[k];
        return std::uint32_t(std::max(1L, std::lround(ladder.setups.front()->steps.back() * ratio * ratio)));
    }

    static std::size_t checkpoint(const Ladder& ladder, std::size_t k) {
        const auto& steps = ladder.setups[k]->steps;
        return std::size_t(std::lower_bound(steps.begin(), steps.end(), horizon(ladder, k)) - steps.begin());
    }

    static std::string not_applicable_at(const Ladder& ladder, std::size_t k) {
        const Setup& setup = *ladder.setups[k];
        if (auto why = not_descending(setup); !why.empty()) return why;
        if (auto missing = missing_orders(setup, {Order::forward}); !missing.empty()) return missing;
        if (!knows_first_loss(setup)) return no_first_loss();
        const Descent& descent = descent_of(setup);
        for (std::uint32_t t = 2; t <= setup.steps.back(); ++t)
            if (descent.step(t) != descent.step(1)) return "eta changes along the run: needs a constant step";
        const std::size_t at = checkpoint(ladder, k);
        if (at < setup.steps.size() && setup.steps[at] == horizon(ladder, k)) return "";
        std::string all;
        for (std::size_t j = ladder.size(); j-- > 0;)
            all += (all.empty() ? "" : ", ") + std::to_string(horizon(ladder, j));
        return "model.step = " + number(ladder.values[k]) + " has its horizon at step " +
               std::to_string(horizon(ladder, k)) + ", which is no checkpoint: write ensemble.steps = { at = [0, " + all + "] }";
    }

    static std::span<const double> of_start(const Setup& setup, std::span<const double> summary, std::size_t s) {
        const std::size_t size = 1 + setup.steps.size() * std::size_t(setup.replicas);
        return summary.subspan(s * size, size);
    }

    static std::vector<double> at_horizon(const Ladder& ladder, std::span<const double> summary, std::size_t s, std::size_t k) {
        const Setup& setup = *ladder.setups[k];
        const std::size_t replicas = std::size_t(setup.replicas);
        const auto values = of_start(setup, summary, s).subspan(1 + checkpoint(ladder, k) * replicas, replicas);
        return {values.begin(), values.end()};
    }

    static void judge(const Ladder& ladder, std::span<const double> summary, std::size_t s, std::size_t k, double level,
                      Cell& cell, ClaimResult& result) {
        const Setup& setup = *ladder.setups[k];
        const auto values = at_horizon(ladder, summary, s, k);
        const double first = of_start(setup, summary, s)[0], T = horizon(ladder, k);
        const Descent& descent = descent_of(setup);
        const Losses losses = losses_at(descent, {horizon(ladder, k)}).front();
        const double scale = T * losses.least_step;
        const double bound = (2 * (first - descent.infimum.value) + losses.bias + losses.noise) / scale;
        const double slack = 2 * loss_rounding(descent, first) / scale + (T + resolution) * 0x1p-52 * bound;
        if (!finite(values))
            note(result, "model.step = " + number(ladder.values[k]) + ": replicas diverged, or mean_square_gradient was not recorded");
        judge_at_most(cell, foldback::moments(values).mean, mean_interval(values, level), bound, slack,
                      double(values.size()), result);
    }

    /// Points descend in T: x = 1/T ascends, and its exponent is that of T, negated.
    static void report_exponent(const PairedLadder& measured, double level, Cell& cell) {
        const Estimate found = fitted_exponent(measured, PowerLaw::pure, level);
        cell.measured = -found.value;
        cell.lower = -found.limits.upper;
        cell.upper = -found.limits.lower;
        cell.bound = -0.5;
    }

    /// The slope of log (1/T) sum beta_t^2 against log T between the two largest horizons: sums approach power laws.
    static void report_budget(const Ladder& ladder, std::size_t row, ClaimResult& result) {
        const auto mean_square_bias = [&](std::size_t k) {
            const Losses losses = losses_at(descent_of(*ladder.setups[k]), {horizon(ladder, k)}).front();
            return losses.bias / (losses.least_step * horizon(ladder, k));
        };
        Cell& cell = result.at(row, 0);
        const double longest = mean_square_bias(0), next = mean_square_bias(1);
        cell.measured = longest == 0 ? -infinity
                                     : std::log(longest / next) / std::log(double(horizon(ladder, 0)) / horizon(ladder, 1));
        cell.lower = cell.upper = cell.measured;
        cell.bound = -0.5;
    }

    static std::string finding(const Ladder& ladder, const Cell& measured, const Cell& budget) {
        const std::string largest = "T = " + std::to_string(horizon(ladder, 0));
        std::string text = "mean |grad l|^2 has no resolved exponent up to " + largest + "; ";
        if (std::isfinite(measured.upper - measured.lower))
            text = "mean |grad l|^2 ~ T^" + number(measured.measured) + " [" + number(measured.lower) + ", " +
                   number(measured.upper) + "] up to " + largest + "; ";
        if (budget.measured == -infinity) return text + "no bias: the budget O(T^-0.5) is kept";
        return text + "(1/T) sum beta_t^2 ~ T^" + number(budget.measured) + " there: the budget O(T^-0.5) is " +
               (budget.measured <= budget.bound + exponent_tol ? "kept" : "exceeded");
    }
};

}  // namespace

const SweepClaim& perturbation_budget() {
    static const PerturbationBudget claim;
    return claim;
}

}  // namespace foldback
