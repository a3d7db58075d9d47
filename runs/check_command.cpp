#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "runs/commands.hpp"
#include "runs/file_contents.hpp"
#include "runs/memory.hpp"
#include "runs/progress.hpp"
#include "runs/shared_reasons.hpp"

namespace foldback {
namespace {

// Seconds for the whole run, simulation only: a few replicas of the first point are computed and scaled up.
double estimated_seconds(const RunPlan& plan, const Machinery& machinery) {
    const EnsemblePlan& e = plan.points.front().ensemble;
    const auto kernel = e.model->kernel(machinery.isa, machinery.lanes);
    std::uint32_t count = std::uint32_t(std::min<std::uint64_t>(8, e.replicas));
    for (;;) {
        BlockBuffers block(e.shape, count);
        const auto begin = std::chrono::steady_clock::now();
        kernel->run(e.shape, 0, count, block);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (seconds > 0.05 || count >= std::min<std::uint64_t>(e.block_size, e.replicas))
            return seconds / count * double(e.replicas) * double(plan.points.size()) / machinery.threads;
        count = std::uint32_t(std::min<std::uint64_t>({std::uint64_t(count) * 4, e.block_size, e.replicas}));
    }
}

// Every claim with its plan: at the first point, then across points.
std::vector<std::pair<const ClaimInfo*, const ClaimPlan*>> planned_claims(const RunPlan& plan) {
    std::vector<std::pair<const ClaimInfo*, const ClaimPlan*>> claims;
    for (std::size_t i = 0; i < all_claims().size(); ++i) claims.emplace_back(&all_claims()[i]->info(), &plan.points.front().claims.claims[i]);
    for (const SweepClaimPlan& claim : plan.sweep_claims) claims.emplace_back(&claim.claim->info(), &claim.plan);
    return claims;
}

Value claims_as_value(const RunPlan& plan) {
    Value::Array claims;
    for (const auto& [info, claim] : planned_claims(plan)) {
        Value v = Value::table();
        v.set("id", info->id);
        v.set("applies", claim->applicable);
        if (claim->applicable) v.set("tests", std::int64_t(claim->tests));
        else v.set("failed_assumption", claim->failed_assumption);
        v.set("rests_on", Value::array_of(claim->rests_on));
        claims.push_back(std::move(v));
    }
    return Value(std::move(claims));
}

void print_claims(const RunPlan& plan) {
    fmt::print("claims       {} statistical tests share alpha = {}\n", plan.tests, plan.configuration.verify.alpha);
    const auto claims = planned_claims(plan);
    std::vector<ClaimRemark> remarks;
    for (const auto& [info, claim] : claims)
        remarks.push_back({info->id, claim->applicable ? "" : "not applicable: " + claim->failed_assumption});
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto& [info, claim] = claims[i];
        if (claim->applicable) fmt::print("  {:<26} {} tests\n", info->id, claim->tests);
        else if (!shares_reason(remarks, i)) fmt::print("  {:<26} {}\n", info->id, remarks[i].reason);
    }
    for (const auto& line : shared_reason_lines(remarks)) fmt::print("  {}\n", line);
}

struct Needs {
    std::size_t disk, memory, verification;  // bytes
    double seconds;
};

void print(const RunPlan& plan, const Needs& needs, int threads) {
    const EnsemblePlan& e = plan.points.front().ensemble;
    fmt::print("{}\n", plan.configuration.title.empty() ? "(no title)" : plan.configuration.title);
    fmt::print("model        {} of dimension {}, {} metric, bits {}\n", e.model->kind(), e.shape.dimension, e.model->metric(), name(e.model->bits()));
    fmt::print("ensemble     {} replicas x {} starts x {} steps, {} checkpoints, {} points\n", e.replicas, e.shape.start_count(), e.shape.last(),
               e.record.steps.size(), plan.points.size());
    fmt::print("recorded     ");
    if (plan.is_sweep()) fmt::print("moments and verdicts by point; {}", e.record.states ? "the states of every replica" : "the replicas are not kept");
    else for (const auto& v : e.variables) fmt::print("{} ", v.path);
    fmt::print("\nblocks       {} of {} replicas\n", e.blocks() * plan.points.size(), e.block_size);
    fmt::print("on disk      {}\nin memory    {} ({} threads)", bytes_text(double(needs.disk)), bytes_text(double(needs.memory)), threads);
    if (needs.verification > 0) fmt::print(", and up to {} of the file while verifying", bytes_text(double(needs.verification)));
    fmt::print("\ntime         about {} on {} threads, without writing and verifying\n", duration_text(needs.seconds), threads);
    print_claims(plan);
}

}  // namespace

int check_command(const CheckOptions& options, const ModelRegistry& models) {
    const RunPlan plan =
        plan_run(read_configuration_file(options.configuration, options.overrides), models, true, options.configuration.parent_path());
    const Needs needs{layout_of(plan, {}).file_bytes(), memory_bytes(plan, options.machinery.threads), verification_bytes(plan),
                      estimated_seconds(plan, options.machinery)};
    if (!options.json) {
        print(plan, needs, options.machinery.threads);
        return 0;
    }
    const EnsemblePlan& e = plan.points.front().ensemble;
    Value v = Value::table();
    v.set("title", plan.configuration.title);
    v.set("configuration_hash", plan.hash);
    v.set("points", plan.points.size());
    v.set("block_size", e.block_size);
    v.set("blocks", e.blocks() * plan.points.size());
    v.set("bytes_on_disk", needs.disk);
    v.set("bytes_in_memory", needs.memory);
    v.set("bytes_cached_while_verifying", needs.verification);
    v.set("seconds", needs.seconds);
    v.set("tests", plan.tests);
    v.set("claims", claims_as_value(plan));
    v.set("resolved", resolved(plan.configuration));
    fmt::print("{}\n", to_json(v, 2));
    return 0;
}

}  // namespace foldback
