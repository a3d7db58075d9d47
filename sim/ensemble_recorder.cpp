#include "sim/ensemble_recorder.hpp"

#include "sim/ensemble_layout.hpp"
#include "sim/input_file.hpp"

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

StateMoments EnsembleRecorder::merged_moments(Order order) const {
    const InputFile in(file_.part());
    StateMoments merged;
    for (const BlockJob& job : plan_.jobs()) {
        StateMoments one;
        one.starts = plan_.shape.start_count();
        one.steps = plan_.moment_steps.size();
        one.components = std::size_t(plan_.shape.dimension);
        for (const MomentArray& array : moment_arrays()) {
            if (array.covariance && !plan_.covariances) continue;
            const std::string path = block_moments_group(order) + "/" + array.name;
            std::vector<std::size_t> start(in.variable(path).shape.size(), 0), count = in.variable(path).shape;
            start[0] = job.block;
            count[0] = 1;
            one.*array.values = in.read<double>(path, start, count);
        }
        merge(merged, one);
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
