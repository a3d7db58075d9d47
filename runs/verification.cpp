#include "runs/verification.hpp"

#include <algorithm>

namespace foldback {

std::vector<ClaimResult> evaluate_point(const PlannedPoint& point, const Evidence& evidence, std::size_t tests, const VerifyOptions& options) {
    std::vector<ClaimResult> results = unevaluated(point, "not selected: --claims or verify.claims names others");
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Claim& claim = *all_claims()[i];
        if (options.claims.empty() || std::find(options.claims.begin(), options.claims.end(), claim.info().id) != options.claims.end())
            results[i] = evaluate_claim(claim, point.claims.claims[i], evidence, options.alpha, tests);
    }
    return results;
}

std::vector<ClaimResult> unevaluated(const PlannedPoint& point, const std::string& reason) {
    std::vector<ClaimResult> results;
    for (const ClaimPlan& plan : point.claims.claims) {
        ClaimResult result;
        result.plan = plan;
        if (plan.applicable) {
            result.overall = Verdict::unresolved;
            result.cells.resize(plan.cases.size() * plan.axis_values.size());
            result.notes = {reason};
        }
        results.push_back(std::move(result));
    }
    return results;
}

Verdict overall_of(const Evaluation& evaluation) {
    std::vector<Verdict> verdicts;
    for (const auto& point : evaluation.points)
        for (const auto& result : point) verdicts.push_back(result.overall);
    return overall(verdicts);
}

int exit_code_of(const Evaluation& evaluation, bool strict) {
    const Verdict verdict = overall_of(evaluation);
    if (verdict == Verdict::violated) return 1;
    const bool decided = verdict == Verdict::holds || verdict == Verdict::consistent;
    return strict && !decided ? 4 : 0;
}

}  // namespace foldback
