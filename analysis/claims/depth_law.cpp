#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/claims/passes.hpp"

namespace foldback {
namespace {

using namespace claims;

// A mean square is judged where rounding can have moved it by this much of its value at most.
constexpr double largest_rounding = 1e-3;

/// A mean square by operator, from one start: what it is exactly, and where its root is recorded.
struct Law {
    std::size_t start;
    const char* what;
    Quantity error, rounding;
    std::vector<double> exact;
};

std::vector<Law> laws_of(const Setup& setup) {
    const CompositeTruth& truth = *setup.truth.composite;
    std::vector<Law> laws;
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        if (truth.forward_error_square && truth.forward.perturbed)
            laws.push_back({s, "E|x~ - x|^2", Quantity::forward_error, Quantity::forward_rounding,
                            truth.forward_error_square(setup.starts[s])});
        if (truth.gradient_error_square)
            laws.push_back({s, "E|g~ - g|^2", Quantity::gradient_error, Quantity::gradient_rounding,
                            truth.gradient_error_square(setup.starts[s])});
    }
    return laws;
}

/// The factor by which the roots of mean squares grow from operator to operator, by least squares on their logarithms;
/// of operators where they are positive. NaN of fewer than two.
double growth(const std::vector<double>& squares) {
    std::vector<double> at, log_root;
    for (std::size_t n = 0; n < squares.size(); ++n) {
        if (!(squares[n] > 0)) continue;
        at.push_back(double(n));
        log_root.push_back(0.5 * std::log(squares[n]));
    }
    const double centre = moments(at).mean;
    double above = 0, below = 0;
    for (std::size_t i = 0; i < at.size(); ++i) {
        above += (at[i] - centre) * log_root[i];
        below += (at[i] - centre) * (at[i] - centre);
    }
    return std::exp(above / below);
}

class DepthLaw final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"depth-law",
                                    "E|x~_n - x_n|^2 and E|g~_n - g_n|^2 of linear operators, exactly, by operator; of "
                                    "operators a Q, Q orthogonal, "
                                    "dim s^2 (1 - a^(2n))/(1 - a^2) forward: errors grow by a factor a an operator",
                                    "K26",
                                    "linear operators, a linear last one or the squared loss, one training row; "
                                    "zero-mean perturbations of a fixed "
                                    "amplitude, independent of everything"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override;
    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override;

  private:
    static void judge(const Evidence& evidence, const Law& law, std::size_t op, double level, Cell& cell,
                      ClaimResult& result);
    static std::string finding(const Setup& setup, const std::vector<Law>& laws, const ClaimResult& result);
};

ClaimPlan DepthLaw::plan(const Setup& setup) const {
    if (auto why = no_passes(setup, Quantity::gradient_error); !why.empty()) return ClaimPlan::not_applicable(why);
    const auto laws = laws_of(setup);
    if (laws.empty())
        return ClaimPlan::not_applicable(
            "the chain has no exact mean squares: linear operators, one training row and independent zero-mean "
            "perturbations of absolute amplitude have");
    if (auto why = no_checkpoint_at_start(setup); !why.empty()) return ClaimPlan::not_applicable(why);
    ClaimPlan plan;
    plan.axis = "operator";
    plan.axis_values.resize(setup.truth.composite->operators.size());
    std::iota(plan.axis_values.begin(), plan.axis_values.end(), 1.0);
    for (const Law& law : laws) {
        plan.cases.push_back(law.what + (", " + start_label(setup, law.start)));
        plan.tests += std::size_t(std::count_if(law.exact.begin(), law.exact.end(), [](double x) { return x > 0; }));
        for (Quantity q : {law.error, law.rounding})
            if (std::find(plan.needs.begin(), plan.needs.end(), q) == plan.needs.end()) plan.needs.push_back(q);
    }
    plan.interval = "Hall's t";
    plan.scale = "the exact mean square";
    return plan;
}

void DepthLaw::evaluate(const Evidence& evidence, double level, ClaimResult& result) const {
    const Setup& setup = evidence.setup();
    const Order order = setup.orders.front();
    const auto laws = laws_of(setup);
    for (std::size_t i = 0; i < laws.size(); ++i) {
        if (!recorded(evidence, laws[i].error, order, result) || !recorded(evidence, laws[i].rounding, order, result))
            continue;
        for (std::size_t op = 0; op < laws[i].exact.size(); ++op)
            judge(evidence, laws[i], op, level, result.at(i, op), result);
    }
    const auto checkpoints = checkpoints_at_start(setup).size();
    if (checkpoints > 1)
        note(result, "the weights stay: " + std::to_string(checkpoints) + " checkpoints are as many independent draws");
    result.finding = finding(setup, laws, result);
}

void DepthLaw::judge(const Evidence& evidence, const Law& law, std::size_t op, double level, Cell& cell,
                     ClaimResult& result) {
    const Setup& setup = evidence.setup();
    std::vector<double> squares;
    double rounding = 0, largest = 0;
    for (std::size_t k : checkpoints_at_start(setup)) {
        const auto error = evidence.values({law.error, setup.orders.front(), law.start, k, op});
        const auto slack = evidence.values({law.rounding, setup.orders.front(), law.start, k, op});
        for (std::size_t r = 0; r < error.size(); ++r) {
            squares.push_back(error[r] * error[r]);
            rounding += slack[r] * (2 * error[r] + slack[r]);
            largest = std::max(largest, error[r] - slack[r]);
        }
    }
    rounding /= double(squares.size());
    const double exact = law.exact[op];
    if (!finite(squares)) return note(result, std::string(law.what) + ": some passes diverged, and it is not judged");
    if (std::isnan(exact)) {  // the last output under the squared loss, for one
        cell.verdict = Verdict::not_applicable;
        return;
    }
    if (exact == 0) {  // no perturbation comes there: no statistics
        cell.measured = cell.lower = cell.upper = moments(squares).mean;
        cell.bound = 0;
        cell.verdict = largest <= 0 ? Verdict::consistent : Verdict::violated;
        return;
    }
    judge_equal(cell, moments(squares).mean, mean_interval(squares, level), exact, rounding, exact,
                double(setup.replicas), result);
    if (rounding <= largest_rounding * exact) return;
    cell.verdict = Verdict::unresolved;
    note(result, std::string(law.what) + " is not far above rounding at " + operator_label(setup, op));
}

std::string DepthLaw::finding(const Setup& setup, const std::vector<Law>& laws, const ClaimResult& result) {
    std::string text;
    for (std::size_t i = 0; i < laws.size(); ++i) {
        if (laws[i].start != 0) continue;
        std::vector<double> measured, exact = laws[i].exact;
        for (std::size_t op = 0; op < exact.size(); ++op) {
            measured.push_back(result.at(i, op).measured);
            if (!(measured[op] > 0)) exact[op] = 0;
            if (!(exact[op] > 0)) measured[op] = 0;
        }
        if (!std::isfinite(growth(measured))) continue;
        text += std::string(text.empty() ? "" : "; ") + "the root of " + laws[i].what + " grows by a factor of " +
                number(growth(measured)) + " an operator (exact: " + number(growth(exact)) + ")";
        const auto& gradient_square = setup.truth.composite->gradient_square;
        if (laws[i].error != Quantity::gradient_error || !gradient_square) continue;
        const auto g = gradient_square(setup.starts[0]);
        for (std::size_t op = 0; op < g.size(); ++op) measured[op] = g[op] > 0 ? measured[op] / g[op] : 0;
        text += ", relative to |g| by " + number(growth(measured));
    }
    return text;
}

}  // namespace

const Claim& depth_law() {
    static const DepthLaw claim;
    return claim;
}

}  // namespace foldback
