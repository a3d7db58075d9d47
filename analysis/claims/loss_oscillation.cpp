#include <algorithm>
#include <cmath>

#include "analysis/certificate.hpp"
#include "analysis/claims/distances.hpp"
#include "analysis/claims/sgd.hpp"

namespace foldback {
namespace {

using namespace claims;

/// Backward's window variance against forward's, or against what the certificate says of it on its own path.
struct Case {
    Quantity loss;
    std::size_t start;
    bool path;
};

constexpr Quantity losses[] = {Quantity::train_loss, Quantity::test_loss};

class LossOscillation final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "loss-oscillation",
            "window variance of the loss over the last K checkpoints: forward's settles in law with a mean above 0, "
            "backward's tends to 0; with r_m = L_1...L_m D/(1 - rho) and Ls-smooth l, it is at most the mean over the "
            "window of (|grad l(B_n)| r_m + Ls r_m^2/2)^2",
            "theory.md",
            "a model that observes its loss, [record] window, both orders; judged under a sure contraction, reported "
            "otherwise"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (const auto why = inhomogeneous(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        const auto cases = cases_of(setup);
        if (cases.empty()) return ClaimPlan::not_applicable("the model observes no loss");
        if (auto missing = missing_orders(setup, {Order::forward, Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (setup.window == 0) return ClaimPlan::not_applicable("no window: needs record.window = K");
        std::vector<std::string> names;
        std::vector<Quantity> needs;
        for (const Case& c : cases) {
            const std::string loss = foldback::info(c.loss).name;
            names.push_back(loss + (c.path ? ", backward on its path, " : ", backward below forward, ") +
                            start_label(setup, c.start));
            needs.push_back(c.loss);
            if (c.path)
                needs.insert(needs.end(), {Quantity::gradient_norm, Quantity::lipschitz_product, Quantity::rounding_radius});
        }
        ClaimPlan plan = plan_over_steps(setup, names, needs, "Hall's t of paired differences; on every path");
        for (const Case& c : cases)
            if (!c.path && certified(setup, c.start) && setup.steps.size() >= setup.window)
                plan.tests += setup.steps.size() - setup.window + 1;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (certified(setup, s)) {
                plan.rests_on.push_back(rests_on("Ls", *smoothness(setup)));
                plan.rests_on.push_back(rests_on("rho_inf", *setup.truth.lipschitz_sure));
                plan.rests_on.push_back(
                    rests_on("D_inf(" + start_label(setup, s) + ")", *setup.displacement(s, infinity)));
            }
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        PathTally tally;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            bool there = true;
            for (const Order& order : {Order::forward, Order::backward})
                there = there && recorded(evidence, c.loss, order, result) && all_finite(evidence, order, c.start, result);
            if (!there) continue;
            for (std::size_t k = setup.window - 1; k < setup.steps.size(); ++k)
                if (c.path)
                    check_paths(evidence, c, k, result.at(i, k), tally);
                else
                    compare(evidence, c, k, level, result.at(i, k), result);
        }
        if (std::any_of(cases.begin(), cases.end(), [](const Case& c) { return c.path; })) tally.note_into(result);
        result.finding = finding(setup, cases, result);
    }

  private:
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (Quantity loss : losses) {
            if (!setup.offers || !setup.offers(loss)) continue;
            for (std::size_t s = 0; s < setup.starts.size(); ++s) {
                cases.push_back({loss, s, false});
                // The certificate speaks of the loss that is descended.
                if (loss == Quantity::train_loss && certified(setup, s)) cases.push_back({loss, s, true});
            }
        }
        return cases;
    }

    static std::optional<Fact> smoothness(const Setup& setup) {
        if (!setup.truth.sgd) return std::nullopt;
        return setup.truth.sgd->curvature ? setup.truth.sgd->curvature : setup.truth.sgd->smoothness;
    }

    static bool certified(const Setup& setup, std::size_t start) {
        return setup.has_lipschitz && smoothness(setup) && setup.can_record(Quantity::gradient_norm) &&
               sure_certificate_constant(setup, start).has_value();
    }

    /// By replica: what the standard deviation of l(B_m) over the window that ends at checkpoint k can be at most. A
    /// variance is at most the mean square about l(B_n), and |l(B_m) - l(B_n)| <= g r + Ls r^2/2 for |B_m - B_n| <= r.
    static std::vector<double> path_bounds(const Evidence& evidence, std::size_t start, std::size_t k) {
        const Setup& setup = evidence.setup();
        const double constant = sure_certificate_constant(setup, start)->value, ls = smoothness(setup)->value;
        const auto gradient = evidence.values({Quantity::gradient_norm, Order::backward, start, k});
        std::vector<double> bounds(gradient.size(), 0.0);
        for (std::size_t m = k + 1 - setup.window; m < k; ++m) {
            const auto product = evidence.values({Quantity::lipschitz_product, Order::backward, 0, m});
            for (std::size_t r = 0; r < bounds.size(); ++r) {
                const double radius = product[r] * constant, change = radius * (gradient[r] + ls * radius / 2);
                bounds[r] += change * change / setup.window;
            }
        }
        for (double& b : bounds) b = std::sqrt(b);
        return bounds;
    }

    static void check_paths(const Evidence& evidence, const Case& c, std::size_t k, Cell& cell, PathTally& tally) {
        const Setup& setup = evidence.setup();
        const auto bounds = path_bounds(evidence, c.start, k);
        const auto variance = evidence.values({window_variance_of(c.loss), Order::backward, c.start, k});
        const auto loss = evidence.values({c.loss, Order::backward, c.start, k});
        const auto gradient = evidence.values({Quantity::gradient_norm, Order::backward, c.start, k});
        const auto moved = uncertainty(evidence, Order::backward, c.start, k);
        PathCheck check;
        for (std::size_t r = 0; r < bounds.size(); ++r)
            check.add(r, std::sqrt(variance[r]), bounds[r],
                      resolution * 0x1p-52 * std::abs(loss[r]) +
                          2 * moved[r] * (gradient[r] + smoothness(setup)->value * moved[r]) +
                          (setup.steps[k] + 16) * 0x1p-52 * bounds[r]);
        check.into(cell);
        tally.add(check, step_label(setup, k));
    }

    /// A statement about large n: judged where the certificates say that n is large enough, reported elsewhere.
    static void compare(const Evidence& evidence, const Case& c, std::size_t k, double level, Cell& cell,
                        ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const auto backward = evidence.values({window_variance_of(c.loss), Order::backward, c.start, k});
        auto difference = evidence.values({window_variance_of(c.loss), Order::forward, c.start, k});
        const double forward = foldback::moments(difference).mean;
        for (std::size_t r = 0; r < difference.size(); ++r) difference[r] = backward[r] - difference[r];
        const SampleMoments d = foldback::moments(difference);
        Interval limits = mean_interval(d, level);
        limits.lower += forward;
        limits.upper += forward;
        judge_at_most(cell, foldback::moments(backward).mean, limits, forward, 0, double(d.count), result);
        if (!certified(setup, c.start)) {
            cell.verdict = Verdict::unresolved;
            return note(result, "no sure contraction is known: the variances are reported, not judged");
        }
        double certificate = 0;
        for (double b : path_bounds(evidence, c.start, k)) certificate += b * b / double(difference.size());
        if (certificate <= forward) return;
        cell.verdict = Verdict::unresolved;
        note(result, "cells where the certificates do not yet bound backward's variance below forward's are "
                     "unresolved: more steps would resolve them");
    }

    static std::string finding(const Setup& setup, const std::vector<Case>& cases, const ClaimResult& result) {
        std::string text;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Cell& cell = result.at(i, setup.last());
            if (cases[i].path || cases[i].start != 0 || !std::isfinite(cell.measured)) continue;
            text += (text.empty() ? "over the last " + std::to_string(setup.window) + " checkpoints the variance of "
                                  : std::string("; of ")) +
                    foldback::info(cases[i].loss).name + " is " + number(cell.bound) + " forward and " +
                    number(cell.measured) + " backward";
            if (cell.measured > 0) text += ", " + number(cell.bound / cell.measured) + " times less";
        }
        return text;
    }
};

}  // namespace

const Claim& loss_oscillation() {
    static const LossOscillation claim;
    return claim;
}

}  // namespace foldback
