#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/hill.hpp"

namespace foldback {
namespace {

using namespace claims;

struct Row {
    Order order;
    std::size_t start;
};

std::vector<Row> rows_of(const Setup& setup) {
    std::vector<Row> rows;
    for (Order order : orders_of_one_law(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s) rows.push_back({order, s});
    return rows;
}

/// E[|a|^alpha log|a|], the derivative of E|a|^p at alpha, by a central difference.
std::optional<double> drift(const Setup& setup, double alpha) {
    if (!setup.truth.lipschitz_moment) return std::nullopt;
    const double h = 1e-4 * alpha;
    const auto above = setup.truth.lipschitz_moment(alpha + h), below = setup.truth.lipschitz_moment(alpha - h);
    if (!above || !below || !std::isfinite(above->value)) return std::nullopt;
    return (above->value - below->value) / (2 * h * setup.truth.maps_per_factor);
}

class TailIndex final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"tail-index", "E|a|^alpha = 1: P(|Z| > t) ~ C t^(-alpha)", "K73",
                                    "scalar affine maps, E log|a| < 0, log|a| not arithmetic"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (setup.dimension != 1)
            return ClaimPlan::not_applicable("the state has " + std::to_string(setup.dimension) +
                                             " dimensions: needs scalar maps");
        if (!setup.truth.tail_index)
            return ClaimPlan::not_applicable("the model knows no alpha > 0 with E|a|^alpha = 1");
        if (const auto missing = missing_law(setup); !missing.empty()) return ClaimPlan::not_applicable(missing);
        if (const auto failed = not_independent(setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        std::vector<std::string> cases;
        for (const Row& row : rows_of(setup))
            cases.push_back(std::string(name(row.order)) + ", " + start_label(setup, row.start));
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), {Quantity::state},
                                         "hull of Hill's intervals at k = R^(2/3)/2, R^(2/3), 2 R^(2/3)");
        plan.axis_values = {double(setup.steps.back())};
        plan.tol = 0.15;
        plan.scale = "the value";
        plan.tests = plan.cases.size();
        plan.rests_on = {rests_on("alpha", *setup.truth.tail_index)};
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (!recorded(evidence, Quantity::state, rows[k].order, result) ||
                !all_finite(evidence, rows[k].order, rows[k].start, result))
                continue;
            const auto x = evidence.values({Quantity::state, rows[k].order, rows[k].start, setup.last(), 0});
            const HillHull hull = hill_hull(x, level);
            judge(setup, rows[k], x, hull, result.at(k, 0), result);
        }
    }

  private:
    // The three estimates differ by the bias that the choice of k makes: half their range is allowed for.
    static void judge(const Setup& setup, const Row& row, const std::vector<double>& x, const HillHull& hull,
                      Cell& cell, ClaimResult& result) {
        const double alpha = setup.truth.tail_index->value;
        judge_equal(cell, hull.at[1].index, hull.limits, alpha, hull.estimates.half_width(), alpha, double(x.size()),
                    result);
        // The bias that all three estimates share is not in their range; the tolerance is what it is known to come to.
        const double least = alpha * (1 - result.plan.tol), most = alpha * (1 + result.plan.tol);
        if (cell.verdict == Verdict::violated && hull.limits.upper >= least && hull.limits.lower <= most)
            cell.verdict = Verdict::inconclusive;
        if (row.start == 0 && row.order == (setup.has(Order::backward) ? Order::backward : orders_of_one_law(setup).front()))
            result.finding = "Hill's estimates are " + number(hull.at[0].index) + ", " + number(hull.at[1].index) +
                             ", " + number(hull.at[2].index) + " at k = " + std::to_string(hull.at[0].k) + ", " +
                             std::to_string(hull.at[1].k) + ", " + std::to_string(hull.at[2].k) + "; theory says " +
                             number(alpha);
        if (const auto steps = steps_needed(setup, x); !(double(setup.steps.back()) >= steps)) {
            cell.verdict = Verdict::unresolved;
            note(result,
                 std::isfinite(steps)
                     ? "the tail needs about " + number(steps) + " maps to form: a larger steps.last resolves it"
                     : std::string("E[|a|^alpha log|a|] is not known: how many maps the tail needs cannot be said"));
        }
    }

    /// 5 log(t_max)/E[|a|^alpha log|a|], t_max the largest |x| in units of the median.
    static double steps_needed(const Setup& setup, std::vector<double> x) {
        const auto slope = drift(setup, setup.truth.tail_index->value);
        if (!slope || !(*slope > 0)) return infinity;
        for (double& v : x) v = std::abs(v);
        const auto middle = x.begin() + std::ptrdiff_t(x.size() / 2);
        std::nth_element(x.begin(), middle, x.end());
        return 5 * std::log(*std::max_element(middle, x.end()) / *middle) / *slope;
    }
};

}  // namespace

const Claim& tail_index() {
    static const TailIndex claim;
    return claim;
}

}  // namespace foldback
