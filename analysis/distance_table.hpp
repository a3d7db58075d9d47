#pragma once
#include "analysis/evidence.hpp"
#include "sim/file_layout.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// /distance: how far the law of X_n is from that of the limit, (order, start, step): between the first half of the
/// replicas at step n and the second half of the backward states at the last checkpoint. In one dimension empirical W_1,
/// W_2 and the Kolmogorov-Smirnov distance; in 2 to 64 sliced W_2 along 32 seeded directions, of 2,000 replicas of each
/// half at most. Beside each X its pointwise 95 % limits X_lower, X_upper (W: value -+ t standard error from 32
/// batches, the lower one less the two samples' own noise floors; asymptotic; ks: the DKW band) and its noise floor
/// X_floor, the distance between two samples of one law (ks: the DKW radius at 5 %). NaN where a replica
/// diverged; with fewer than 256 replicas the upper limits of W are infinite. For looking at: the intervals that
/// verdicts rest on are those of the claims.
void add_distance_table(Layout& layout, const Setup& setup);
void write_distance_table(OutputFile& file, const Evidence& evidence, int threads = 1);

}  // namespace foldback
