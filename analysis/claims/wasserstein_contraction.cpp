#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/claims/distances.hpp"
#include "analysis/claims/moment_tests.hpp"
#include "analysis/sliced_wasserstein.hpp"
#include "analysis/wasserstein.hpp"

namespace foldback {
namespace {

using namespace claims;

/// Two laws: X_n(x) and X_n(y), or (other = nothing) X_n(x) and the reference B_N(x), which stands for pi.
struct Row {
    Order order;
    double p;
    std::size_t start;
    std::optional<std::size_t> other;
};

std::vector<Row> rows_of(const Setup& setup) {
    std::vector<Row> rows;
    for (Order order : orders_of_one_law(setup))
        for (double p : {1.0, 2.0}) {
            if ((setup.dimension > 1 && p == 1) || !setup.contraction(1, p)) continue;
            for (std::size_t x = 0; x < setup.starts.size(); ++x) {
                for (std::size_t y = x + 1; y < setup.starts.size(); ++y) rows.push_back({order, p, x, y});
                if (setup.has(Order::backward) && setup.truth.epoch == 0 && setup.tail(setup.steps.back(), x, p))
                    rows.push_back({order, p, x, std::nullopt});
            }
        }
    return rows;
}

std::string label(const Setup& setup, const Row& row) {
    return (setup.dimension > 1 ? "sliced W_2, " : "W_" + number(row.p) + ", ") + name(row.order) + ", " +
           start_label(setup, row.start) +
           (row.other ? " and " + start_label(setup, *row.other) : std::string(" to the limit"));
}

bool statistical(const Setup& setup, const Row& row, std::size_t c) {
    if (setup.steps[c] == 0 || setup.steps[c] > judgeable_step(setup, row.p)) return false;
    if (!row.other && row.order == Order::backward && c == setup.last()) return false;  // the reference itself
    return moments_bounded(setup, row.start, 2 * row.p);
}

double bound_of(const Setup& setup, const Row& row, std::size_t c) {
    const double n = setup.steps[c];
    if (row.other)
        return setup.contraction(n, row.p)->value * setup.distance(setup.starts[row.start], setup.starts[*row.other]);
    return setup.tail(n, row.start, row.p)->value + setup.tail(setup.steps.back(), row.start, row.p)->value;
}

/// Both samples to the coordinate in which the model's metric on the line is |u - v|: the distance from their least
/// point.
void straighten(const Setup& setup, std::vector<double>& x, std::vector<double>& y) {
    if (setup.metric == "euclidean" || !setup.distance) return;
    const double least = std::min(*std::min_element(x.begin(), x.end()), *std::min_element(y.begin(), y.end()));
    for (auto* sample : {&x, &y})
        for (double& v : *sample) v = setup.distance({&least, 1}, {&v, 1});
}

class WassersteinContraction final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{
            "wasserstein-contraction",
            "W_p(law X_n(x), law X_n(y)) <= rho_p^n d(x, y) and W_p(law X_n(x), pi) <= rho_p^n D_p(x)/(1 - rho_p), in "
            "every order that uses each map once",
            "DF99", "rho_p < 1 for p = 1 or 2; in several dimensions sliced W_2, which is no larger than W_2"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        const auto failed = not_contracting(setup, 1);
        if (!failed.empty() && !not_contracting(setup, 2).empty()) return ClaimPlan::not_applicable(failed);
        if (const auto missing = missing_law(setup); !missing.empty()) return ClaimPlan::not_applicable(missing);
        const std::vector<Row> rows = rows_of(setup);
        if (rows.empty())
            return ClaimPlan::not_applicable(
                "one start, and no limit to compare with: needs a second start, or the order backward and D_p finite");
        std::vector<std::string> cases;
        for (const Row& row : rows) cases.push_back(label(setup, row));
        ClaimPlan plan = plan_over_steps(
            setup, std::move(cases), {Quantity::state},
            setup.dimension > 1 ? "batches less the samples' own noise below, coupling by the common noise above"
                                : "duality and DKW below, coupling by the common noise above");
        for (const Row& row : rows)
            for (std::size_t c = 0; c < setup.steps.size(); ++c) plan.tests += statistical(setup, row, c);
        for (double p : {1.0, 2.0})
            if (const auto rho = setup.rho(p); rho && (p == 2 || setup.dimension == 1))
                plan.rests_on.push_back(rests_on("rho_" + number(p), *rho));
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (const Row& row : rows)
                if (!row.other && row.start == s && row.order == rows.front().order)
                    plan.rests_on.push_back(rests_on("D_" + number(row.p) + "(" + start_label(setup, s) + ")",
                                                     *setup.displacement(s, row.p)));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        double floor = 0;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Row& row = rows[k];
            if (!recorded(evidence, Quantity::state, row.order, result) ||
                !all_finite(evidence, row.order, row.start, result))
                continue;
            if (row.other && !all_finite(evidence, row.order, *row.other, result)) continue;
            if (!row.other && !all_finite(evidence, Order::backward, row.start, result)) continue;
            const double row_floor = floor_of(evidence, row);
            floor = std::max(floor, row_floor);
            for (std::size_t c = 0; c < setup.steps.size(); ++c) {
                if (statistical(setup, row, c))
                    judge(evidence, row, c, level, row_floor, result.at(k, c), result);
                else
                    why_not(setup, row, c, result);
            }
        }
        note(result, "largest noise floor: " + number(floor) +
                         " (the distance between two samples of one law); where it is above " +
                         number(result.plan.tol) +
                         " of the bound the distance itself is not seen, only its upper limit by the common noise of "
                         "the replicas");
        say(setup, rows, result);
    }

  private:
    static void why_not(const Setup& setup, const Row& row, std::size_t c, ClaimResult& result) {
        if (setup.steps[c] == 0) return;
        if (!moments_bounded(setup, row.start, 2 * row.p))
            note(result, unbounded_note(setup, 2 * row.p));
        else if (setup.steps[c] > judgeable_step(setup, row.p))
            note(result, "past n = " + std::to_string(judgeable_step(setup, row.p)) + " the bound of order " +
                             number(row.p) + " is carried by paths too rare for this number of replicas (rare-paths)");
    }

    // Above, the two laws are coupled by their common noise: W_p <= || d(X, Y) ||_p, X and Y of the same replica.
    // Below, by independent halves, where the distance between two samples of one law (the floor) leaves anything to
    // see.
    static void judge(const Evidence& evidence, const Row& row, std::size_t c, double level, double floor, Cell& cell,
                      ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const double bound = bound_of(setup, row, c), before = result.replicas_to_decide;
        const Coupling coupled = coupling(evidence, row, c, level);
        const bool seen = floor <= result.plan.tol * bound;
        if (!seen && coupled.slack > result.plan.tol * bound) return;  // rounding alone would decide
        DistanceEstimate w{coupled.norm, {0, coupled.upper}, floor};
        if (seen) {
            w = setup.dimension == 1 ? scalar(evidence, row, c, level) : sliced(evidence, row, c, level);
            w.value = std::min(w.value, coupled.norm);
            w.limits.upper = coupled.upper;
            w.limits.lower = std::min(w.limits.lower, w.limits.upper);
        }
        judge_at_most(cell, w.value, w.limits, bound, coupled.slack + 64 * 0x1p-52 * std::abs(w.value),
                      double(setup.replicas), result);
        if (seen || cell.verdict == Verdict::holds) return;
        cell.verdict = Verdict::unresolved;
        result.replicas_to_decide = before;
    }

    struct Coupling {
        double norm;   ///< || d(X, Y) ||_p over the replicas, for the limit with what is left to it
        double upper;  ///< upper confidence limit of it, at level/2
        double slack;  ///< what rounding can have done to it
    };

    static Coupling coupling(const Evidence& evidence, const Row& row, std::size_t c, double level) {
        const Setup& setup = evidence.setup();
        const Order order = row.other ? row.order : Order::backward;  // X_n has the law of B_n in either order
        const std::size_t other = row.other ? *row.other : row.start, step = row.other ? c : setup.last();
        auto d = distances(setup, States(evidence, order, row.start, c), States(evidence, order, other, step));
        const auto a = uncertainty(evidence, order, row.start, c), b = uncertainty(evidence, order, other, step);
        double slack = 0;
        for (std::size_t r = 0; r < d.size(); ++r) {
            slack = std::max(slack, a[r] + b[r]);
            d[r] = row.p == 1 ? d[r] : d[r] * d[r];
        }
        const double rest = row.other ? 0 : setup.tail(setup.steps.back(), row.start, row.p)->value;
        const SampleMoments m = moments(d);
        return {std::pow(m.mean, 1 / row.p) + rest, root(mean_interval(m, level / 2, Side::upper), row.p).upper + rest,
                slack};
    }

    // The distance between two samples of the law at the end.
    static double floor_of(const Evidence& evidence, const Row& row) {
        const std::size_t last = evidence.setup().last();
        if (evidence.setup().dimension > 1) return sliced(evidence, row, last, 0.5).floor;
        return noise_floor(evidence.values({Quantity::state, reference_order(row), reference_start(row), last, 0}),
                           row.p);
    }

    static std::size_t reference_start(const Row& row) { return row.other ? *row.other : row.start; }
    static Order reference_order(const Row& row) { return row.other ? row.order : Order::backward; }
    static std::size_t reference_step(const Setup& setup, const Row& row, std::size_t c) {
        return row.other ? c : setup.last();
    }

    static DistanceEstimate scalar(const Evidence& evidence, const Row& row, std::size_t c, double level) {
        const Setup& setup = evidence.setup();
        auto x = first_half(evidence.values({Quantity::state, row.order, row.start, c, 0}));
        auto y = second_half(evidence.values(
            {Quantity::state, reference_order(row), reference_start(row), reference_step(setup, row, c), 0}));
        straighten(setup, x, y);
        return wasserstein_estimate(x, y, row.p, level);
    }

    // c SW_2 <= W_2 with whole frames of directions: value, limits and floor are scaled by c.
    static DistanceEstimate sliced(const Evidence& evidence, const Row& row, std::size_t c, double level) {
        const Setup& setup = evidence.setup();
        const std::size_t d = std::size_t(setup.dimension), directions = d * std::max<std::size_t>(1, 16 / d);
        constexpr std::uint64_t seed = 1;  // of the directions: fixed, so that a file is judged the same way every time
        const auto gather = [&](Order order, std::size_t start, std::size_t step, bool first) {
            std::vector<double> all;
            for (std::size_t i = 0; i < d; ++i) {
                const auto series = evidence.values({Quantity::state, order, start, step, i});
                const auto half = first ? first_half(series) : second_half(series);
                all.resize(half.size() * d);
                for (std::size_t r = 0; r < half.size(); ++r) all[r * d + i] = half[r];
            }
            return all;
        };
        const auto x = gather(row.order, row.start, c, true);
        const auto y = gather(reference_order(row), reference_start(row), reference_step(setup, row, c), false);
        DistanceEstimate w = sliced_estimate(x, y, d, sphere_directions(d, directions, seed), level);
        const double factor = sliced_lower_factor(d, directions);
        for (double* number : {&w.value, &w.limits.lower, &w.limits.upper, &w.floor}) *number *= factor;
        return w;
    }

    static void say(const Setup& setup, const std::vector<Row>& rows, ClaimResult& result) {
        for (std::size_t k = 0; k < rows.size(); ++k)
            for (std::size_t c = setup.steps.size(); c-- > 0;) {
                const Cell& cell = result.at(k, c);
                if (cell.verdict == Verdict::unresolved) continue;
                result.finding = label(setup, rows[k]) + ": " + number(cell.measured) +
                                 " at n = " + std::to_string(setup.steps[c]) + ", bound " + number(cell.bound) +
                                 ", tightness " + number(cell.tightness);
                return;
            }
        result.finding = "no distance is resolved";
    }
};

}  // namespace

const Claim& wasserstein_contraction() {
    static const WassersteinContraction claim;
    return claim;
}

}  // namespace foldback
