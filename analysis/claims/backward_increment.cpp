#include <algorithm>
#include <cmath>

#include "analysis/claims/distances.hpp"

namespace foldback {
namespace {

using namespace claims;

enum class Form { drawn, sure, norm };

struct Case {
    Form form;
    std::size_t start;
    double p = 0;
};

class BackwardIncrement final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"backward-increment",
                                    "On every path d(B_{n+1}(x), B_n(x)) <= L_1...L_n d(f_{n+1}(x), x), hence "
                                    "||d(B_{n+1}, B_n)||_p <= rho_p^n D_p(x).",
                                    "D25, DF99",
                                    "maps with Lipschitz constants L_i; for the moment form rho_p and D_p(x) finite"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto missing = missing_orders(setup, {Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        const auto cases = cases_of(setup);
        if (cases.empty())
            return ClaimPlan::not_applicable("the model gives neither Lipschitz constants nor finite rho_p and D_p");
        std::vector<std::string> names;
        for (const Case& c : cases) names.push_back(name_of(c) + ", " + start_label(setup, c.start));
        ClaimPlan plan = plan_over_steps(setup, names, needs(setup), "on every path; Hall's t for moments");
        for (const Case& c : cases) {
            if (c.form == Form::norm) plan.tests += steps_up_to(setup, judgeable_step(setup, c.p));
            if (c.form == Form::sure && c.start == 0)
                plan.rests_on.push_back(rests_on("rho_inf", *setup.truth.lipschitz_sure));
            if (c.form != Form::norm) continue;
            if (c.start == 0) plan.rests_on.push_back(rests_on("rho_" + number(c.p), *setup.rho(c.p)));
            plan.rests_on.push_back(rests_on("D_" + number(c.p) + "(" + start_label(setup, c.start) + ")",
                                             *setup.displacement(c.start, c.p)));
        }
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        if (!recorded(evidence, Quantity::increment, Order::backward, result)) return;
        const Setup& setup = evidence.setup();
        if (setup.merge_tolerance > 0) {
            note(result,
                 "partial compositions merged on a tolerance, and how much that moved B_{n+1} is not recorded: "
                 "ensemble.merge_tolerance = 0 resolves this claim");
            return;
        }
        const auto cases = cases_of(setup);
        PathTally tally;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (cases[i].form == Form::norm)
                judge_moments(evidence, cases[i], i, level, result);
            else
                check_paths(evidence, cases[i], i, tally, result);
        }
        tally.note_into(result);
        result.finding = finding(evidence, result);
    }

  private:
    static std::string name_of(const Case& c) {
        if (c.form == Form::norm) return "p = " + number(c.p);
        return c.form == Form::drawn ? "path" : "path, rho_inf^n";
    }

    static std::vector<Quantity> needs(const Setup& setup) {
        std::vector<Quantity> r{Quantity::increment, Quantity::next_displacement};
        if (setup.has_lipschitz) r.insert(r.end(), {Quantity::lipschitz_product, Quantity::rounding_radius});
        return r;
    }

    static bool known(const Setup& setup, std::size_t start, double p) {
        const auto r = setup.rho(p), d = setup.displacement(start, p);
        if (!r || !d || !std::isfinite(r->value) || !std::isfinite(d->value) || judgeable_step(setup, p) == 0)
            return false;
        // The interval of a p-th moment needs the 2p-th.
        const auto r2 = setup.rho(2 * p), d2 = setup.displacement(start, 2 * p);
        return r2 && std::isfinite(r2->value) && (!d2 || std::isfinite(d2->value));
    }

    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            if (setup.has_lipschitz) cases.push_back({Form::drawn, s});
            if (checks_sure_contraction(setup)) cases.push_back({Form::sure, s});
            for (double p : {1.0, 2.0})
                if (known(setup, s, p)) cases.push_back({Form::norm, s, p});
        }
        return cases;
    }

    /// What rounding can have moved d(B_{n+1}, B_n) and its bound by. Both compositions are computed from numbers, x
    /// and f_{n+1}(x) as it was rounded, through the same n maps: the radius of B_n, twice, and what the different
    /// intermediate states add to it, at most 2 n P_n d(f_{n+1}(x), x) roundings.
    static std::vector<double> slack(const Evidence& evidence, std::size_t start, std::size_t step,
                                     const std::vector<double>& bound) {
        const Setup& setup = evidence.setup();
        const double n = setup.steps[step], rounding = 4 * setup.dimension * 0x1p-52;
        auto r = uncertainty(evidence, Order::backward, start, step);
        for (std::size_t i = 0; i < r.size(); ++i) r[i] = 2 * r[i] + (2 * n + 4) * rounding * bound[i];
        return r;
    }

    /// The same when the composed map is carried: n + 1 terms, and map n + 1 is not applied to x by itself.
    static std::vector<double> closed_slack(const Evidence& evidence, std::size_t start, std::size_t step,
                                            const std::vector<double>& bound, const std::vector<double>& product) {
        const Setup& setup = evidence.setup();
        const double n = setup.steps[step], rounding = 4 * setup.dimension * 0x1p-52;
        double magnitude = 1;
        if (setup.metric == "euclidean") {
            magnitude = 0;
            for (double x : setup.starts[start]) magnitude = std::hypot(magnitude, x);
        }
        const auto& sure = setup.truth.lipschitz_sure;
        const double largest = sure ? sure->value : infinity;
        const double expanded = magnitude > 0 ? (largest + 1) * magnitude : 0;
        auto r = uncertainty(evidence, Order::backward, start, step);
        for (std::size_t i = 0; i < r.size(); ++i)
            r[i] = (2 + 1 / std::max(n, 1.0)) * r[i] + (n + 1) * rounding * (product[i] * expanded + 4 * bound[i]);
        return r;
    }

    static void check_paths(const Evidence& evidence, const Case& c, std::size_t at, PathTally& tally,
                            ClaimResult& result) {
        const Setup& setup = evidence.setup();
        if (!recorded(evidence, Quantity::next_displacement, Order::backward, result)) return;
        if (c.form == Form::drawn && !recorded(evidence, Quantity::lipschitz_product, Order::backward, result)) return;
        for (std::size_t k = 0; k < setup.steps.size(); ++k) {
            const auto increment = evidence.values({Quantity::increment, Order::backward, c.start, k});
            auto bound = evidence.values({Quantity::next_displacement, Order::backward, c.start, k});
            const auto product = c.form == Form::drawn
                                     ? evidence.values({Quantity::lipschitz_product, Order::backward, 0, k})
                                     : std::vector<double>(bound.size(), *sure_contraction(setup, setup.steps[k]));
            for (std::size_t r = 0; r < bound.size(); ++r) bound[r] *= product[r];
            const auto allowed = setup.closed_backward ? closed_slack(evidence, c.start, k, bound, product)
                                                       : slack(evidence, c.start, k, bound);
            PathCheck check;
            for (std::size_t r = 0; r < bound.size(); ++r) check.add(r, increment[r], bound[r], allowed[r]);
            check.into(result.at(at, k));
            tally.add(check, step_label(setup, k));
        }
    }

    static void judge_moments(const Evidence& evidence, const Case& c, std::size_t at, double level,
                              ClaimResult& result) {
        const Setup& setup = evidence.setup();
        if (!all_finite(evidence, Order::backward, c.start, result)) return;
        const std::uint64_t limit = judgeable_step(setup, c.p);
        for (std::size_t k = 0; k < setup.steps.size(); ++k) {
            if (setup.steps[k] > limit) {
                note(result, "p = " + number(c.p) + ": past step " + std::to_string(limit) +
                                 " the moment is carried by paths too rare for " + std::to_string(setup.replicas) +
                                 " replicas (rare-paths); the path form stands");
                break;
            }
            const double bound =
                setup.contraction(setup.steps[k], c.p)->value * setup.displacement(c.start, c.p)->value;
            const auto increment = evidence.values({Quantity::increment, Order::backward, c.start, k});
            const std::vector<double> bounds(increment.size(), bound),
                ones(increment.size(), bound / setup.displacement(c.start, c.p)->value);
            judge_norm(result.at(at, k), increment, c.p, bound,
                       setup.closed_backward ? closed_slack(evidence, c.start, k, bounds, ones)
                                             : slack(evidence, c.start, k, bounds),
                       0, level, result);
        }
    }

    static std::string finding(const Evidence& evidence, const ClaimResult& result) {
        const Setup& setup = evidence.setup();
        double last = 0;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (double d : evidence.values({Quantity::increment, Order::backward, s, setup.last()}))
                last = std::max(last, d);
        std::string text =
            "the largest backward increment at n = " + std::to_string(setup.steps.back()) + " is " + number(last);
        return text + nearest_to_bound(result);
    }
};

}  // namespace

const Claim& backward_increment() {
    static const BackwardIncrement claim;
    return claim;
}

}  // namespace foldback
