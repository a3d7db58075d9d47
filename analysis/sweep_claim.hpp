#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/claim.hpp"
#include "analysis/sweep_axes.hpp"

namespace foldback {

/// What a sweep claim needs a [sweep] over, any one of `keys`, and what its axis is called in files: {{"model.step"},
/// "step_size"}.
struct SweptKey {
    std::vector<std::string> keys;
    std::string axis;

    /// "model.step", "model.delta or model.delta_over_variance_border".
    std::string text() const;
    /// The sweep's first axis over one of them.
    std::optional<std::size_t> axis_in(const SweepAxes& sweep) const;
};

/// The points of a sweep along one key, everything else fixed, by ascending value of the key.
struct Ladder {
    std::vector<double> values;
    std::vector<const Setup*> setups;

    std::size_t size() const { return values.size(); }
};

struct SweepClaimPlan;

/// A theorem about how something changes along a swept key: slopes, limits. Stateless.
///
/// Each point is summarised as soon as its replicas are there, the only time that they are; verdicts come from the
/// summaries of all points, which the file keeps. All points share the seed: a summary may hold one number a replica,
/// to be paired with the same replica's at other points (analysis/paired_ladder.hpp).
///
/// To add one: analysis/claims/NAME.cpp with a class derived from SweepClaim and a function `const SweepClaim& NAME()`,
/// a line in analysis/claims/sweep_registry.def, a section in analysis/theory.md, a test with a negative control.
class SweepClaim {
  public:
    virtual ~SweepClaim() = default;
    virtual const ClaimInfo& info() const = 0;
    virtual SweptKey swept() const = 0;
    /// Points without which nothing can be said.
    virtual std::size_t fewest_points() const { return 3; }
    /// Whether the assumptions hold along this ladder (of fewest_points() or more) and, if so, which tests there are:
    /// cells are cases x points of the ladder; axis and axis_values are filled in by the caller. Pure.
    virtual ClaimPlan plan(const Ladder& ladder) const = 0;
    /// How many numbers the summary of such a point has.
    virtual std::size_t summary_size(const Setup& setup) const = 0;
    /// What they are, in their order: "start, then replica: |F_n - B_n|^2".
    virtual std::string summary_text() const = 0;
    /// Fills the summary of one point; NaN for what cannot be had (not recorded, diverged).
    virtual void summarise(const Evidence& evidence, std::span<double> summary) const = 0;
    /// Fills the cells of `result` (whose plan is plan(ladder)), its notes and finding; as Claim::evaluate does. A cell
    /// that is no test, or reports without judging, is not_applicable.
    virtual void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                          ClaimResult& result) const = 0;
    /// A last word on the cells of all ladders, whose findings and notes are in `result` one after the other: of a claim
    /// that is made along many ladders, what they come to together.
    virtual void conclude(const SweepClaimPlan&, ClaimResult&) const {}
};

/// All sweep claims, in the order of theory.md.
const std::vector<const SweepClaim*>& all_sweep_claims();

/// The ids of all claims, of one point and across points.
std::vector<std::string> claim_ids();
/// Throws ConfigError with the nearest id.
void check_claim_id(const std::string& id);

/// A sweep claim planned for a run. A sweep over several keys has a ladder for each choice of the others.
struct SweepClaimPlan {
    struct PlannedLadder {
        std::vector<std::size_t> points;  ///< of the sweep, as in the ladder
        ClaimPlan plan;
        std::size_t first_case = 0;  ///< its rows in the cells of all ladders
        std::string where;           ///< "model.batch = 8"; empty where there is one ladder only
    };

    const SweepClaim* claim = nullptr;
    ClaimPlan plan;                      ///< of all ladders together
    std::vector<PlannedLadder> ladders;  ///< those it applies to
    std::vector<std::string> notes;      ///< why not to the others
    std::size_t summary_size = 0;        ///< of the longest summary, 0 if it applies to none

    bool has_point(std::size_t point) const;
};

/// `points`: the setups of all points of the sweep, one where there is none.
SweepClaimPlan plan_sweep_claim(const SweepClaim& claim, const SweepAxes& sweep,
                                const std::vector<const Setup*>& points);
/// `selected`: as for plan_claims.
std::vector<SweepClaimPlan> plan_sweep_claims(const SweepAxes& sweep, const std::vector<const Setup*>& points,
                                              const std::vector<std::string>& selected = {});

/// The summary of one point, as long as the plan's longest; NaN throughout at a point of no ladder.
std::vector<double> summary_of(const SweepClaimPlan& plan, std::size_t point, const Evidence& evidence);

/// Evaluates at level alpha/m from the summaries by point, and adds up the verdict.
ClaimResult evaluate_sweep_claim(const SweepClaimPlan& plan, const std::vector<const Setup*>& points,
                                 const std::vector<std::vector<double>>& summaries, double alpha, std::size_t m);

}  // namespace foldback
