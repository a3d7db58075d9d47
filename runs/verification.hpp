#pragma once
#include <string>
#include <vector>

#include "runs/plan.hpp"
#include "sim/input_file.hpp"

namespace foldback {

/// Which claims to evaluate and at what level; m is always the whole file's.
struct VerifyOptions {
    double alpha = 1e-3;
    std::vector<std::string> claims;  ///< ids; empty: all
    int threads = 1;                  ///< claims are evaluated side by side; changes no result

    bool selects(const ClaimInfo& claim) const;
};

/// Evaluates the claims of one point from what was recorded or is in memory. Claims that are not selected are unresolved,
/// with a note that says so.
std::vector<ClaimResult> evaluate_point(const PlannedPoint& point, const Evidence& evidence, std::size_t tests, const VerifyOptions& options);

/// The results of a point whose claims are not evaluated, with the reason.
std::vector<ClaimResult> unevaluated(const PlannedPoint& point, const std::string& reason);

/// Evaluates the claims across points from the summaries in the file; what was not selected or not recorded is unresolved.
std::vector<ClaimResult> evaluate_sweep(const RunPlan& plan, const InputFile& file, const VerifyOptions& options);
std::vector<ClaimResult> unevaluated_sweep(const RunPlan& plan, const std::string& reason);

/// The verdict of all claims together: violated if any is; else inconclusive if any is; else the strongest that is resolved.
Verdict overall_of(const Evaluation& evaluation);

/// Exit code of `verify`: 1 violated; under `strict` 4 inconclusive or nothing resolved; else 0.
int exit_code_of(const Evaluation& evaluation, bool strict);

}  // namespace foldback
