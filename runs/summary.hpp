#pragma once
#include <string>

#include "analysis/claims_file.hpp"
#include "runs/plan.hpp"

namespace foldback {

/// The verdicts as a table for people: claim, verdict, tests by verdict, largest tightness, then findings and notes.
std::string verdict_table(const RunPlan& plan, const Evaluation& evaluation);

/// The headline in plain words: how forward moves and how backward settles. Empty when the claims don't tell.
std::string headline(const Evaluation& evaluation);

/// The same as JSON.
Value verdicts_as_value(const RunPlan& plan, const Evaluation& evaluation);

}  // namespace foldback
