#include "runs/verification.hpp"

#include "analysis/sweep_summaries.hpp"
#include "sim/parallel.hpp"

namespace foldback {
namespace {

constexpr const char* others_selected = "not selected: --claims names others";

ClaimResult unevaluated(const ClaimPlan& plan, const std::string& reason) {
    ClaimResult result;
    result.plan = plan;
    if (!plan.applicable) return result;
    result.overall = Verdict::unresolved;
    result.cells.resize(plan.cases.size() * plan.axis_values.size());
    result.notes = {reason};
    return result;
}

}  // namespace

bool VerifyOptions::selects(const ClaimInfo& claim) const {
    return is_selected(claim, claims);
}

std::vector<ClaimResult> evaluate_point(const PlannedPoint& point, const Evidence& evidence, std::size_t tests, const VerifyOptions& options) {
    std::vector<ClaimResult> results = unevaluated(point, others_selected);
    in_parallel(options.threads, results.size(), [&](std::size_t i) {
        const Claim& claim = *all_claims()[i];
        if (options.selects(claim.info())) results[i] = evaluate_claim(claim, point.claims.claims[i], evidence, options.alpha, tests);
    });
    return results;
}

std::vector<ClaimResult> unevaluated(const PlannedPoint& point, const std::string& reason) {
    std::vector<ClaimResult> results;
    for (const ClaimPlan& plan : point.claims.claims) results.push_back(unevaluated(plan, reason));
    return results;
}

std::vector<ClaimResult> evaluate_sweep(const RunPlan& plan, const InputFile& file, const VerifyOptions& options) {
    std::vector<ClaimResult> results = unevaluated_sweep(plan, others_selected);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const SweepClaimPlan& claim = plan.sweep_claims[i];
        if (!claim.plan.applicable || !options.selects(claim.claim->info())) continue;
        const auto summaries = read_summaries(file, claim);
        results[i] = summaries.empty() ? unevaluated(claim.plan, "not recorded: the run was made with --no-verify")
                                       : evaluate_sweep_claim(claim, plan.setups(), summaries, options.alpha, plan.tests);
    }
    return results;
}

std::vector<ClaimResult> unevaluated_sweep(const RunPlan& plan, const std::string& reason) {
    std::vector<ClaimResult> results;
    for (const SweepClaimPlan& claim : plan.sweep_claims) results.push_back(unevaluated(claim.plan, reason));
    return results;
}

Verdict overall_of(const Evaluation& evaluation) {
    std::vector<Verdict> verdicts;
    for (const auto& point : evaluation.points)
        for (const auto& result : point) verdicts.push_back(result.overall);
    for (const auto& result : evaluation.sweep) verdicts.push_back(result.overall);
    return overall(verdicts);
}

int exit_code_of(const Evaluation& evaluation, bool strict) {
    const Verdict verdict = overall_of(evaluation);
    if (verdict == Verdict::violated) return 1;
    const bool decided = verdict == Verdict::holds || verdict == Verdict::consistent;
    return strict && !decided ? 4 : 0;
}

}  // namespace foldback
