#include <cmath>

#include "analysis/claims/distances.hpp"
#include "analysis/claims/sgd.hpp"

namespace foldback {
namespace {

using namespace claims;

struct Case {
    Order order;
    std::size_t other;  ///< the start that is compared with start 0
};

class SgdMeanSquare final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "sgd-mean-square",
            "SGD from two starts on the same noise: E|F_n(x) - F_n(y)|^2 <= (1 - 2 h mu (1 - h L/2))^n |x - y|^2",
            "theory.md",
            "every l_xi convex and L-smooth, l mu-strongly convex, h < 2/L, independent batches; two starts"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_mean_square(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (setup.starts.size() < 2) return ClaimPlan::not_applicable("one start: needs two or more");
        std::vector<std::string> names;
        const auto cases = cases_of(setup);
        for (const Case& c : cases)
            names.push_back(name(c.order) + ", " + start_label(setup, 0) + " and " +
                            start_label(setup, c.other));
        std::vector<Quantity> needs{by_spread(setup) ? Quantity::spread : Quantity::state};
        if (setup.has_lipschitz) needs.push_back(Quantity::rounding_radius);
        ClaimPlan plan = plan_over_steps(setup, names, needs, "Hall's t for the mean square");
        for (std::uint32_t n : setup.steps) plan.tests += n > 0 ? cases.size() : 0;
        plan.rests_on = rests_on_convexity(*setup.truth.sgd);
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            if (!recorded(evidence, by_spread(setup) ? Quantity::spread : Quantity::state, c.order, result)) continue;
            if (!all_finite(evidence, c.order, 0, result) || !all_finite(evidence, c.order, c.other, result)) continue;
            for (std::size_t k = 0; k < setup.steps.size(); ++k)
                if (setup.steps[k] > 0) judge(evidence, c, k, level, result.at(i, k), result);
        }
        result.finding = finding(setup, result);
    }

  private:
    // The joint law over starts is the same in every order that uses each map once.
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (const Order& order : orders_of_one_law(setup))
            for (std::size_t s = 1; s < setup.starts.size(); ++s) cases.push_back({order, s});
        return cases;
    }

    /// With two starts their distance is the spread, and states need not be there.
    static bool by_spread(const Setup& setup) { return setup.starts.size() == 2; }

    static void judge(const Evidence& evidence, const Case& c, std::size_t k, double level, Cell& cell,
                      ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const auto d = by_spread(setup)
                           ? evidence.values({Quantity::spread, c.order, 0, k})
                           : distances(setup, States(evidence, c.order, 0, k), States(evidence, c.order, c.other, k));
        auto slack = uncertainty(evidence, c.order, 0, k);
        const auto second = uncertainty(evidence, c.order, c.other, k);
        for (std::size_t r = 0; r < slack.size(); ++r) slack[r] += second[r];
        const double apart = setup.distance(setup.starts[0], setup.starts[c.other]);
        const double bound = apart * std::pow(mean_square_rate(*setup.truth.sgd), setup.steps[k] / 2.0);
        judge_norm(cell, d, 2, bound, slack, 0, level, result);
        if (cell.verdict == Verdict::violated || second_moment_judgeable(d)) return;
        cell.verdict = Verdict::unresolved;
        note(result, name(c.order) + ": from step " + std::to_string(setup.steps[k]) +
                         " on, some cells are unresolved: the mean square is carried by paths too rare for this number "
                         "of replicas (rare-paths)");
    }

    static std::string finding(const Setup& setup, const ClaimResult& result) {
        const double rate = mean_square_rate(*setup.truth.sgd);
        return "two paths meet at the rate " + number(rate) + " per map in mean square, at most" +
               nearest_to_bound(result);
    }
};

}  // namespace

const Claim& sgd_mean_square() {
    static const SgdMeanSquare claim;
    return claim;
}

}  // namespace foldback
