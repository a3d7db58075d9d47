#include <algorithm>
#include <cmath>

#include "analysis/affine_recursion.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/claims/moment_tests.hpp"

namespace foldback {
namespace {

using namespace claims;

struct Row {
    Order order;
    std::size_t start;
};

std::vector<Row> rows_of(const Setup& setup) {
    std::vector<Row> rows;
    for (Order order : setup.orders)
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (order == Order::forward || order == Order::backward) rows.push_back({order, s});
    return rows;
}

/// Stationary variance, if the recursion settles.
std::optional<double> stationary_variance(const Setup& setup) {
    if (!setup.truth.covariance.empty()) return setup.truth.covariance[0];
    AffineRecursion moments(*setup.truth.affine, setup.starts[0]);
    if (!moments.to_limit()) return std::nullopt;
    return moments.variance(0);
}

class Averaging final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "averaging",
            "n Var((1/n) sum F_k) -> Var Z (1 + E a)/(1 - E a), while Var((1/n) sum B_k) -> Var Z; exact at every n "
            "by recursion",
            "theory.md", "scalar affine maps, rho_2 < 1"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (!setup.truth.affine || setup.dimension != 1)
            return ClaimPlan::not_applicable("the maps are not scalar and affine with known moments");
        if (const auto failed = not_independent(setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        if (const auto failed = not_contracting(setup, 2); !failed.empty()) return ClaimPlan::not_applicable(failed);
        const std::vector<Row> rows = rows_of(setup);
        if (rows.empty()) return ClaimPlan::not_applicable("needs the order forward or backward");
        std::vector<std::string> cases;
        for (const Row& row : rows)
            cases.push_back((row.order == Order::forward ? "n times the variance of the path mean, "
                                                         : "variance of the path mean, ") +
                            std::string(name(row.order)) + ", " + start_label(setup, row.start));
        ClaimPlan plan =
            plan_over_steps(setup, std::move(cases), {Quantity::path_mean}, "chi^2 matched to the kurtosis");
        plan.scale = "the value";
        plan.rests_on = {rests_on("rho_2", *setup.rho(2)), "E a, E a^2, E ab, E b, E b^2 (exact)"};
        for (const Row& row : rows)
            if (moments_bounded(setup, row.start, 4))
                plan.tests +=
                    std::size_t(std::count_if(setup.steps.begin(), setup.steps.end(), [](auto n) { return n > 0; }));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Row& row = rows[k];
            if (!recorded(evidence, Quantity::path_mean, row.order, result) ||
                !all_finite(evidence, row.order, row.start, result))
                continue;
            if (!moments_bounded(setup, row.start, 4)) {
                note(result, unbounded_note(setup, 4));
                continue;
            }
            const auto sums = affine_path_sums(*setup.truth.affine, setup.starts[row.start][0], setup.steps);
            for (std::size_t c = 0; c < setup.steps.size(); ++c)
                if (setup.steps[c] > 0) judge(evidence, row, c, sums[c], level, result.at(k, c), result);
        }
        say(setup, rows, result);
    }

  private:
    static void judge(const Evidence& evidence, const Row& row, std::size_t c, const AffinePathSums& sums, double level,
                      Cell& cell, ClaimResult& result) {
        const double n = evidence.setup().steps[c];
        const SampleMoments x = foldback::moments(evidence.values({Quantity::path_mean, row.order, row.start, c, 0}));
        const double value = (row.order == Order::forward ? sums.forward : sums.backward) / (n * n);
        if (!above_rounding(value, x.mean))
            return note(result, "path means without noise are unresolved: there is nothing to measure them in");
        if (row.order == Order::forward)
            judge_variance(cell, transformed(x, std::sqrt(n), 0), n * value, level, result);
        else
            judge_variance(cell, x, value, level, result);
    }

    static void say(const Setup& setup, const std::vector<Row>& rows, ClaimResult& result) {
        const auto variance = stationary_variance(setup);
        const double ea = setup.truth.affine->mean_A[0];
        std::string text;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Cell& cell = result.at(k, setup.last());
            if (rows[k].start != 0 || std::isnan(cell.measured)) continue;
            const bool forward = rows[k].order == Order::forward;
            text += (text.empty() ? "" : "; ") +
                    std::string(forward ? "forward, n times the variance of the mean is "
                                        : "backward, the variance of the mean is ") +
                    number(cell.measured);
            if (variance) text += " (limit " + number(forward ? *variance * (1 + ea) / (1 - ea) : *variance) + ")";
        }
        if (!text.empty()) result.finding = "over n = " + std::to_string(setup.steps[setup.last()]) + " maps: " + text;
    }
};

}  // namespace

const Claim& averaging() {
    static const Averaging claim;
    return claim;
}

}  // namespace foldback
