#include <algorithm>
#include <cmath>

#include "analysis/certificate.hpp"
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

class BackwardLimit final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"backward-limit",
                                    "B_n(x) converges to a random point B_inf with the stationary law, the same for "
                                    "every x: ||d(B_n(x), B_inf)||_p <= "
                                    "rho_p^n D_p(x)/(1 - rho_p); if L_i <= rho < 1 and d(f_i(x), x) <= D surely, "
                                    "d(B_n, B_inf) <= L_1...L_n D/(1 - rho).",
                                    "D25, DF99", "rho_p < 1 and D_p(x) finite for a p >= 1, or both sure"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto missing = missing_orders(setup, {Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        const auto cases = cases_of(setup);
        if (cases.empty()) return ClaimPlan::not_applicable(why_not(setup));
        std::vector<std::string> names;
        for (const Case& c : cases) names.push_back(name_of(c) + ", " + start_label(setup, c.start));
        std::vector<Quantity> needs{Quantity::state};
        if (setup.has_lipschitz) needs.insert(needs.end(), {Quantity::lipschitz_product, Quantity::rounding_radius});
        ClaimPlan plan = plan_over_steps(setup, names, needs, "on every path; Hall's t for moments");
        for (const Case& c : cases) {
            if (c.form == Form::norm) plan.tests += steps_up_to(setup, last_step(setup, c.p));
            add_constants(setup, c, plan.rests_on);
        }
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        if (!recorded(evidence, Quantity::state, Order::backward, result)) return;
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        PathTally tally;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            if (c.form == Form::drawn && !recorded(evidence, Quantity::lipschitz_product, Order::backward, result))
                continue;
            if (c.form == Form::norm && !all_finite(evidence, Order::backward, c.start, result)) continue;
            const States limit(evidence, Order::backward, c.start, setup.last());
            const auto limit_slack = uncertainty(evidence, Order::backward, c.start, setup.last());
            for (std::size_t k = 0; k < setup.last(); ++k) {
                if (c.form == Form::norm && setup.steps[k] > last_step(setup, c.p)) {
                    note(result, "p = " + number(c.p) + ": past step " + std::to_string(last_step(setup, c.p)) +
                                     " the moment is carried by paths too rare for " + std::to_string(setup.replicas) +
                                     " replicas (rare-paths)");
                    break;
                }
                const auto d = distances(setup, States(evidence, Order::backward, c.start, k), limit);
                auto slack = uncertainty(evidence, Order::backward, c.start, k);
                for (std::size_t r = 0; r < slack.size(); ++r) slack[r] += limit_slack[r];
                if (c.form == Form::norm)
                    judge_moment(setup, c, k, d, slack, level, result.at(i, k), result);
                else
                    check_paths(evidence, c, k, d, slack, result.at(i, k), tally);
            }
        }
        tally.note_into(result);
        result.finding = finding(evidence, result);
    }

  private:
    static std::string name_of(const Case& c) {
        if (c.form == Form::norm) return "p = " + number(c.p);
        return c.form == Form::drawn ? "path" : "path, rho_inf^n";
    }

    /// The last checkpoint stands in for the limit: it is not judged itself.
    static std::uint64_t last_step(const Setup& setup, double p) {
        return std::min<std::uint64_t>(judgeable_step(setup, p), setup.steps.back() - 1);
    }

    static bool known(const Setup& setup, std::size_t start, double p) {
        if (setup.steps.back() == 0 || judgeable_step(setup, p) == 0 || !setup.tail(0, start, p)) return false;
        // The interval of a p-th moment needs the 2p-th.
        const auto d2 = setup.displacement(start, 2 * p);
        return contracting_moment(setup, 2 * p) && (!d2 || std::isfinite(d2->value));
    }

    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const bool sure = sure_certificate_constant(setup, s).has_value();
            if (sure && setup.has_lipschitz) cases.push_back({Form::drawn, s});
            if (sure && checks_sure_contraction(setup)) cases.push_back({Form::sure, s});
            for (double p : {1.0, 2.0})
                if (known(setup, s, p)) cases.push_back({Form::norm, s, p});
        }
        return cases;
    }

    static std::string why_not(const Setup& setup) {
        if (auto rho = not_contracting(setup, 1); !rho.empty()) return rho;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (const auto d = setup.displacement(s, 1); !d || !std::isfinite(d->value))
                return (d ? "D_1 is infinite at " : "the model does not know D_1 at ") + start_label(setup, s) +
                       ": needs D_1 finite";
        if (auto rho = not_contracting(setup, 2); !rho.empty()) return rho + ", for the interval of a mean distance";
        return "moments can be judged at no step: Var log L is " +
               (setup.truth.log_lipschitz_variance ? number(setup.truth.log_lipschitz_variance->value)
                                                   : std::string("unknown"));
    }

    static void add_constants(const Setup& setup, const Case& c, std::vector<std::string>& to) {
        const auto add = [&](const std::string& name, const Fact& fact) {
            const std::string text = rests_on(name, fact);
            if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
        };
        const double p = c.form == Form::norm ? c.p : infinity;
        add("rho_" + number(p), c.form == Form::norm ? *setup.rho(p) : *setup.truth.lipschitz_sure);
        add("D_" + number(p) + "(" + start_label(setup, c.start) + ")", *setup.displacement(c.start, p));
    }

    /// B_N stands in for B_inf: d(B_n, B_N) obeys the same bound (a partial sum of the same series), and what B_N has
    /// still to go, at most its certified radius, widens the limits.
    static void check_paths(const Evidence& evidence, const Case& c, std::size_t k, const std::vector<double>& d,
                            const std::vector<double>& slack, Cell& cell, PathTally& tally) {
        const Setup& setup = evidence.setup();
        const double constant = sure_certificate_constant(setup, c.start)->value;
        const auto factors = [&](std::size_t step) {
            if (c.form == Form::drawn) return evidence.values({Quantity::lipschitz_product, Order::backward, 0, step});
            return std::vector<double>(d.size(), *sure_contraction(setup, setup.steps[step]));
        };
        const auto product = factors(k), last = factors(setup.last());
        PathCheck check;
        double radius = 0;
        for (std::size_t r = 0; r < d.size(); ++r) {
            const double bound = product[r] * constant;
            check.add(r, d[r], bound, slack[r] + (setup.steps[k] + 16) * 0x1p-52 * bound);
            radius = std::max(radius, last[r] * constant);
        }
        check.into(cell);
        cell.upper += radius;
        tally.add(check, step_label(setup, k));
    }

    static void judge_moment(const Setup& setup, const Case& c, std::size_t k, const std::vector<double>& d,
                             const std::vector<double>& slack, double level, Cell& cell, ClaimResult& result) {
        const double bound = setup.tail(setup.steps[k], c.start, c.p)->value,
                     rest = setup.tail(setup.steps.back(), c.start, c.p)->value;
        judge_norm(cell, d, c.p, bound, slack, rest, level, result);
        if (rest > 0.01 * bound)
            note(result,
                 "near the last checkpoint, which stands in for the limit, nothing is resolved: a larger steps.last");
    }

    static std::string finding(const Evidence& evidence, const ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const std::size_t k = setup.last() == 0 ? 0 : setup.last() - 1;
        double largest = 0;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (double d : distances(setup, States(evidence, Order::backward, s, k),
                                      States(evidence, Order::backward, s, setup.last())))
                largest = std::max(largest, d);
        return "the largest distance between B_n at n = " + std::to_string(setup.steps[k]) +
               " and at n = " + std::to_string(setup.steps.back()) + " is " + number(largest) +
               nearest_to_bound(result);
    }
};

}  // namespace

const Claim& backward_limit() {
    static const BackwardLimit claim;
    return claim;
}

}  // namespace foldback
