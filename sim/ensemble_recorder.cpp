#include "sim/ensemble_recorder.hpp"

#include <algorithm>

#include "sim/ensemble_layout.hpp"

namespace foldback {

std::vector<BlockJob> EnsembleRecorder::missing() const {
    std::vector<BlockJob> jobs;
    for (const BlockJob& job : plan_.jobs())
        if (!file_.block_done(job.block)) jobs.push_back(job);
    return jobs;
}

void EnsembleRecorder::accept(const BlockJob& job, const ComputedBlock& block) {
    for (std::size_t v = 0; v < plan_.variables.size(); ++v)
        file_.write_block(plan_.variables[v].path, job.block, block.rows[v].data(), block.digests[v]);
    for (std::size_t o = 0; o < plan_.shape.orders.size(); ++o)
        for (const MomentArray& array : moment_arrays()) {
            const auto& values = block.moments[o].*array.values;
            if (array.covariance && !plan_.covariances) continue;
            file_.write_block(block_moments_group(plan_.shape.orders[o]) + "/" + array.name, job.block, values.data());
        }
    file_.write("/progress/seconds", job.block, 1, &block.seconds);
    file_.mark_block(job.block);
}

// Read in runs of blocks: there can be thousands.
StateMoments EnsembleRecorder::merged_moments(Order order) const {
    constexpr std::size_t most_numbers = std::size_t{1} << 20;  // of one array
    const std::size_t each = plan_.shape.start_count() * plan_.moment_steps.size(), d = std::size_t(plan_.shape.dimension);
    const std::size_t largest = std::max<std::size_t>(each * (plan_.covariances ? d * d : d), 1);
    const std::size_t run = std::max<std::size_t>(most_numbers / largest, 1);
    StateMoments merged;
    for (std::size_t first = 0; first < plan_.blocks(); first += run) {
        std::vector<StateMoments> blocks(std::min(run, plan_.blocks() - first));
        for (StateMoments& one : blocks) {
            one.starts = plan_.shape.start_count();
            one.steps = plan_.moment_steps.size();
            one.components = d;
        }
        for (const MomentArray& array : moment_arrays()) {
            if (array.covariance && !plan_.covariances) continue;
            const std::size_t numbers = each * (array.covariance ? d * d : array.by_component ? d : 1);
            std::vector<double> rows(blocks.size() * numbers);
            file_.read(block_moments_group(order) + "/" + array.name, first, blocks.size(), rows.data());
            for (std::size_t b = 0; b < blocks.size(); ++b)
                (blocks[b].*array.values).assign(rows.begin() + std::ptrdiff_t(b * numbers), rows.begin() + std::ptrdiff_t((b + 1) * numbers));
        }
        for (const StateMoments& one : blocks) merge(merged, one);
    }
    return merged;
}

void EnsembleRecorder::finish(const Machinery& machinery) {
    file_.settle();
    for (Order order : plan_.shape.orders) {
        const StateMoments merged = merged_moments(order);
        for (const MomentArray& array : moment_arrays())
            if (!array.covariance || plan_.covariances)
                file_.write_all(moments_group(order) + "/" + array.name, (merged.*array.values).data());
        file_.write_all(std::string("/") + name(order) + "/start_state", plan_.shape.starts.data());
        if (plan_.paths == 0) continue;
        const auto paths = simulate_paths(plan_, machinery, order);
        file_.write_all(std::string("/paths/") + name(order) + "/state", paths.data());
    }
}

}  // namespace foldback
