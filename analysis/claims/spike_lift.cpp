#include <algorithm>
#include <cmath>

#include "analysis/claims/descent.hpp"

namespace foldback {
namespace {

using namespace claims;

/// By the PL inequality, or by the gradient itself.
struct Case {
    std::size_t start;
    bool pl;
};

/// What the bound of one step needs, by replica.
struct Step {
    std::vector<double> before, after, deviation_square, deviation_rounding;
    double weights = 0;  ///< |w_t| of all replicas, at most
};

class SpikeLift final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "spike-lift",
            "g~ = grad l + Delta, on every path: l(w_{t+1}) - inf l <= l(w_t) - inf l - (eta/2)|grad l(w_t)|^2 + (eta/2)|Delta_t|^2, "
            "and with the PL inequality l(w_{t+1}) - l* <= (1 - eta mu) (l(w_t) - l*) + (eta/2)|Delta_t|^2",
            "K26, theory.md",
            "l Ls-smooth, eta <= 1/Ls, full-batch steps; two checkpoints that are neighbouring steps; the order forward"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_descending(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (!descent_of(setup).full_batch)
            return ClaimPlan::not_applicable(
                "a step sees a part of the training rows: what the passes show is not the deviation from grad l; needs full batches");
        if (auto missing = missing_orders(setup, {Order::forward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (!setup.can_record(Quantity::gradient_error)) return ClaimPlan::not_applicable("the model shows no perturbed passes");
        if (!has_neighbours(setup))
            return ClaimPlan::not_applicable("no two checkpoints are neighbouring steps: write ensemble.steps = { at = [99, 100, 101] }");
        std::vector<std::string> names;
        for (const Case& c : cases_of(setup))
            names.push_back(std::string(c.pl ? "by the excess loss, " : "by the gradient, ") + start_label(setup, c.start));
        ClaimPlan plan = plan_over_steps(setup, names,
                                         {Quantity::train_loss, Quantity::gradient_norm, Quantity::gradient_error,
                                          Quantity::gradient_rounding},
                                         "on every path");
        plan.rests_on = rests_on_descent(descent_of(setup), not_pl(setup).empty());
        return plan;
    }

    void evaluate(const Evidence& evidence, double, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        for (Quantity q : result.plan.needs)
            if (!recorded(evidence, q, Order::forward, result)) return;
        const auto cases = cases_of(setup);
        PathTally tally;
        for (std::size_t k = 0; k + 1 < setup.steps.size(); ++k) {
            if (setup.steps[k] + 1 != setup.steps[k + 1]) continue;
            for (std::size_t i = 0; i < cases.size(); ++i) {
                const PathCheck check = check_step(evidence, cases[i], k);
                check.into(result.at(i, k + 1));
                tally.add(check, step_label(setup, k + 1));
            }
        }
        tally.note_into(result);
        result.finding = finding(setup, cases, result);
    }

  private:
    static bool has_neighbours(const Setup& setup) {
        for (std::size_t k = 0; k + 1 < setup.steps.size(); ++k)
            if (setup.steps[k] + 1 == setup.steps[k + 1]) return true;
        return false;
    }

    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            if (not_pl(setup).empty()) cases.push_back({s, true});
            cases.push_back({s, false});
        }
        return cases;
    }

    /// What is shown at checkpoint k of the next step is what the path takes from there.
    static Step step_of(const Evidence& evidence, std::size_t start, std::size_t k) {
        const Setup& setup = evidence.setup();
        Step step;
        step.before = evidence.values({Quantity::train_loss, Order::forward, start, k});
        step.after = evidence.values({Quantity::train_loss, Order::forward, start, k + 1});
        for (auto* sum : {&step.deviation_square, &step.deviation_rounding}) sum->resize(step.before.size());
        for (std::size_t n = 0; n < setup.truth.composite->operators.size(); ++n) {
            const auto error = evidence.values({Quantity::gradient_error, Order::forward, start, k, n});
            const auto rounding = evidence.values({Quantity::gradient_rounding, Order::forward, start, k, n});
            for (std::size_t r = 0; r < error.size(); ++r) {
                step.deviation_square[r] += error[r] * error[r];
                step.deviation_rounding[r] += rounding[r];
            }
        }
        for (std::size_t i = 0; i < std::size_t(setup.dimension); ++i) {
            const SampleMoments w = evidence.moments(Order::forward, start, k, i);
            step.weights = std::hypot(step.weights, std::max(-w.min, w.max));
        }
        return step;
    }

    static PathCheck check_step(const Evidence& evidence, const Case& c, std::size_t k) {
        const Setup& setup = evidence.setup();
        const Descent& descent = descent_of(setup);
        const double eta = descent.step(setup.steps[k + 1]), infimum = descent.infimum.value;
        const Step step = step_of(evidence, c.start, k);
        const auto gradient = evidence.values({Quantity::gradient_norm, Order::forward, c.start, k});
        PathCheck check;
        for (std::size_t r = 0; r < step.before.size(); ++r) {
            const double excess = step.before[r] - infimum, lift = eta / 2 * step.deviation_square[r];
            const double kept = c.pl ? (1 - eta * descent.pl->value) * excess : excess - eta / 2 * gradient[r] * gradient[r];
            check.add(r, step.after[r] - infimum, kept + lift, rounding(setup, step, gradient[r], r, eta));
        }
        return check;
    }

    /// The rounding of a step is a Delta, too: of the two gradients, and of w - eta g~ as eps |w|/eta; (eta/2)(|Delta| +
    /// rho)^2 is what they come to. The two losses: 1e3 roundings of their own size and of Ls |w|^2, that of the terms
    /// that add up to them, more in many dimensions.
    static double rounding(const Setup& setup, const Step& step, double gradient, std::size_t r, double eta) {
        const double eps = 0x1p-52, ls = descent_of(setup).smoothness.value;
        const double delta = std::sqrt(step.deviation_square[r]), w = step.weights;
        const double rho = 2 * step.deviation_rounding[r] + resolution * eps * (w / eta + gradient + delta);
        const double moved = w + eta * (gradient + delta);
        return eta * (delta + gradient + rho) * rho + loss_rounding(descent_of(setup), step.before[r]) +
               loss_rounding(descent_of(setup), step.after[r]) +
               (resolution + setup.dimension) * eps * ls * (w * w + moved * moved);
    }

    static std::string finding(const Setup& setup, const std::vector<Case>& cases, const ClaimResult& result) {
        const Cell* nearest = nullptr;
        std::size_t at = 0;
        for (std::size_t i = 0; i < cases.size(); ++i)
            for (std::size_t k = 1; k < setup.steps.size(); ++k)
                if (const Cell& cell = result.at(i, k); cell.tightness > (nearest ? nearest->tightness : 0)) {
                    nearest = &cell;
                    at = k;
                }
        if (!nearest) return "";
        return "nearest to its bound at " + step_label(setup, at) + ": " + number(nearest->tightness) + " of " +
               number(nearest->bound);
    }
};

}  // namespace

const Claim& spike_lift() {
    static const SpikeLift claim;
    return claim;
}

}  // namespace foldback
