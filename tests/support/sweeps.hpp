#pragma once
#include <functional>
#include <string>
#include <vector>

#include "analysis/sweep_claim.hpp"
#include "tests/support/simulate.hpp"

// A sweep over one key for the tests of sweep claims: the same ensemble of one model after the other.
namespace foldback::test {

/// A swept ensemble as a file keeps it: what is known of the points, and their summaries.
struct SweptEnsemble {
    SweepAxes axes;
    std::vector<Setup> points;
    std::vector<std::vector<double>> summaries;

    std::vector<const Setup*> setups() const {
        std::vector<const Setup*> all;
        for (const Setup& setup : points) all.push_back(&setup);
        return all;
    }
    SweepClaimPlan plan(const SweepClaim& claim) const { return plan_sweep_claim(claim, axes, setups()); }
    /// As a family of its own.
    ClaimResult judge(const SweepClaim& claim, double alpha = 1e-3) const {
        const SweepClaimPlan planned = plan(claim);
        return evaluate_sweep_claim(planned, setups(), summaries, alpha, planned.plan.tests);
    }
};

/// Simulates the points, one after the other, and summarises them for the claim where it applies. `believed` is what
/// the claim is told of a model: another one than is simulated, for negative controls.
template <class M>
SweptEnsemble run_sweep(const SweepClaim& claim, const std::vector<double>& values, const Ensemble& e,
                        const std::function<M(double)>& model, const std::function<M(double)>& believed) {
    SweptEnsemble sweep{{{claim.swept().keys.front()}, {values}}, {}, {}};
    for (double value : values) sweep.points.push_back(setup_of(believed(value), e));
    const SweepClaimPlan planned = sweep.plan(claim);
    for (std::size_t p = 0; p < values.size() && planned.plan.applicable; ++p) {
        Ensemble one = e;
        one.assume = [&](Setup& setup) { setup = sweep.points[p]; };
        sweep.summaries.push_back(summary_of(planned, p, simulate(model(values[p]), one)));
    }
    return sweep;
}

inline const SweepClaim& registered_sweep_claim(const std::string& id) {
    for (const SweepClaim* claim : all_sweep_claims())
        if (claim->info().id == id) return *claim;
    throw InternalError("no sweep claim is called '" + id + "'");
}

}  // namespace foldback::test
