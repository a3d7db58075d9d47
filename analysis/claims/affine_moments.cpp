#include <algorithm>
#include <cmath>

#include "analysis/affine_recursion.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/claims/moment_tests.hpp"

namespace foldback {
namespace {

using namespace claims;

constexpr int most_dimensions_for_pairs = 8;

/// One row of the plan: a mean (j < 0), a variance (j = i) or a covariance.
struct Row {
    Order order;
    std::size_t start, i;
    int j;
};

std::vector<Row> rows_of(const Setup& setup) {
    const int d = setup.dimension;
    const bool pairs = d <= most_dimensions_for_pairs && setup.states;
    std::vector<Row> rows;
    for (Order order : orders_of_one_law(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (int i = 0; i < d; ++i) {
                rows.push_back({order, s, std::size_t(i), -1});
                for (int j = i; j < (pairs ? d : i + 1); ++j) rows.push_back({order, s, std::size_t(i), j});
            }
    return rows;
}

std::string label(const Setup& setup, const Row& row) {
    const bool pair = row.j >= 0 && row.j != int(row.i);
    std::string text = row.j < 0 ? "mean" : pair ? "covariance" : "variance";
    text += std::string(", ") + name(row.order) + ", " + start_label(setup, row.start);
    if (pair) return text + ", components " + std::to_string(row.i) + " and " + std::to_string(row.j);
    return text + component_label(setup, row.i);
}

double moment_needed(const Row& row) { return row.j < 0 ? 2 : 4; }

class AffineMoments final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"affine-moments",
                                    "for x -> A x + b, at every n and for every order that uses each map once: m' = E[A] m + E[b], "
                                    "C' = E[A C A^T] + Cov(A m + b)",
                                    "theory.md", "affine maps with E|A|^2, E|b|^2 finite"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (!setup.truth.affine)
            return ClaimPlan::not_applicable("the model's maps are not affine, or their moments are not known");
        if (const auto missing = missing_law(setup); !missing.empty()) return ClaimPlan::not_applicable(missing);
        if (const auto failed = not_independent(setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        const std::vector<Row> rows = rows_of(setup);
        std::vector<std::string> cases;
        for (const Row& row : rows) cases.push_back(label(setup, row));
        ClaimPlan plan =
            plan_over_steps(setup, std::move(cases), {},
                            "mean: Hall's t; variance: chi^2 matched to the kurtosis; covariance: Hall's t");
        if (std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.j > int(row.i); }))
            plan.needs = {Quantity::state};
        plan.scale = "standard deviation of the state; variance; product of the standard deviations";
        plan.rests_on = {"E A, E b, E[A (x) A], E[A (x) b], E[b b^T] of the maps (exact)"};
        for (const Row& row : rows)
            if (moments_bounded(setup, row.start, moment_needed(row)))
                plan.tests +=
                    std::size_t(std::count_if(setup.steps.begin(), setup.steps.end(), [](auto n) { return n > 0; }));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            AffineRecursion exact(*setup.truth.affine, setup.starts[s]);
            for (std::size_t c = 0; c < setup.steps.size(); ++c) {
                exact.to(setup.steps[c]);
                for (std::size_t k = 0; k < rows.size() && setup.steps[c] > 0; ++k)
                    if (rows[k].start == s) judge(evidence, rows[k], c, exact, level, result.at(k, c), result);
            }
        }
        say(setup, rows, result);
    }

  private:
    static void judge(const Evidence& evidence, const Row& row, std::size_t c, const AffineRecursion& exact,
                      double level, Cell& cell, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        if (!moments_bounded(setup, row.start, moment_needed(row)))
            return note(result, unbounded_note(setup, moment_needed(row)));
        if (!all_finite(evidence, row.order, row.start, result)) return;
        const std::size_t j = row.j < 0 ? row.i : std::size_t(row.j);
        const double vi = exact.variance(row.i), vj = exact.variance(j);
        if (!above_rounding(vi, exact.mean()[row.i]) || !above_rounding(vj, exact.mean()[j]))
            return note(result, "components without noise are unresolved: there is nothing to measure them in");
        const SampleMoments x = evidence.moments(row.order, row.start, c, row.i);
        if (row.j < 0) {
            judge_equal(cell, x.mean, mean_limits(x, vi, level), exact.mean()[row.i], 0, std::sqrt(vi), double(x.count),
                        result);
        } else if (j == row.i) {
            judge_variance(cell, x, vi, level, result);
        } else if (recorded(evidence, Quantity::state, row.order, result)) {
            const auto a = evidence.values({Quantity::state, row.order, row.start, c, row.i});
            const auto b = evidence.values({Quantity::state, row.order, row.start, c, j});
            judge_covariance(cell, a, b, exact.covariance()[row.i * exact.mean().size() + j], std::sqrt(vi * vj), level,
                             result);
        }
    }

    static void say(const Setup& setup, const std::vector<Row>& rows, ClaimResult& result) {
        std::string text;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (rows[k].start != 0 || rows[k].i != 0 || rows[k].j > 0) continue;
            const Cell& cell = result.at(k, setup.last());
            if (std::isnan(cell.measured)) continue;
            text += (text.empty() ? "" : "; ") + std::string(name(rows[k].order)) +
                    (rows[k].j < 0 ? " mean " : " variance ") + number(cell.measured) + " (exact " +
                    number(cell.bound) + ")";
        }
        if (!text.empty()) result.finding = "at n = " + std::to_string(setup.steps[setup.last()]) + ": " + text;
    }
};

}  // namespace

const Claim& affine_moments() {
    static const AffineMoments claim;
    return claim;
}

}  // namespace foldback
