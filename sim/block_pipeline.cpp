#include "sim/block_pipeline.hpp"

#include <tbb/concurrent_queue.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>

namespace foldback {

std::size_t block_size(std::size_t bytes_per_replica, std::uint32_t last_step) {
    constexpr std::size_t most_bytes = std::size_t{32} << 20, most_steps = std::size_t{1} << 26;
    std::size_t size = 4096;
    while (size > 8 && (size * bytes_per_replica > most_bytes || size * last_step > most_steps)) size /= 2;
    return size;
}

std::vector<BlockJob> cut_into_blocks(std::uint64_t replicas, std::size_t size) {
    std::vector<BlockJob> jobs;
    for (std::uint64_t first = 0; first < replicas; first += size)
        jobs.push_back({jobs.size(), std::uint32_t(first), std::uint32_t(std::min<std::uint64_t>(size, replicas - first)), 0});
    return jobs;
}

void run_blocks(int threads, const std::vector<BlockJob>& jobs, const std::function<void(const BlockJob&)>& compute,
                const std::function<void(const BlockJob&)>& finish, const std::function<bool()>& stop) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, std::size_t(threads));
    tbb::concurrent_queue<std::size_t> free_slots;
    for (std::size_t slot = 0; slot < pipeline_slots(threads); ++slot) free_slots.push(slot);
    std::size_t next = 0;
    const auto source = [&](tbb::flow_control& flow) {
        BlockJob job;
        if (next == jobs.size() || stop()) {
            flow.stop();
            return job;
        }
        job = jobs[next++];
        // As many tokens as slots are in flight at most, so one is free.
        free_slots.try_pop(job.slot);
        return job;
    };
    tbb::task_arena arena(threads);
    arena.execute([&] {
        tbb::parallel_pipeline(pipeline_slots(threads),
                               tbb::make_filter<void, BlockJob>(tbb::filter_mode::serial_in_order, source) &
                                   tbb::make_filter<BlockJob, BlockJob>(tbb::filter_mode::parallel,
                                                                        [&](const BlockJob& job) {
                                                                            compute(job);
                                                                            return job;
                                                                        }) &
                                   tbb::make_filter<BlockJob, void>(tbb::filter_mode::serial_out_of_order, [&](const BlockJob& job) {
                                       finish(job);
                                       free_slots.push(job.slot);
                                   }));
    });
}

}  // namespace foldback
