#include <cmath>

#include "analysis/claims/descent.hpp"

namespace foldback {
namespace {

using namespace claims;

class DescentNonconvex final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "descent-nonconvex",
            "(1/T) sum_{t<T} E|grad l(w_t)|^2 <= 2 (l(w_0) - inf l)/(eta T) + (1/T) sum beta_t^2 + Ls eta (1/T) sum s_t^2",
            "K26, theory.md",
            "g~_t = grad l + b_t + n_t with |b_t| <= beta_t and E_t|n_t|^2 <= s_t^2, l Ls-smooth, eta <= 1/Ls, independent "
            "batches; the order forward"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_descending(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (auto missing = missing_orders(setup, {Order::forward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (!knows_first_loss(setup)) return ClaimPlan::not_applicable(no_first_loss());
        std::vector<std::string> cases;
        for (std::size_t s = 0; s < setup.starts.size(); ++s) cases.push_back("forward, " + start_label(setup, s));
        std::vector<Quantity> needs{Quantity::mean_square_gradient};
        if (!descent_of(setup).loss) needs.push_back(Quantity::train_loss);
        ClaimPlan plan = plan_over_steps(setup, cases, needs, "Hall's t");
        for (std::uint32_t n : setup.steps) plan.tests += n > 0 ? cases.size() : 0;
        plan.rests_on = rests_on_descent(descent_of(setup), false);
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const auto losses = losses_at(descent_of(setup), setup.steps);
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const auto first = first_loss(evidence, s);
            if (!first) {
                note(result, no_first_loss());
                continue;
            }
            if (!recorded(evidence, Quantity::mean_square_gradient, Order::forward, result) ||
                !all_finite(evidence, Order::forward, s, result))
                continue;
            for (std::size_t k = 0; k < setup.steps.size(); ++k)
                if (setup.steps[k] > 0) judge(evidence, s, k, *first, losses[k], level, result);
            if (s == 0) result.finding = finding(setup, *first, losses.back(), result);
        }
    }

  private:
    static double from_start(const Setup& setup, double first, const Losses& losses, std::uint32_t n) {
        return 2 * (first - descent_of(setup).infimum.value) / (n * losses.least_step);
    }

    static void judge(const Evidence& evidence, std::size_t s, std::size_t k, double first, const Losses& losses,
                      double level, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const std::uint32_t n = setup.steps[k];
        const SampleMoments m = foldback::moments(evidence.values({Quantity::mean_square_gradient, Order::forward, s, k}));
        const double bound = from_start(setup, first, losses, n) + (losses.bias + losses.noise) / (n * losses.least_step);
        // Of the loss at the start, and of the sum of n squares.
        const double slack = 2 * loss_rounding(descent_of(setup), first) / (n * losses.least_step) +
                             (n + resolution) * 0x1p-52 * bound;
        judge_at_most(result.at(s, k), m.mean, mean_interval(m, level), bound, slack, double(m.count), result);
    }

    static std::string finding(const Setup& setup, double first, const Losses& losses, const ClaimResult& result) {
        const std::uint32_t n = setup.steps.back();
        const Cell& cell = result.at(0, setup.last());
        const double per_step = n * losses.least_step;
        return "over the first " + std::to_string(n) + " states the mean of |grad l|^2 is " + number(cell.measured) +
               ", at most " + number(cell.bound) + ": " + number(from_start(setup, first, losses, n)) +
               " of the start, " + number(losses.bias / per_step) + " of bias, " + number(losses.noise / per_step) +
               " of noise";
    }
};

}  // namespace

const Claim& descent_nonconvex() {
    static const DescentNonconvex claim;
    return claim;
}

}  // namespace foldback
