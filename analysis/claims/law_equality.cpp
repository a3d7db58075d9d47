#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/functionals.hpp"
#include "analysis/claims/rank_tests.hpp"

namespace foldback {
namespace {

using namespace claims;

/// An order, and the functional of the state whose law is compared with forward's.
struct Row {
    Order order;
    bool anderson_darling;
    std::size_t start;
    Functional functional;
};

/// The orders but forward that have its law at step n.
std::vector<Order> others(const Setup& setup) {
    std::vector<Order> orders = orders_of_one_law(setup);
    std::erase(orders, Order::forward);
    return orders;
}

bool tested(const Setup& setup, const Order& order, std::size_t c) {
    return setup.steps[c] > 0 && has_law_of_forward(order, setup.seed, setup.steps[c], setup.truth.epoch);
}

std::vector<Row> rows_of(const Setup& setup) {
    const std::vector<Functional> functionals = functionals_of(setup);
    std::vector<Row> rows;
    for (const Order& order : others(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (const Functional& f : functionals) {
                rows.push_back({order, false, s, f});
                if (!setup.truth.atoms) rows.push_back({order, true, s, f});
            }
    return rows;
}

class LawEquality final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"law-equality",
                                    "for every n, F_n(x), B_n(x) and every other composition of n maps, each used "
                                    "once, have the same law",
                                    "D25, DF99",
                                    "independent, identically distributed maps, or maps that are exchangeable within "
                                    "epochs and n that keeps epochs whole; the start does not depend on them"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (const auto why = inhomogeneous(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (!setup.has(Order::forward) || others(setup).empty())
            return ClaimPlan::not_applicable("needs the order forward and another one that uses each map once");
        std::vector<std::string> cases;
        const std::vector<Row> rows = rows_of(setup);
        for (const Row& row : rows)
            cases.push_back((row.anderson_darling ? "AD, " : "KS, ") + name(row.order) + ", " +
                            start_label(setup, row.start) + functional_label(setup, row.functional));
        std::vector<Quantity> needs;
        for (const Row& row : rows) needs.push_back(row.functional.quantity);
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), needs, "DKW, two samples");
        plan.scale = "1";
        for (const Order& order : others(setup)) {
            const auto of_order = std::size_t(
                std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return row.order == order; }));
            for (std::size_t c = 0; c < setup.steps.size(); ++c) plan.tests += tested(setup, order, c) ? of_order : 0;
        }
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        double worst = 0;
        std::size_t at = 0;
        Order which;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (!recorded(evidence, rows[k].functional.quantity, Order::forward, result) ||
                !all_finite(evidence, Order::forward, rows[k].start, result) ||
                !all_finite(evidence, rows[k].order, rows[k].start, result))
                continue;
            for (std::size_t c = 0; c < setup.steps.size(); ++c) {
                if (!tested(setup, rows[k].order, c)) continue;
                judge(evidence, rows[k], c, level, result.at(k, c), result);
                if (rows[k].anderson_darling || !(result.at(k, c).measured > worst)) continue;
                worst = result.at(k, c).measured;
                at = c;
                which = rows[k].order;
            }
        }
        note(result,
             "forward states are those of the first half of the replicas, the other order's of the second: the two of "
             "one replica share their maps");
        if (setup.truth.epoch > 0)
            note(result, "the maps are exchangeable within epochs of " + std::to_string(setup.truth.epoch) +
                             ": only checkpoints at which the order keeps epochs whole are judged");
        if (which.kind)
            result.finding = "the largest Kolmogorov-Smirnov distance between the laws forward and " + name(which) +
                             " is " + number(worst) + ", at n = " + std::to_string(setup.steps[at]);
    }

  private:
    static void judge(const Evidence& evidence, const Row& row, std::size_t c, double level, Cell& cell,
                      ClaimResult& result) {
        auto x = first_half(values(evidence, row.functional, Order::forward, row.start, c)),
             y = second_half(values(evidence, row.functional, row.order, row.start, c));
        if (evidence.setup().truth.atoms) round_together(x, y);
        if (row.anderson_darling)
            judge_anderson_darling(cell, x, y, level, result);
        else
            judge_ks(cell, x, y, level, result);
    }
};

}  // namespace

const Claim& law_equality() {
    static const LawEquality claim;
    return claim;
}

}  // namespace foldback
