#include <algorithm>
#include <cmath>

#include "analysis/claims/distances.hpp"

namespace foldback {
namespace {

using namespace claims;

// Sweep's leaves stand in a row, late steps first and the starts of a step in their order; a merge time tells when a
// leaf met the one before it.
enum class Neighbour {
    previous_start,  ///< B_n of the start before, same n
    next_step,       ///< start 0: B of the last start at the step needed next, n + 1 or the next checkpoint
    error            ///< with a tolerance: the recorded error
};

struct Case {
    Neighbour neighbour;
    std::size_t start;
};

class Coalescence final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"coalescence",
                                    "All of B_1, ..., B_n come out of one sweep: partial compositions that have met "
                                    "(same bits, or within a tolerance) stay "
                                    "together, so that n draws and n times the live set of applications suffice.",
                                    "DF99, PW96", "the coalescing sweep, not the composed map"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto missing = missing_orders(setup, {Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (setup.closed_backward)
            return ClaimPlan::not_applicable(
                "ensemble.backward = \"closed\" carries the composed map: needs the sweep");
        std::vector<std::string> names;
        for (const Case& c : cases_of(setup))
            names.push_back((c.neighbour == Neighbour::previous_start ? "met the start before, "
                             : c.neighbour == Neighbour::next_step    ? "met a later composition, "
                                                                      : "error, ") +
                            start_label(setup, c.start));
        std::vector<Quantity> needs{Quantity::state, Quantity::merge_time, Quantity::live_set};
        if (setup.merge_tolerance > 0) needs.push_back(Quantity::merge_error);
        return plan_over_steps(setup, names, needs, "on every path");
    }

    void evaluate(const Evidence& evidence, double, ClaimResult& result) const override {
        if (!recorded(evidence, Quantity::merge_time, Order::backward, result)) return;
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        PathTally tally;
        for (std::size_t i = 0; i < cases.size(); ++i)
            for (std::size_t k = 0; k < setup.steps.size(); ++k) {
                const PathCheck check = cases[i].neighbour == Neighbour::error
                                            ? check_error(evidence, cases[i].start, k)
                                            : check_met(evidence, cases[i], k, result);
                check.into(result.at(i, k));
                tally.add(check, step_label(setup, k));
            }
        tally.note_into(result);
        result.finding = finding(evidence);
    }

  private:
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases{{Neighbour::next_step, 0}};
        for (std::size_t s = 1; s < setup.starts.size(); ++s) cases.push_back({Neighbour::previous_start, s});
        for (std::size_t s = 0; s < setup.starts.size() && setup.merge_tolerance > 0; ++s)
            cases.push_back({Neighbour::error, s});
        return cases;
    }

    /// Those that met are equal, to the bit: the later one goes on as the earlier one.
    static PathCheck check_met(const Evidence& evidence, const Case& c, std::size_t k, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        PathCheck check;
        if (setup.steps[k] == 0) return check;
        const auto time = evidence.values({Quantity::merge_time, Order::backward, c.start, k});
        const auto compare = [&](const std::vector<double>& apart) {
            for (std::size_t r = 0; r < time.size(); ++r)
                if (time[r] > 0) check.add(r, apart[r], 0, 0);
        };
        const auto between = [&](std::size_t start, std::size_t step) {
            if (!recorded(evidence, Quantity::state, Order::backward, result)) return;
            compare(
                apart(States(evidence, Order::backward, c.start, k), States(evidence, Order::backward, start, step)));
        };
        if (c.neighbour == Neighbour::previous_start) {
            between(c.start - 1, k);
            return check;
        }
        // Increments and path means make the sweep carry B_{n+1} too, which stands in no checkpoint of its own.
        const bool next_is_checkpoint = k < setup.last() && setup.steps[k + 1] == setup.steps[k] + 1;
        const bool carries_next = evidence.has(Quantity::increment, Order::backward) ||
                                  (evidence.has(Quantity::path_mean, Order::backward) && k < setup.last());
        if (k < setup.last() && (next_is_checkpoint || !carries_next))
            between(setup.starts.size() - 1, k + 1);
        else if (evidence.has(Quantity::increment, Order::backward) && setup.starts.size() == 1)
            compare(evidence.values({Quantity::increment, Order::backward, c.start, k}));
        return check;
    }

    /// Euclidean, whatever the model's metric: 0 only for equal states.
    static std::vector<double> apart(const States& x, const States& y) {
        std::vector<double> r(x.size(), 0.0);
        for (std::size_t i = 0; i < r.size(); ++i)
            for (std::size_t d = 0; d < x[i].size(); ++d) r[i] = std::hypot(r[i], x[i][d] - y[i][d]);
        return r;
    }

    /// What merging moved is finite and, where no composition met another, nothing.
    static PathCheck check_error(const Evidence& evidence, std::size_t start, std::size_t k) {
        PathCheck check;
        const auto error = evidence.values({Quantity::merge_error, Order::backward, start, k});
        const auto bound = largest_error(evidence, error.size());
        for (std::size_t r = 0; r < error.size(); ++r)
            check.add(r, std::isfinite(error[r]) ? error[r] : infinity, bound[r], 0);
        return check;
    }

    /// tol * sum of L_1...L_{i-1} over the steps i divisible by 16, one merge of each leaf at each at most. Surely
    /// contracting maps: tol/(1 - rho^16) for a leaf, and as many leaves as may move one another.
    static std::vector<double> largest_error(const Evidence& evidence, std::size_t replicas) {
        const Setup& setup = evidence.setup();
        const auto step = sure_contraction(setup, 16);
        if (!step || !(*step < 1)) return std::vector<double>(replicas, 0x1.fffffffffffffp1023);
        const double leaves = double(setup.starts.size()) * (evidence.has(Quantity::path_mean, Order::backward)
                                                                 ? setup.steps.back() + 1.0
                                                                 : 2.0 * double(setup.steps.size()));
        return std::vector<double>(replicas,
                                   leaves * setup.merge_tolerance * sure_contraction(setup, 15).value() / (1 - *step));
    }

    static std::string finding(const Evidence& evidence) {
        const Setup& setup = evidence.setup();
        std::string text;
        if (evidence.has(Quantity::live_set, Order::backward))
            text = "on average " + number(moments(evidence.values({Quantity::live_set, Order::backward})).mean) +
                   " live compositions; ";
        // The last start at the last checkpoint has another start before it; a single start has the step before.
        const bool alone = setup.starts.size() == 1;
        const std::size_t k = alone && !evidence.has(Quantity::increment, Order::backward) && setup.last() > 0
                                  ? setup.last() - 1
                                  : setup.last();
        auto time = evidence.values({Quantity::merge_time, Order::backward, setup.starts.size() - 1, k});
        const auto met = std::count_if(time.begin(), time.end(), [](double t) { return t > 0; });
        for (double& t : time) t = t > 0 ? t : infinity;
        std::nth_element(time.begin(), time.begin() + std::ptrdiff_t(time.size() / 2), time.end());
        text += std::to_string(met) + " of " + std::to_string(time.size()) +
                " replicas merged at n = " + std::to_string(setup.steps[k]);
        const double median = time[time.size() / 2];
        if (std::isfinite(median)) text += ", half of them within " + number(median) + " maps";
        const auto& rate = setup.truth.lyapunov ? setup.truth.lyapunov : setup.truth.chi;
        if (rate && rate->value < 0 && std::isfinite(rate->value))
            text += "; log(1/eps)/" + number(-rate->value) + " = " + number(std::log(0x1p52) / -rate->value) +
                    " are expected in one dimension";
        return text;
    }
};

}  // namespace

const Claim& coalescence() {
    static const Coalescence claim;
    return claim;
}

}  // namespace foldback
