#pragma once
#include "analysis/evidence.hpp"
#include "sim/file_layout.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// /distance: how far the law of X_n is from that of the limit, in one dimension. Empirical W_1, W_2 and Kolmogorov-Smirnov
/// distance, (order, start, step), between the first half of the replicas at step n and the second half of the backward
/// states at the last checkpoint; beside each its noise floor, the distance between two samples of one law (for ks the DKW
/// radius at 5 %). For looking at: the intervals that verdicts rest on are those of the claims.
void add_distance_table(Layout& layout, const Setup& setup);
void write_distance_table(OutputFile& file, const Evidence& evidence);

}  // namespace foldback
