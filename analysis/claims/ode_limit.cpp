#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/ode_point.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback {
namespace {

using namespace claims;

// Of the exponents: from exact moments, from replicas.
constexpr double exact_tol = 0.02, sampled_tol = 0.3;

// The same rows for every miss, start and time.
enum Row { by_step, exponent, rows };

const char* text(Miss miss) {
    if (miss == Miss::flow) return "E F_n - gradient flow";
    return miss == Miss::mean ? "E F_n - closure" : "Cov F_n - closure";
}
double order(Miss miss) { return miss == Miss::flow ? 1 : 2; }

class OdeLimit final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "ode-limit",
            "t = n h fixed: E F_n is within O(h) of the gradient flow, E F_n and Cov F_n within O(h^2) of the closure "
            "m' = -grad(l + (h/4)|grad l|^2)(m) - T(m)[P]/2, P' = -(H P + P H) + h C(m)",
            "LTE17, theory.md", "SGD with independent batches, every l_xi smooth; h small"};
        return info;
    }

    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }

    ClaimPlan plan(const Ladder& ladder) const override {
        for (const Setup* setup : ladder.setups)
            if (const auto failed = no_flows(*setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        const Setup& setup = *ladder.setups.front();
        const bool exact = has_exact_moments(setup);
        ClaimPlan plan;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (double t : setup.times)
                for (Miss miss : misses) {
                    const std::string where =
                        std::string(text(miss)) + ", t = " + number(t) + ", " + start_label(setup, s);
                    plan.cases.push_back(where);
                    plan.cases.push_back("exponent of " + where);
                }
        if (!exact) {
            plan.tests = plan.cases.size() / rows;
            plan.needs = {Quantity::state};
            if (has_control(setup)) plan.needs.push_back(Quantity::control);
        }
        plan.tol = exact ? exact_tol : sampled_tol;
        plan.interval = exact ? "exact moments" : "Hall's t of one number a replica; exponent: delta method";
        plan.scale = "1";
        plan.rests_on = {exact ? "exact moments of the affine maps; distances of vectors"
                               : "mean along the closure's distance from the flow; trace of the covariance"};
        return plan;
    }

    std::size_t summary_size(const Setup& setup) const override { return miss_summary_size(setup); }
    std::string summary_text() const override {
        return "start, then time, then: from exact moments, distances of the mean from the gradient flow, of the mean "
               "and the covariance from the closure, the error of each, of the closure from the flow; else by replica "
               "v . F_n less its control, then |F_n - mean|^2, and v . flow, v . closure, trace of the closure's "
               "covariance, v the direction from flow to closure";
    }
    void summarise(const Evidence& evidence, std::span<double> summary) const override {
        summarise_misses(evidence, summary);
    }

    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override {
        for (Cell& cell : result.cells) cell.verdict = Verdict::not_applicable;
        const Setup& setup = *ladder.setups.front();
        std::size_t row = 0;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (std::size_t t = 0; t < setup.times.size(); ++t)
                for (Miss miss : misses) {
                    const Measured y = miss_along(ladder, summaries, s, t, miss);
                    report(y, row + by_step, level, result);
                    if (miss == Miss::flow) bound(closure_from_flow(ladder, summaries, s, t), row + by_step, result);
                    judge(ladder, y, miss, row, level, result);
                    row += rows;
                }
    }

  private:
    // Shown: at a given h nothing bounds it.
    static void report(const Measured& y, std::size_t row, double level, ClaimResult& result) {
        for (std::size_t k = 0; k < y.size(); ++k) {
            Cell& cell = result.at(row, k);
            const Interval limits = mean_interval(y.ladder.values[k], level);
            cell.measured = y.ladder.mean(k);
            cell.lower = limits.lower - y.error[k];
            cell.upper = limits.upper + y.error[k];
        }
    }
    // What the closure says that the miss of the flow is.
    static void bound(const std::vector<double>& apart, std::size_t row, ClaimResult& result) {
        for (std::size_t k = 0; k < apart.size(); ++k) {
            Cell& cell = result.at(row, k);
            cell.bound = apart[k];
            cell.tightness = tightness(cell.measured, cell.bound);
        }
    }
    static void judge(const Ladder& ladder, const Measured& y, Miss miss, std::size_t row, double level,
                      ClaimResult& result);
};

void OdeLimit::judge(const Ladder& ladder, const Measured& y, Miss miss, std::size_t row, double level,
                     ClaimResult& result) {
    const Setup& setup = *ladder.setups.front();
    const bool exact = has_exact_moments(setup);
    const std::string& what = result.plan.cases[row];
    std::size_t first = 0;
    if (exact) {  // small misses drown in the errors of the references
        first = y.size();
        while (first > 0 && y.ladder.mean(first - 1) > resolution * y.error[first - 1]) --first;
        if (first == y.size() && std::isfinite(y.ladder.mean(0)))
            return note(result, what + ": there is none, to 1e3 roundings");
    }
    const Exponent found = exact ? smallest_exponent(y.from(first), level) : fitted_exponent_at_zero(y, level);
    Cell& cell = result.at(row + exponent, std::min(exact ? first : found.first, y.size() - 1));
    judge_exponent(cell, found, what, order(miss), Law::at_least, result.plan.tol, double(setup.replicas), result);
    if (!found.there()) return;
    if (row == 0)
        result.finding = "t = " + number(setup.times[0]) + ":";
    else if (row >= misses.size() * rows)
        return;
    result.finding += std::string(row == 0 ? " " : ", ") + text(miss) + " ~ h^" + number(found.found.value);
}

}  // namespace

const SweepClaim& ode_limit() {
    static const OdeLimit claim;
    return claim;
}

}  // namespace foldback
