#include <algorithm>
#include <cmath>

#include "analysis/claims/descent.hpp"

namespace foldback {
namespace {

using namespace claims;

/// A spike hits map t0; what follows are the checkpoints from t0 on, before the next spike.
struct Spike {
    std::uint32_t step = 0, last = 0;         ///< t0, and the last step before the next spike
    std::size_t first = 0, end = 0;           ///< checkpoints: [first, end), the first of them t0 itself
    double floor = 0, rate = 0;               ///< max of the floors and min of eta mu over the maps after the spike
};

/// The mean excess loss at the checkpoints after a spike.
struct Recovery {
    std::vector<std::uint32_t> k;  ///< steps since the spike
    std::vector<double> mean;
    std::vector<Interval> limits;
};

class SpikeRecovery final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "spike-recovery",
            "a spike at t0 and none after it, mean excess D there: the first k with E(l(w_{t0+k}) - l*) <= 2 floor satisfies "
            "k <= ceil(log(D/floor)/(-log(1 - eta mu)))",
            "K26, theory.md",
            "those of descent-pl; the step of the spike is known and a checkpoint; floor = max (beta^2 + Ls eta s^2)/(2 mu) > 0 "
            "after it; the order forward"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_pl(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (auto missing = missing_orders(setup, {Order::forward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (descent_of(setup).spike_steps.empty())
            return ClaimPlan::not_applicable("no spike whose step is known beforehand");
        if (!setup.can_record(Quantity::train_loss)) return ClaimPlan::not_applicable("the model observes no train_loss");
        const auto spikes = spikes_of(setup);
        if (spikes.empty()) return ClaimPlan::not_applicable(no_spike(setup));
        ClaimPlan plan;
        plan.axis = "spike_step";
        for (const Spike& spike : spikes) plan.axis_values.push_back(spike.step);
        for (std::size_t s = 0; s < setup.starts.size(); ++s) plan.cases.push_back("forward, " + start_label(setup, s));
        for (const Spike& spike : spikes) plan.tests += (spike.end - spike.first) * setup.starts.size();
        plan.needs = {Quantity::train_loss};
        plan.tol = 0;
        plan.interval = "Hall's t of the mean excess at every checkpoint, all of them at once";
        plan.rests_on = rests_on_descent(descent_of(setup), true);
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        if (!recorded(evidence, Quantity::train_loss, Order::forward, result)) return;
        const auto spikes = spikes_of(setup);
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            if (!all_finite(evidence, Order::forward, s, result)) continue;
            for (std::size_t i = 0; i < spikes.size(); ++i) {
                const Recovery seen = recovery_of(evidence, s, spikes[i], level);
                judge(setup, spikes[i], seen, result.at(s, i), result);
                if (s == 0 && i == 0) result.finding = finding(spikes[i], seen, result.at(s, i));
            }
        }
    }

  private:
    static std::vector<Spike> spikes_of(const Setup& setup) {
        std::vector<Spike> spikes;
        const Descent& descent = descent_of(setup);
        for (std::size_t i = 0; i < descent.spike_steps.size(); ++i) {
            const auto& at = descent.spike_steps;
            Spike spike;
            spike.step = std::uint32_t(at[i]);
            spike.last = i + 1 < at.size() ? std::min(std::uint32_t(at[i + 1]) - 1, setup.steps.back()) : setup.steps.back();
            spike.first = std::size_t(std::lower_bound(setup.steps.begin(), setup.steps.end(), spike.step) - setup.steps.begin());
            spike.end = std::size_t(std::upper_bound(setup.steps.begin(), setup.steps.end(), spike.last) - setup.steps.begin());
            if (spike.first >= spike.end || setup.steps[spike.first] != spike.step || spike.last == spike.step) continue;
            spike.rate = 1;
            for (std::uint32_t t = spike.step + 1; t <= spike.last; ++t) {
                spike.floor = std::max(spike.floor, floor_at(descent, t));
                spike.rate = std::min(spike.rate, descent.step(t) * descent.pl->value);
            }
            if (spike.floor > 0) spikes.push_back(spike);
        }
        return spikes;
    }

    static std::string no_spike(const Setup& setup) {
        return "of no spike the step is a checkpoint, with more steps and a floor > 0 behind it: the first spike is at step " +
               number(descent_of(setup).spike_steps.front());
    }

    static Recovery recovery_of(const Evidence& evidence, std::size_t s, const Spike& spike, double level) {
        const Setup& setup = evidence.setup();
        Recovery seen;
        for (std::size_t c = spike.first; c < spike.end; ++c) {
            auto excess = evidence.values({Quantity::train_loss, Order::forward, s, c});
            for (double& l : excess) l -= descent_of(setup).infimum.value;
            seen.k.push_back(setup.steps[c] - spike.step);
            seen.mean.push_back(foldback::moments(excess).mean);
            seen.limits.push_back(mean_interval(excess, level));
        }
        return seen;
    }

    /// Whole steps: the bound of descent-pl is at most 2 floor from the next integer on.
    static double bound_from(const Spike& spike, double D) {
        return std::ceil(std::max(0.0, std::log(D / spike.floor)) / -std::log1p(-spike.rate));
    }

    /// The first step since the spike that may be a recovery: one that was not looked at, or not surely above 2 floor.
    static double earliest(const Spike& spike, const Recovery& seen) {
        for (std::size_t i = 0; i < seen.k.size(); ++i)
            if (seen.k[i] != i || !(seen.limits[i].lower > 2 * spike.floor)) return double(i);
        return double(seen.k.size());
    }
    /// The first checkpoint that surely is one.
    static double latest(const Spike& spike, const Recovery& seen) {
        for (std::size_t i = 0; i < seen.k.size(); ++i)
            if (seen.limits[i].upper <= 2 * spike.floor) return seen.k[i];
        return infinity;
    }

    static void judge(const Setup& setup, const Spike& spike, const Recovery& seen, Cell& cell, ClaimResult& result) {
        const Interval D = seen.limits.front();
        if (!std::isfinite(D.upper) || !std::isfinite(D.lower)) return;
        cell.lower = earliest(spike, seen);
        cell.upper = latest(spike, seen);
        cell.bound = bound_from(spike, seen.mean.front());
        for (std::size_t i = seen.k.size(); i-- > 0;)
            if (seen.mean[i] <= 2 * spike.floor) cell.measured = seen.k[i];
        cell.tightness = tightness(cell.measured, cell.bound);
        const double least = bound_from(spike, D.lower), most = bound_from(spike, D.upper);
        cell.verdict = cell.upper <= least ? Verdict::holds : cell.lower > most ? Verdict::violated : Verdict::inconclusive;
        if (cell.verdict == Verdict::inconclusive) advise(setup, spike, seen, least, most, result);
    }

    /// What would decide: checkpoints where the bound says that it is over, or replicas.
    static void advise(const Setup& setup, const Spike& spike, const Recovery& seen, double least, double most, ClaimResult& result) {
        std::size_t within = 0;
        while (within < seen.k.size() && seen.k[within] <= least) ++within;
        if (seen.k[within - 1] + 1 < least || spike.last - spike.step < most) {
            result.replicas_to_decide = infinity;
            return note(result, "spike at step " + std::to_string(spike.step) + ": no checkpoint tells whether it is over " +
                                    number(least) + " steps later; ensemble.steps = { at = [.., " + std::to_string(spike.step) +
                                    ", ..., " + number(spike.step + least) + "] } would");
        }
        double needed = infinity;
        for (std::size_t i = 0; i < within; ++i)
            needed = std::min(needed, replicas_to_decide_bound(seen.limits[i], seen.mean[i], 2 * spike.floor, 0, 0, double(setup.replicas)));
        result.replicas_to_decide = std::max(result.replicas_to_decide, needed);
    }

    static std::string finding(const Spike& spike, const Recovery& seen, const Cell& cell) {
        const std::string lifted = "the spike at step " + std::to_string(spike.step) + " leaves a mean excess loss of " +
                                   number(seen.mean.front()) + "; 2 floor = " + number(2 * spike.floor) + " is ";
        if (!std::isfinite(cell.measured)) return lifted + "not reached within " + std::to_string(seen.k.back()) + " steps";
        return lifted + "reached after " + number(cell.measured) + " steps, at most " + number(cell.bound);
    }
};

}  // namespace

const Claim& spike_recovery() {
    static const SpikeRecovery claim;
    return claim;
}

}  // namespace foldback
