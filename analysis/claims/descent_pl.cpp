#include <cmath>

#include "analysis/claims/descent.hpp"

namespace foldback {
namespace {

using namespace claims;

/// From the checkpoint before, or all the way from w_0.
struct Case {
    Order order;
    std::size_t start;
    bool from_start;
};

class DescentPl final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "descent-pl",
            "E(l(w_{t+1}) - l*) <= (1 - eta mu) E(l(w_t) - l*) + eta beta_t^2/2 + Ls eta^2 s_t^2/2, from one checkpoint to "
            "the next and from the start",
            "K26, theory.md",
            "as descent-nonconvex, and |grad l|^2 >= 2 mu (l - l*); forward, or every order of the same law where the maps "
            "have one law"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_pl(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (orders_of(setup).empty()) return ClaimPlan::not_applicable("needs the order forward");
        if (!setup.can_record(Quantity::train_loss)) return ClaimPlan::not_applicable("the model observes no train_loss");
        const auto cases = cases_of(setup);
        if (cases.empty()) return ClaimPlan::not_applicable("one checkpoint: needs two or more");
        std::vector<std::string> names;
        for (const Case& c : cases)
            names.push_back(name(c.order) + (c.from_start ? ", from the start, " : ", from the checkpoint before, ") +
                            start_label(setup, c.start));
        ClaimPlan plan = plan_over_steps(setup, names, {Quantity::train_loss}, "Hall's t of l(w_b) - l* less its kept part of l(w_a) - l*");
        for (const Case& c : cases)
            for (std::size_t k = 0; k < setup.steps.size(); ++k) plan.tests += is_test(setup, c, k);
        plan.rests_on = rests_on_descent(descent_of(setup), true);
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            if (!recorded(evidence, Quantity::train_loss, c.order, result) ||
                !all_finite(evidence, c.order, c.start, result))
                continue;
            if (c.from_start)
                judge_from_start(evidence, c, level, i, result);
            else
                judge_step_by_step(evidence, c, level, i, result);
        }
        result.finding = finding(setup, cases, result);
    }

  private:
    // E l(X_n) is a matter of the law of X_n alone.
    static std::vector<Order> orders_of(const Setup& setup) {
        if (setup.truth.homogeneous) return orders_of_one_law(setup);
        return setup.has(Order::forward) ? std::vector{Order(Order::forward)} : std::vector<Order>{};
    }

    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (const Order& order : orders_of(setup))
            for (std::size_t s = 0; s < setup.starts.size(); ++s) {
                if (setup.steps.size() > 1) cases.push_back({order, s, false});
                if (knows_first_loss(setup)) cases.push_back({order, s, true});
            }
        return cases;
    }

    static bool is_test(const Setup& setup, const Case& c, std::size_t k) {
        return c.from_start ? setup.steps[k] > 0 : k > 0;
    }

    static std::vector<double> excess(const Evidence& evidence, const Case& c, std::size_t k) {
        auto loss = evidence.values({Quantity::train_loss, c.order, c.start, k});
        for (double& l : loss) l -= descent_of(evidence.setup()).infimum.value;
        return loss;
    }

    static void judge_step_by_step(const Evidence& evidence, const Case& c, double level, std::size_t row, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        auto before = excess(evidence, c, 0);
        for (std::size_t k = 1; k < setup.steps.size(); ++k) {
            auto after = excess(evidence, c, k);
            const Recursion r = recursion_between(descent_of(setup), setup.steps[k - 1], setup.steps[k]);
            judge(setup, before, after, r, level, result.at(row, k), result);
            before = std::move(after);
        }
    }

    static void judge_from_start(const Evidence& evidence, const Case& c, double level, std::size_t row, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const auto first = first_loss(evidence, c.start);
        if (!first) return note(result, no_first_loss());
        const std::vector<double> before(setup.replicas, *first - descent_of(setup).infimum.value);
        Recursion all;
        std::uint32_t a = 0;
        for (std::size_t k = 0; k < setup.steps.size(); ++k) {
            const Recursion r = recursion_between(descent_of(setup), a, setup.steps[k]);
            all = {all.kept * r.kept, r.kept * all.added + r.added};
            a = setup.steps[k];
            if (a > 0) judge(setup, before, excess(evidence, c, k), all, level, result.at(row, k), result);
        }
    }

    /// Paired by replica: what is left of the excess before is taken off the excess after, and only that is uncertain.
    static void judge(const Setup& setup, const std::vector<double>& before, const std::vector<double>& after,
                      const Recursion& r, double level, Cell& cell, ClaimResult& result) {
        std::vector<double> difference(after.size());
        for (std::size_t i = 0; i < after.size(); ++i) difference[i] = after[i] - r.kept * before[i];
        const double mean = foldback::moments(after).mean, kept = r.kept * foldback::moments(before).mean;
        Interval limits = mean_interval(difference, level);
        limits.lower += kept;
        limits.upper += kept;
        const double infimum = descent_of(setup).infimum.value;
        const double slack = loss_rounding(descent_of(setup), mean + infimum) +
                             loss_rounding(descent_of(setup), kept + infimum);
        judge_at_most(cell, mean, limits, kept + r.added, slack, double(after.size()), result);
        if (cell.verdict == Verdict::violated || kept + r.added > slack) return;
        cell.verdict = Verdict::unresolved;
        note(result, "cells where the excess loss is below 1e3 roundings of the loss are unresolved");
    }

    static std::string finding(const Setup& setup, const std::vector<Case>& cases, const ClaimResult& result) {
        const double floor = floor_at(descent_of(setup), setup.steps.back());
        std::string text = "at n = " + std::to_string(setup.steps.back()) + " the mean excess loss is ";
        bool first = true;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Cell& cell = result.at(i, setup.last());
            // Where l(w_0) is known both cases tell the same mean.
            if (cases[i].start != 0 || cases[i].from_start != knows_first_loss(setup) || !std::isfinite(cell.measured))
                continue;
            text += (first ? "" : ", ") + number(cell.measured) + " " + name(cases[i].order);
            if (cell.measured > 0 && floor > 0) text += " (" + number(cell.measured / floor) + " of the floor)";
            first = false;
        }
        return text + "; floor (beta^2 + Ls eta s^2)/(2 mu) = " + number(floor);
    }
};

}  // namespace

const Claim& descent_pl() {
    static const DescentPl claim;
    return claim;
}

}  // namespace foldback
