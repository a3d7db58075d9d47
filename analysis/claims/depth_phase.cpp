#include <cmath>
#include <limits>

#include "analysis/claims/passes.hpp"
#include "analysis/special.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback {
namespace {

using namespace claims;

// The rows of the table: what was measured from the chain, and what the scalar model of spike-phase makes of it.
enum Row { error, curvature, growth, rows };

/// E log|a|, a = 1 - eta lam (1 + delta xi).
double log_factor(double eta_lambda, double delta) { return special::mean_log_normal(1 - eta_lambda, std::abs(eta_lambda * delta)); }

/// Where the series first rises through 0, the key interpolated linearly; NaN if it does not.
double first_crossing(const std::vector<double>& depth, const std::vector<double>& series) {
    for (std::size_t k = 0; k < series.size(); ++k) {
        if (!(series[k] > 0)) continue;
        if (k == 0) return depth[0];
        return depth[k - 1] + (depth[k] - depth[k - 1]) * -series[k - 1] / (series[k] - series[k - 1]);
    }
    return std::numeric_limits<double>::quiet_NaN();
}

class DepthPhase final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "depth-phase",
            "exploratory: delta_N, the root mean square relative gradient error, and lam_N, the top curvature, of a chain of N "
            "operators; N* is the first depth at which a = 1 - eta lam_N (1 + delta_N xi) has E log|a| > 0",
            "theory.md", "a chain whose depth is swept, perturbed; nothing is a theorem, and nothing is judged"};
        return text;
    }
    SweptKey swept() const override { return {{"model.loss.depth"}, "depth"}; }
    ClaimPlan plan(const Ladder& ladder) const override {
        for (const Setup* setup : ladder.setups) {
            if (auto why = no_passes(*setup, Quantity::gradient_relative_error); !why.empty()) return ClaimPlan::not_applicable(why);
            const CompositeTruth& truth = *setup->truth.composite;
            if (!truth.forward.perturbed && !truth.backward.perturbed) return ClaimPlan::not_applicable("no pass is perturbed");
            if (!truth.curvature) return ClaimPlan::not_applicable("the chain does not know its curvature");
            if (!(truth.step > 0)) return ClaimPlan::not_applicable("the step is 0: there is no eta lam");
            if (auto why = no_checkpoint_at_start(*setup); !why.empty()) return ClaimPlan::not_applicable(why);
        }
        ClaimPlan plan;
        plan.needs = {Quantity::gradient_relative_error};
        plan.cases = {"delta, relative error of the gradient", "lam, top curvature at the start", "E log|1 - eta lam (1 + delta xi)|"};
        plan.interval = "none: reported, not judged";
        plan.rests_on = {"lam by power iteration (estimated)"};
        return plan;
    }
    std::size_t summary_size(const Setup&) const override { return 1; }
    std::string summary_text() const override { return "mean square of the relative gradient error at the first start"; }
    void summarise(const Evidence& evidence, std::span<double> summary) const override {
        const Setup& setup = evidence.setup();
        summary[0] = std::numeric_limits<double>::quiet_NaN();
        const Order order = pass_orders(setup).front();
        if (!evidence.has(Quantity::gradient_relative_error, order)) return;
        const std::size_t c = checkpoints_at_start(setup).front();
        double sum = 0;
        const std::vector<double> errors = evidence.values({Quantity::gradient_relative_error, order, 0, c});
        for (double e : errors) sum += e * e;
        summary[0] = sum / double(errors.size());
    }
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double, ClaimResult& result) const override {
        std::vector<double> rise;
        for (std::size_t k = 0; k < ladder.size(); ++k) {
            const Setup& setup = *ladder.setups[k];
            const CompositeTruth& truth = *setup.truth.composite;
            const double delta = std::sqrt(summaries[k][0]), lambda = truth.curvature(setup.starts[0]);
            rise.push_back(log_factor(truth.step * lambda, delta));
            const double values[rows] = {delta, lambda, rise.back()};
            for (std::size_t row = 0; row < rows; ++row) result.at(row, k).measured = values[row];
        }
        note(result, "exploratory: the scalar model of spike-phase is put in the chain's place, and nothing is judged");
        const double depth = first_crossing(ladder.values, rise);
        result.finding = "E log|a| goes from " + number(rise.front()) + " at depth " + number(ladder.values.front()) + " to " +
                         number(rise.back()) + " at depth " + number(ladder.values.back()) +
                         (std::isnan(depth) ? ": it stays below 0 at all of them" : ": above 0 from N* = " + number(depth) + " on");
    }
};

}  // namespace

const SweepClaim& depth_phase() {
    static const DepthPhase claim;
    return claim;
}

}  // namespace foldback
