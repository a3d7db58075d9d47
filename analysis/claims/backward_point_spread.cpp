#include <algorithm>
#include <cmath>

#include "analysis/claims/distances.hpp"

namespace foldback {
namespace {

using namespace claims;

struct Case {
    Order order;
    bool sure;  ///< rho_inf^n in place of the drawn constants
};

class BackwardPointSpread final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"backward-point-spread",
                                    "On every path the largest distance between starts, d(B_n(x), B_n(y)), is at most "
                                    "L_1...L_n max d(x, y); forward too.",
                                    "D25, DF99", "maps with Lipschitz constants L_i; two starts or more"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (setup.starts.size() < 2) return ClaimPlan::not_applicable("one start: needs two or more");
        if (!setup.has(Order::forward) && !setup.has(Order::backward))
            return ClaimPlan::not_applicable("needs the order forward or backward");
        const auto cases = cases_of(setup);
        if (cases.empty()) return ClaimPlan::not_applicable("the model gives no Lipschitz constant");
        std::vector<std::string> names;
        for (const Case& c : cases) names.push_back(std::string(name(c.order)) + (c.sure ? ", rho_inf^n" : ""));
        std::vector<Quantity> needs{Quantity::spread};
        if (setup.has_lipschitz) needs.insert(needs.end(), {Quantity::lipschitz_product, Quantity::rounding_radius});
        ClaimPlan plan = plan_over_steps(setup, names, needs, "on every path");
        if (checks_sure_contraction(setup)) plan.rests_on = {rests_on("rho_inf", *setup.truth.lipschitz_sure)};
        return plan;
    }

    void evaluate(const Evidence& evidence, double, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        PathTally tally;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (!recorded(evidence, Quantity::spread, cases[i].order, result)) continue;
            if (!cases[i].sure && !recorded(evidence, Quantity::lipschitz_product, cases[i].order, result)) continue;
            for (std::size_t k = 0; k < setup.steps.size(); ++k) {
                const PathCheck check = check_step(evidence, cases[i], k);
                check.into(result.at(i, k));
                tally.add(check, step_label(setup, k));
            }
        }
        tally.note_into(result);
        result.finding = finding(evidence, result);
    }

  private:
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (Order order : {Order::forward, Order::backward}) {
            if (!setup.has(order)) continue;
            if (setup.has_lipschitz) cases.push_back({order, false});
            if (checks_sure_contraction(setup)) cases.push_back({order, true});
        }
        return cases;
    }

    static PathCheck check_step(const Evidence& evidence, const Case& c, std::size_t k) {
        const Setup& setup = evidence.setup();
        const double distance = largest_distance(setup);
        const auto spread = evidence.values({Quantity::spread, c.order, 0, k});
        const auto product = c.sure ? std::vector<double>(spread.size(), *sure_contraction(setup, setup.steps[k]))
                                    : evidence.values({Quantity::lipschitz_product, c.order, 0, k});
        std::vector<double> slack(spread.size(), 0.0);  // the largest uncertainty of a state, for either of the two
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const auto one = uncertainty(evidence, c.order, s, k);
            for (std::size_t r = 0; r < slack.size(); ++r) slack[r] = std::max(slack[r], 2 * one[r]);
        }
        PathCheck check;
        for (std::size_t r = 0; r < spread.size(); ++r) {
            const double bound = product[r] * distance;
            check.add(r, spread[r], bound, slack[r] + (setup.steps[k] + 16.0) * setup.dimension * 0x1p-52 * bound);
        }
        return check;
    }

    static std::string finding(const Evidence& evidence, const ClaimResult& result) {
        const Setup& setup = evidence.setup();
        std::string text = "starts up to " + number(largest_distance(setup)) +
                           " apart are at n = " + std::to_string(setup.steps.back());
        for (Order order : setup.orders) {
            if ((order != Order::forward && order != Order::backward) || !evidence.has(Quantity::spread, order)) continue;
            const auto spread = evidence.values({Quantity::spread, order, 0, setup.last()});
            text += std::string(text.find("at most") == std::string::npos ? "" : ",") + " at most " +
                    number(*std::max_element(spread.begin(), spread.end())) + " apart " + name(order);
        }
        return text + nearest_to_bound(result);
    }
};

}  // namespace

const Claim& backward_point_spread() {
    static const BackwardPointSpread claim;
    return claim;
}

}  // namespace foldback
