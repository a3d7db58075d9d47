#pragma once
#include <cstddef>

namespace foldback {

struct RunPlan;

/// Bytes of the buffers that a run with that many threads holds: blocks on their way, the states of folds in the making, moments,
/// and at the points of a sweep the recorded numbers of all replicas. Without the program itself (about 30 MB), the model's
/// data and what the file system keeps of the file.
std::size_t memory_bytes(const RunPlan& plan, int threads);

/// Bytes of the file that verification keeps at most: FileEvidence's cache. Nothing at the points of a sweep.
std::size_t verification_bytes(const RunPlan& plan);

}  // namespace foldback
