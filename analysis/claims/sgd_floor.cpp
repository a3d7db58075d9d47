#include <cmath>

#include "analysis/claims/distances.hpp"
#include "analysis/claims/sgd.hpp"

namespace foldback {
namespace {

using namespace claims;

struct Case {
    Order order;
    std::size_t start;
};

class SgdFloor final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "sgd-floor",
            "stationary E|Z - th*|^2 <= B = h tau^2/(2 mu (1 - sqrt(h L/2))^2); at every n, with r = 1 - 2 h mu (1 - h "
            "L/2): (E|F_n(x) - th*|^2)^(1/2) <= B^(1/2) + r^(n/2) (|x - th*| + B^(1/2))",
            "theory.md", "every l_xi convex and L-smooth, l mu-strongly convex, h < 2/L, independent batches"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_mean_square(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        const SgdTruth& sgd = *setup.truth.sgd;
        if (sgd.optimum.empty()) return ClaimPlan::not_applicable("the optimum th* is not known");
        if (!sgd.gradient_noise) return ClaimPlan::not_applicable("tau^2 = E|grad l_xi(th*)|^2 is not known");
        std::vector<std::string> names;
        const auto cases = cases_of(setup);
        for (const Case& c : cases) names.push_back(name(c.order) + ", " + start_label(setup, c.start));
        std::vector<Quantity> needs{Quantity::optimum_distance};
        if (setup.has_lipschitz) needs.push_back(Quantity::rounding_radius);
        ClaimPlan plan = plan_over_steps(setup, names, needs, "Hall's t for the mean square");
        if (fourth_moments_bounded(setup))
            for (std::uint32_t n : setup.steps) plan.tests += n > 0 ? cases.size() : 0;
        plan.rests_on = rests_on_convexity(sgd);
        plan.rests_on.push_back(rests_on("tau^2", *sgd.gradient_noise));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        if (!fourth_moments_bounded(setup))
            return note(
                result,
                "E|X - th*|^4 is not known to be finite (maps may expand), which the interval needs: unresolved");
        const auto cases = cases_of(setup);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            if (!recorded(evidence, Quantity::optimum_distance, c.order, result) ||
                !all_finite(evidence, c.order, c.start, result))
                continue;
            for (std::size_t k = 0; k < setup.steps.size(); ++k) {
                if (setup.steps[k] == 0) continue;
                auto slack = uncertainty(evidence, c.order, c.start, k);
                for (double& s : slack) s += setup.truth.sgd->optimum_error;
                judge_norm(result.at(i, k), evidence.values({Quantity::optimum_distance, c.order, c.start, k}), 2,
                           bound_at(setup, c.start, setup.steps[k]), slack, 0, level, result);
            }
        }
        result.finding = finding(setup, cases, result);
    }

  private:
    // A statement about the law of X_n alone: every order with the law of F_n.
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (const Order& order : orders_of_one_law(setup))
            for (std::size_t s = 0; s < setup.starts.size(); ++s) cases.push_back({order, s});
        return cases;
    }

    /// Maps that never expand and contract in mean square keep fourth moments: E d^4 <= E d^2 d(x, y)^2.
    static bool fourth_moments_bounded(const Setup& setup) {
        const auto& sure = setup.truth.lipschitz_sure;
        return (sure && sure->value <= 1) || contracting_moment(setup, 4);
    }

    static double floor_of(const SgdTruth& sgd) {
        const double gap = 1 - std::sqrt(sgd.step * sgd.smoothness->value / 2);
        return sgd.step * sgd.gradient_noise->value / (2 * sgd.strong_convexity->value * gap * gap);
    }

    // Minkowski with a stationary copy Z on the same noise: |F_n(x) - th*| <= |F_n(x) - F_n(Z)| + |F_n(Z) - th*|.
    static double bound_at(const Setup& setup, std::size_t start, double n) {
        const SgdTruth& sgd = *setup.truth.sgd;
        const double floor = std::sqrt(floor_of(sgd));
        const double transient = std::pow(mean_square_rate(sgd), n / 2);
        return floor + transient * (distance_to_optimum(sgd, setup.starts[start]) + floor);
    }

    static std::string finding(const Setup& setup, const std::vector<Case>& cases, const ClaimResult& result) {
        std::string text =
            "at n = " + std::to_string(setup.steps.back()) + " the root mean square distance from th* is ";
        for (std::size_t i = 0; i < cases.size(); ++i)
            if (cases[i].start == 0)
                text += (i == 0 ? "" : ", ") + number(result.at(i, setup.last()).measured) + " " + name(cases[i].order);
        return text + "; stationary bound " + number(std::sqrt(floor_of(*setup.truth.sgd))) + nearest_to_bound(result);
    }
};

}  // namespace

const Claim& sgd_floor() {
    static const SgdFloor claim;
    return claim;
}

}  // namespace foldback
