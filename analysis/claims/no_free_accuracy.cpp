#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/functionals.hpp"
#include "analysis/claims/moment_tests.hpp"

namespace foldback {
namespace {

using namespace claims;

/// g = a functional of the state or its square.
struct Row {
    std::size_t start;
    Functional functional;
    int power;
};

double moment_needed(const Row& row) { return row.functional.kind == Functional::Kind::loss ? 4 : 2 * row.power; }

/// Whether g(F_n) is known to have the second moment that the interval needs. Accuracies lie in [0, 1]; a loss grows
/// like |X|^2 at most where the claim knows moments at all.
bool judged(const Setup& setup, const Row& row) {
    const Quantity q = row.functional.quantity;
    if (q == Quantity::test_accuracy || q == Quantity::train_accuracy) return true;
    return moments_bounded(setup, row.start, moment_needed(row));
}

std::vector<Row> rows_of(const Setup& setup) {
    std::vector<Functional> functionals = functionals_of(setup);
    // One projection of many says as little as one component; the accuracy is what the claim is about.
    if (setup.dimension > most_components) {
        if (const auto accuracy = first_offered(setup, {Quantity::test_accuracy, Quantity::train_accuracy}))
            functionals.insert(functionals.begin(), {Functional::Kind::loss, 0, *accuracy});
    } else if (setup.dimension > 1) {
        functionals.pop_back();
    }
    std::vector<Row> rows;
    for (std::size_t s = 0; s < setup.starts.size(); ++s)
        for (const Functional& f : functionals)
            for (int power : {1, 2})
                if (power == 1 || f.kind != Functional::Kind::loss) rows.push_back({s, f, power});
    return rows;
}

// Maps 1 alone: F_1 = B_1, nothing to compare.
constexpr std::uint32_t first_step = 2;

bool tested(const Setup& setup, std::size_t c) {
    return setup.steps[c] >= first_step &&
           has_law_of_forward(Order::backward, setup.seed, setup.steps[c], setup.truth.epoch);
}

class NoFreeAccuracy final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "no-free-accuracy", "E g(B_n) = E g(F_n) for every n and g: backward settles, no nearer to any optimum",
            "theory.md",
            "independent, identically distributed maps, or exchangeable ones at complete epochs; g(F_n) "
            "integrable"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (const auto why = inhomogeneous(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (const auto missing = missing_orders(setup, {Order::forward, Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        std::vector<std::string> cases;
        const std::vector<Row> rows = rows_of(setup);
        for (const Row& row : rows)
            cases.push_back((row.power == 1 ? "mean, " : "mean square, ") + start_label(setup, row.start) +
                            functional_label(setup, row.functional));
        std::vector<Quantity> needs;
        for (const Row& row : rows) needs.push_back(row.functional.quantity);
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), needs, "Hall's t of paired differences");
        plan.scale = "standard deviations of g(F_n) and g(B_n), in quadrature";
        for (const Row& row : rows)
            if (judged(setup, row))
                for (std::size_t c = 0; c < setup.steps.size(); ++c) plan.tests += tested(setup, c);
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Row& row = rows[k];
            if (!recorded(evidence, row.functional.quantity, Order::forward, result) ||
                !all_finite(evidence, Order::forward, row.start, result) ||
                !all_finite(evidence, Order::backward, row.start, result))
                continue;
            if (!judged(setup, row)) {
                note(result, unbounded_note(setup, moment_needed(row)));
                continue;
            }
            for (std::size_t c = 0; c < setup.steps.size(); ++c)
                if (tested(setup, c)) judge(evidence, row, c, level, result.at(k, c), result);
        }
        say(evidence, rows.front(), result);
    }

  private:
    static void say(const Evidence& evidence, const Row& row, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const Quantity q = row.functional.quantity;
        if (!evidence.has(q, Order::forward)) return;
        const auto moments_of = [&](Order order) {
            return foldback::moments(values(evidence, row.functional, order, row.start, setup.last()));
        };
        const SampleMoments f = moments_of(Order::forward), b = moments_of(Order::backward);
        if (!std::isfinite(f.mean) || !std::isfinite(b.mean)) return;
        result.finding = "at n = " + std::to_string(setup.steps[setup.last()]) +
                         (q == Quantity::state ? std::string(" the states are ")
                                               : " " + std::string(foldback::info(q).name) + " is ") +
                         number(f.mean) + " +- " + number(std::sqrt(f.variance())) + " forward and " + number(b.mean) +
                         " +- " + number(std::sqrt(b.variance())) + " backward: settling has not brought " +
                         (q == Quantity::state ? "them nearer to any point" : "it nearer to any better one");
    }

    static void judge(const Evidence& evidence, const Row& row, std::size_t c, double level, Cell& cell,
                      ClaimResult& result) {
        std::vector<double> f = values(evidence, row.functional, Order::forward, row.start, c);
        std::vector<double> b = values(evidence, row.functional, Order::backward, row.start, c);
        if (row.power == 2)
            for (auto* x : {&f, &b})
                for (double& v : *x) v *= v;
        const SampleMoments mf = foldback::moments(f), mb = foldback::moments(b);
        for (std::size_t r = 0; r < f.size(); ++r) f[r] -= b[r];
        const SampleMoments difference = foldback::moments(f);
        const double scale = std::sqrt(mf.variance() + mb.variance());
        const double size = std::max({std::abs(mf.min), std::abs(mf.max), std::abs(mb.min), std::abs(mb.max)});
        if (!above_rounding(scale * scale, size))
            return note(result, "functionals without noise are unresolved: there is nothing to measure them in");
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
