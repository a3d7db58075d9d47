#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/block_moments.hpp"
#include "sim/block_pipeline.hpp"
#include "sim/configuration.hpp"
#include "sim/digest.hpp"
#include "sim/model.hpp"
#include "sim/recorded.hpp"

namespace foldback {

/// One model's ensemble, everything fixed before the first replica.
struct EnsemblePlan {
    std::shared_ptr<const Model> model;
    Shape shape;                       ///< what the kernels compute; its grid holds the checkpoints
    RecordOptions record;
    std::vector<Recorded> variables;   ///< per replica
    std::vector<std::size_t> moment_steps;  ///< indices in shape.steps: the checkpoints, or every step
    bool every_step_moments = false;
    bool covariances = true;           ///< dimension <= 64
    std::uint64_t replicas = 0;
    std::uint32_t paths = 0;
    std::size_t block_size = 0;

    std::size_t blocks() const { return std::size_t((replicas + block_size - 1) / block_size); }
    std::vector<BlockJob> jobs() const { return cut_into_blocks(replicas, block_size); }
    std::vector<std::uint32_t> moment_step_numbers() const;
};

/// Every start has as many components as the model has, and is one that the model takes: KeyError. To be called before
/// anything is computed from the starts.
void check_starts(const Configuration& configuration, const Model& model);

/// Plans the ensemble of `configuration` for one model. `certificate`: by start, see RecordOptions. The observables are those
/// of the configuration: whoever needs more adds them there first. Throws ConfigError for starts outside the state space,
/// observables or orders the model has no members for.
EnsemblePlan plan_ensemble(const Configuration& configuration, std::shared_ptr<const Model> model, std::vector<double> certificate);

/// Which kernel computes, and over how many threads; none of it changes a result.
struct Machinery {
    Isa isa = Isa::baseline;
    int lanes = 0;    ///< 0: the widest
    int threads = 1;
};

/// A block's results, in buffers that are used again and again.
struct ComputedBlock {
    std::unique_ptr<BlockBuffers> buffers;
    std::vector<std::vector<std::byte>> rows;   ///< by variable, in the file's layout; empty unless asked for
    std::vector<Digest> digests;                ///< of them
    std::vector<StateMoments> moments;          ///< by order
    double seconds = 0;
};

/// Computes the given blocks and hands each to `accept`, one at a time, in any order. `packed`: with rows and digests.
void run_ensemble(const EnsemblePlan& plan, const Machinery& machinery, const std::vector<BlockJob>& jobs, bool packed,
                  const std::function<void(const BlockJob&, const ComputedBlock&)>& accept, const std::function<bool()>& stop);

/// Every step of the first `plan.paths` replicas: (path_replica, start, every_step, component) of one order.
std::vector<double> simulate_paths(const EnsemblePlan& plan, const Machinery& machinery, Order order);

}  // namespace foldback
