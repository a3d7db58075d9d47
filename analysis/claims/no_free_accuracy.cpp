#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/moment_tests.hpp"

namespace foldback {
namespace {

using namespace claims;

/// g = a component of the state or its square.
struct Row {
    std::size_t start, component;
    int power;
};

std::vector<Row> rows_of(const Setup& setup) {
    std::vector<Row> rows;
    for (std::size_t s = 0; s < setup.starts.size(); ++s)
        for (std::size_t i = 0; i < std::size_t(setup.dimension); ++i)
            for (int power : {1, 2}) rows.push_back({s, i, power});
    return rows;
}

// Maps 1 alone: F_1 = B_1, nothing to compare.
constexpr std::uint32_t first_step = 2;

bool tested(const Setup& setup, std::size_t c) {
    return setup.steps[c] >= first_step && has_law_of_forward(Order::backward, setup.seed, setup.steps[c], setup.truth.epoch);
}

class NoFreeAccuracy final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"no-free-accuracy",
                                    "E g(B_n) = E g(F_n) for every n and g: backward settles, no nearer to any optimum",
                                    "theory.md", "independent, identically distributed maps, or exchangeable ones at complete epochs; g(F_n) "
                                    "integrable"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (const auto missing = missing_orders(setup, {Order::forward, Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        std::vector<std::string> cases;
        const std::vector<Row> rows = rows_of(setup);
        for (const Row& row : rows)
            cases.push_back((row.power == 1 ? "mean, " : "mean square, ") + start_label(setup, row.start) +
                            component_label(setup, row.component));
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), {Quantity::state}, "Hall's t of paired differences");
        plan.scale = "standard deviations of g(F_n) and g(B_n), in quadrature";
        for (const Row& row : rows)
            if (moments_bounded(setup, row.start, 2 * row.power))
                for (std::size_t c = 0; c < setup.steps.size(); ++c) plan.tests += tested(setup, c);
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        if (!recorded(evidence, Quantity::state, Order::forward, result)) return;
        const std::vector<Row> rows = rows_of(setup);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Row& row = rows[k];
            if (!all_finite(evidence, Order::forward, row.start, result) ||
                !all_finite(evidence, Order::backward, row.start, result))
                continue;
            if (!moments_bounded(setup, row.start, 2 * row.power)) {
                note(result, unbounded_note(setup, 2 * row.power));
                continue;
            }
            for (std::size_t c = 0; c < setup.steps.size(); ++c)
                if (tested(setup, c)) judge(evidence, row, c, level, result.at(k, c), result);
        }
        const SampleMoments f = evidence.moments(Order::forward, 0, setup.last(), 0),
                            b = evidence.moments(Order::backward, 0, setup.last(), 0);
        if (!std::isfinite(f.mean) || !std::isfinite(b.mean)) return;
        result.finding = "at n = " + std::to_string(setup.steps[setup.last()]) + " the states are " + number(f.mean) +
                         " +- " + number(std::sqrt(f.variance())) + " forward and " + number(b.mean) + " +- " +
                         number(std::sqrt(b.variance())) +
                         " backward: settling has not brought them nearer to any point";
    }

  private:
    static void judge(const Evidence& evidence, const Row& row, std::size_t c, double level, Cell& cell,
                      ClaimResult& result) {
        std::vector<double> f = evidence.values({Quantity::state, Order::forward, row.start, c, row.component});
        std::vector<double> b = evidence.values({Quantity::state, Order::backward, row.start, c, row.component});
        if (row.power == 2)
            for (auto* x : {&f, &b})
                for (double& v : *x) v *= v;
        const SampleMoments mf = foldback::moments(f), mb = foldback::moments(b);
        for (std::size_t r = 0; r < f.size(); ++r) f[r] -= b[r];
        const SampleMoments difference = foldback::moments(f);
        const double scale = std::sqrt(mf.variance() + mb.variance());
        const double size = std::max({std::abs(mf.min), std::abs(mf.max), std::abs(mb.min), std::abs(mb.max)});
        if (!above_rounding(scale * scale, size))
            return note(result, "components without noise are unresolved: there is nothing to measure them in");
        judge_equal(cell, difference.mean, mean_interval(difference, level), 0, 64 * 0x1p-52 * size, scale,
                    double(difference.count), result);
    }
};

}  // namespace

const Claim& no_free_accuracy() {
    static const NoFreeAccuracy claim;
    return claim;
}

}  // namespace foldback
