#pragma once
#include <vector>

#include "sim/ensemble.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// Writes one ensemble's blocks into a file laid out by add_ensemble(): the rows of every replica and the block's own
/// moments; nothing is merged before finish().
class EnsembleRecorder {
  public:
    EnsembleRecorder(OutputFile& file, const EnsemblePlan& plan) : file_(file), plan_(plan) {}

    /// The blocks that are not in the file yet.
    std::vector<BlockJob> missing() const;
    void accept(const BlockJob& job, const ComputedBlock& block);
    /// Merges the blocks' moments in block order and writes what is not by block: moments, starts, paths.
    void finish(const Machinery& machinery);

  private:
    StateMoments merged_moments(Order order) const;

    OutputFile& file_;
    const EnsemblePlan& plan_;
};

}  // namespace foldback
