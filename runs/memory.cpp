#include "runs/memory.hpp"

#include <algorithm>

#include "analysis/file_evidence.hpp"
#include "runs/plan.hpp"
#include "sim/moments.hpp"

namespace foldback {
namespace {

constexpr std::size_t number = sizeof(double);

// Of one block and all orders: StateMoments at the requested steps.
std::size_t moment_bytes(const EnsemblePlan& e) {
    const std::size_t d = std::size_t(e.shape.dimension), each = 1 + 6 * d + (e.covariances ? d * d : 0);
    return number * e.shape.orders.size() * e.shape.start_count() * e.moment_steps.size() * each;
}

// Of one thread: all orders but forward keep a composition for every start and requested step (two, where increments are asked
// for) of as many replicas as a kernel takes at a time.
std::size_t fold_bytes(const EnsemblePlan& e) {
    const bool other = std::any_of(e.shape.orders.begin(), e.shape.orders.end(), [](Order o) { return o != Order::forward; });
    if (!other) return 0;
    const std::size_t d = std::size_t(e.shape.dimension), lanes = d == 1 ? 32 : 8;
    return number * e.shape.start_count() * e.shape.steps.size() * (e.shape.increment ? 2 : 1) * d * lanes;
}

// Of a sweep's point, until its claims are evaluated: MemoryEvidence, the moments of all blocks twice, and the rows of states.
std::size_t point_bytes(const PlannedPoint& point) {
    const EnsemblePlan& e = point.ensemble;
    const std::size_t states = e.shape.orders.size() * e.shape.start_count() * e.shape.steps.size() * std::size_t(e.shape.dimension);
    const std::size_t kept = doubles_per_replica(e.shape) - (point.setup.states ? 0 : states);
    const std::size_t rows = e.record.states ? states : 0;
    return number * std::size_t(e.replicas) * (kept + rows) + e.blocks() * (moment_bytes(e) + states * sizeof(SampleMoments));
}

std::size_t row_bytes(const EnsemblePlan& e) {
    std::size_t row = 0;
    for (const auto& v : e.variables) row += v.items.size() * size_of(v.type);
    return row;
}

}  // namespace

std::size_t memory_bytes(const RunPlan& plan, int threads) {
    std::size_t most = 0;
    for (const auto& point : plan.points) {
        const EnsemblePlan& e = point.ensemble;
        const std::size_t replicas = std::size_t(std::min<std::uint64_t>(e.block_size, e.replicas));
        const std::size_t slot = replicas * (number * doubles_per_replica(e.shape) + row_bytes(e)) + moment_bytes(e);
        const std::size_t slots = std::min(pipeline_slots(threads), e.blocks());
        most = std::max(most, slot * slots + std::size_t(threads) * fold_bytes(e) + (plan.is_sweep() ? point_bytes(point) : 0));
    }
    return most;
}

std::size_t verification_bytes(const RunPlan& plan) {
    if (plan.is_sweep()) return 0;
    const EnsemblePlan& e = plan.points.front().ensemble;
    std::size_t sum = 0;
    for (const auto& v : e.variables) {
        const std::size_t bytes = number * v.items.size() * std::size_t(e.replicas);
        if (bytes <= FileEvidence::largest_cached) sum += bytes;
    }
    return std::min(sum, FileEvidence::most_cached);
}

}  // namespace foldback
