#pragma once
#include <vector>

#include "analysis/sweep_claim.hpp"
#include "sim/file_layout.hpp"
#include "sim/input_file.hpp"
#include "sim/output_file.hpp"

namespace foldback {

// What the claims across a sweep keep of each point: /progress/summaries/ID/summary (block, item), a block being a
// point.

/// Adds the summaries of the claims that apply. Call it after add_progress.
void add_summaries(Layout& layout, const std::vector<SweepClaimPlan>& plans);

/// Writes a point's, before the point is marked as done.
void write_summaries(OutputFile& file, const std::vector<SweepClaimPlan>& plans, std::size_t point,
                     const Evidence& evidence);

/// The summaries of one claim by point; empty where the file has none (the run was made without verifying).
std::vector<std::vector<double>> read_summaries(const InputFile& file, const SweepClaimPlan& plan);

}  // namespace foldback
