#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace foldback {

/// One block on its way through: which replicas, and which of the reusable slots (buffers) it occupies.
struct BlockJob {
    std::size_t block = 0;
    std::uint32_t first = 0, count = 0;
    std::size_t slot = 0;
};

/// How many slots a pipeline of `threads` threads uses: a block computed by each, and two being written or waiting.
constexpr std::size_t pipeline_slots(int threads) { return std::size_t(threads) + 2; }

/// Computes the blocks over threads and finishes them one at a time, in the order in which they become ready: `finish` is
/// the single writer. `stop` is asked before each new block; blocks in flight are finished. The first exception of either
/// function ends the pipeline and is rethrown.
void run_blocks(int threads, const std::vector<BlockJob>& jobs, const std::function<void(const BlockJob&)>& compute,
                const std::function<void(const BlockJob&)>& finish, const std::function<bool()>& stop);

/// Blocks of `block_size` replicas, the last one shorter.
std::vector<BlockJob> cut_into_blocks(std::uint64_t replicas, std::size_t block_size);

/// Replicas in a block: the largest power of two in 8 .. 4096 with block x bytes_per_replica <= 32 MiB and
/// block x last step <= 2^26. A pure function of the configuration: it belongs to the results.
std::size_t block_size(std::size_t bytes_per_replica, std::uint32_t last_step);

}  // namespace foldback
