#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/rank_tests.hpp"
#include "analysis/sliced_wasserstein.hpp"

namespace foldback {
namespace {

using namespace claims;

/// A functional of the state whose law is compared: a component, or (component = dimension) the seeded projection.
struct Row {
    bool anderson_darling;
    std::size_t start, component;
};

std::vector<Row> rows_of(const Setup& setup) {
    const std::size_t d = std::size_t(setup.dimension), functionals = d + (d > 1);
    std::vector<Row> rows;
    for (std::size_t s = 0; s < setup.starts.size(); ++s)
        for (std::size_t k = 0; k < functionals; ++k) {
            rows.push_back({false, s, k});
            if (!setup.truth.atoms) rows.push_back({true, s, k});
        }
    return rows;
}

class LawEquality final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"law-equality", "for every n, F_n(x) and B_n(x) have the same law", "D25, DF99",
                                    "independent, identically distributed maps; the start does not depend on them"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (const auto missing = missing_orders(setup, {Order::forward, Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        std::vector<std::string> cases;
        for (const Row& row : rows_of(setup))
            cases.push_back((row.anderson_darling ? "AD, " : "KS, ") + start_label(setup, row.start) +
                            (row.component < std::size_t(setup.dimension) ? component_label(setup, row.component)
                                                                          : ", a seeded projection"));
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), {Quantity::state}, "DKW, two samples");
        plan.scale = "1";
        plan.tests = plan.cases.size() *
                     std::size_t(std::count_if(setup.steps.begin(), setup.steps.end(), [](auto n) { return n > 0; }));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        if (!recorded(evidence, Quantity::state, Order::forward, result)) return;
        note(
            result,
            "forward states are those of the first half of the replicas, backward states of the second: the two of one "
            "replica share their maps");
        const std::vector<Row> rows = rows_of(setup);
        double worst = 0;
        std::uint32_t at = 0;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (!all_finite(evidence, Order::forward, rows[k].start, result) ||
                !all_finite(evidence, Order::backward, rows[k].start, result))
                continue;
            for (std::size_t c = 0; c < setup.steps.size(); ++c) {
                if (setup.steps[c] == 0) continue;
                judge(evidence, rows[k], c, level, result.at(k, c), result);
                if (rows[k].anderson_darling || !(result.at(k, c).measured > worst)) continue;
                worst = result.at(k, c).measured;
                at = setup.steps[c];
            }
        }
        result.finding = "the largest Kolmogorov-Smirnov distance between forward and backward laws is " +
                         number(worst) + ", at n = " + std::to_string(at);
    }

  private:
    static void judge(const Evidence& evidence, const Row& row, std::size_t c, double level, Cell& cell,
                      ClaimResult& result) {
        auto x = first_half(functional(evidence, Order::forward, row, c)),
             y = second_half(functional(evidence, Order::backward, row, c));
        if (evidence.setup().truth.atoms) round_together(x, y);
        if (row.anderson_darling)
            judge_anderson_darling(cell, x, y, level, result);
        else
            judge_ks(cell, x, y, level, result);
    }

    static std::vector<double> functional(const Evidence& evidence, Order order, const Row& row, std::size_t c) {
        const std::size_t d = std::size_t(evidence.setup().dimension);
        if (row.component < d) return evidence.values({Quantity::state, order, row.start, c, row.component});
        constexpr std::uint64_t seed = 1;  // of the direction: fixed, so that a file is judged the same way every time
        const std::vector<double> direction = sphere_directions(d, 1, seed);
        std::vector<double> projection(std::size_t(evidence.setup().replicas), 0.0);
        for (std::size_t i = 0; i < d; ++i) {
            const auto x = evidence.values({Quantity::state, order, row.start, c, i});
            for (std::size_t r = 0; r < x.size(); ++r) projection[r] += direction[i] * x[r];
        }
        return projection;
    }
};

}  // namespace

const Claim& law_equality() {
    static const LawEquality claim;
    return claim;
}

}  // namespace foldback
