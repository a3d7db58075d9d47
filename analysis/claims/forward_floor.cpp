#include <cmath>

#include "analysis/affine_recursion.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/claims/moment_tests.hpp"

namespace foldback {
namespace {

using namespace claims;

bool exact(const Setup& setup) { return setup.truth.affine && setup.metric == "euclidean"; }
bool judged(const Setup& setup, std::size_t start) { return exact(setup) && moments_bounded(setup, start, 4); }

double root_mean_square(const std::vector<double>& x) {
    double sum = 0;
    for (double v : x) sum += v * v;
    return std::sqrt(sum / double(x.size()));
}

class ForwardFloor final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "forward-floor",
            "E|F_{n+1} - F_n|^2 = E|f(F_n) - F_n|^2 -> E|f(Z) - Z|^2, positive unless all maps share a fixed point",
            "D25", "rho_2 < 1 and D_2 finite, or affine maps (whose value is exact at every n)"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (const auto missing = missing_orders(setup, {Order::forward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (const auto failed = not_independent(setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        if (!exact(setup))
            if (const auto failed = not_contracting(setup, 2); !failed.empty())
                return ClaimPlan::not_applicable(failed);
        std::vector<std::string> cases;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            cases.push_back("mean square increment, forward, " + start_label(setup, s));
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), {Quantity::increment}, "Hall's t");
        plan.scale = "the value";
        if (exact(setup)) plan.rests_on = {"the first two moments of A and b (exact)"};
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (judged(setup, s)) plan.tests += setup.steps.size();
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        if (!recorded(evidence, Quantity::increment, Order::forward, result)) return;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (all_finite(evidence, Order::forward, s, result)) judge(evidence, s, level, result);
        say(evidence, result);
    }

  private:
    static void judge(const Evidence& evidence, std::size_t s, double level, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        if (!exact(setup))
            note(result, "E|f(Z) - Z|^2 is not known for maps that are not affine: the floor is reported, not judged");
        else if (!judged(setup, s))
            note(result, unbounded_note(setup, 4));
        std::optional<AffineRecursion> moments;
        if (exact(setup)) moments.emplace(*setup.truth.affine, setup.starts[s]);
        for (std::size_t c = 0; c < setup.steps.size(); ++c) {
            std::vector<double> square = evidence.values({Quantity::increment, Order::forward, s, c});
            for (double& v : square) v *= v;
            const SampleMoments x = foldback::moments(square);
            Cell& cell = result.at(s, c);
            cell.measured = x.mean;
            const Interval limits = mean_interval(x, level);
            cell.lower = limits.lower;
            cell.upper = limits.upper;
            if (!moments) continue;
            moments->to(setup.steps[c]);
            cell.bound = moments->mean_square_increment();
            if (judged(setup, s)) decide(cell, x, limits, *moments, result);
        }
    }

    static void decide(Cell& cell, const SampleMoments& x, Interval limits, const AffineRecursion& moments,
                       ClaimResult& result) {
        double size = 0;  // of what cancels in the recursion and in the increments
        for (std::size_t i = 0; i < moments.mean().size(); ++i)
            size += moments.variance(i) + moments.mean()[i] * moments.mean()[i];
        const double rounding = 64 * 0x1p-52 * size;
        if (!(cell.bound > resolution * rounding))
            return note(result, "increments that are rounding alone are unresolved");
        judge_equal(cell, x.mean, limits, cell.bound, rounding, cell.bound, double(x.count), result);
    }

    static void say(const Evidence& evidence, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const std::size_t last = setup.last();
        if (evidence.diverged(Order::forward, 0) > 0) return;
        const double forward = root_mean_square(evidence.values({Quantity::increment, Order::forward, 0, last}));
        const std::string n = std::to_string(setup.steps[last]);
        result.finding =
            "at n = " + n + " the forward order still moves by " + number(forward) + " per map (root mean square)";
        if (const double value = result.at(0, last).bound; std::isfinite(value))
            result.finding += ", exactly " + number(std::sqrt(value));
        if (!setup.has(Order::backward) || !evidence.has(Quantity::increment, Order::backward) ||
            evidence.diverged(Order::backward, 0) > 0)
            return;
        const double backward = root_mean_square(evidence.values({Quantity::increment, Order::backward, 0, last}));
        result.finding += "; on the same noise the backward order moves by " + number(backward);
        if (backward > 0) result.finding += ", " + number(forward / backward) + " times less";
    }
};

}  // namespace

const Claim& forward_floor() {
    static const ForwardFloor claim;
    return claim;
}

}  // namespace foldback
