#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "analysis/distance_table.hpp"
#include "analysis/file_evidence.hpp"
#include "analysis/memory_evidence.hpp"
#include "analysis/sweep_summaries.hpp"
#include "runs/commands.hpp"
#include "runs/file_contents.hpp"
#include "runs/interrupt.hpp"
#include "runs/progress.hpp"
#include "runs/resume.hpp"
#include "runs/summary.hpp"
#include "runs/toml_file.hpp"
#include "runs/verification.hpp"
#include "sim/build_info.hpp"
#include "sim/ensemble_layout.hpp"
#include "sim/ensemble_recorder.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

namespace fs = std::filesystem;

fs::path output_of(const RunOptions& options) {
    if (!options.output.empty()) return options.output;
    return options.configuration.parent_path() / "out" / options.configuration.stem().concat(".h5");
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw FileError(folder.string() + ": the folder for the output cannot be made (" + error.message() + "); name a file elsewhere with --output");
}

void throw_if_interrupted(OutputFile& file, const RunOptions& options) {
    if (InterruptGuard::signal() == 0) return;
    file.settle();
    fmt::print(stderr, "interrupted: {} of {} blocks are in {}; go on with\n  {}\n", file.blocks_done(), file.blocks(),
               file.part().string(), options.resume_command);
    throw Interrupted{InterruptGuard::signal()};
}

Evaluation empty_evaluation(const RunPlan& plan) { return {plan.configuration.verify.alpha, plan.tests, {}, {}}; }

VerifyOptions verify_options(const RunPlan& plan, const RunOptions& options) {
    return {plan.configuration.verify.alpha, plan.configuration.verify.claims, options.machinery.threads};
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// What a run took: simulation (with writing) apart, where it is a phase of its own.
struct Times {
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
    double simulation = 0;
};

const char* not_verified = "not evaluated: the run was made with --no-verify";

// One ensemble: blocks go to the file as they are finished; the claims read them from there.
Evaluation run_single(OutputFile& file, const RunPlan& plan, const RunOptions& options, Times& times) {
    const PlannedPoint& point = plan.points.front();
    const EnsemblePlan& ensemble = point.ensemble;
    EnsembleRecorder recorder(file, ensemble);
    const auto jobs = recorder.missing();
    std::uint64_t left = 0;
    for (const auto& job : jobs) left += job.count;
    {
        Progress progress(options.quiet, ensemble.replicas, ensemble.replicas - left, double(ensemble.shape.last()) * double(ensemble.shape.orders.size()));
        run_ensemble(
            ensemble, options.machinery, jobs, true,
            [&](const BlockJob& job, const ComputedBlock& block) {
                recorder.accept(job, block);
                progress.add(job.count);
            },
            [] { return InterruptGuard::signal() != 0; });
    }
    throw_if_interrupted(file, options);
    recorder.finish(options.machinery);
    times.simulation = seconds_since(times.begin);
    Evaluation evaluation = empty_evaluation(plan);
    if (options.verify) {
        const InputFile written(file.part());
        const FileEvidence evidence(point.setup, written);
        evaluation.points.push_back(evaluate_point(point, evidence, plan.tests, verify_options(plan, options)));
        if (written.has("/distance")) write_distance_table(file, evidence, options.machinery.threads);
    } else {
        evaluation.points.push_back(unevaluated(point, not_verified));
    }
    write_claims(file, plan.claim_plans(), plan.sweep, 0, evaluation.points[0]);
    evaluation.sweep = unevaluated_sweep(plan, not_verified);  // none applies
    return evaluation;
}

// The states of one point of a sweep, if they are recorded: collected in memory, written at once.
class PointStates {
  public:
    explicit PointStates(const EnsemblePlan& ensemble) : ensemble_(ensemble), rows_(ensemble.variables.size()) {}

    void accept(const BlockJob& job, const ComputedBlock& block) {
        for (std::size_t v = 0; v < block.rows.size(); ++v) {
            if (ensemble_.variables[v].quantity != Quantity::state) continue;
            const std::size_t row = block.rows[v].size() / job.count;
            rows_[v].resize(row * ensemble_.replicas);
            std::copy(block.rows[v].begin(), block.rows[v].end(), rows_[v].begin() + std::ptrdiff_t(row * job.first));
        }
    }
    void write(OutputFile& file, const std::vector<std::size_t>& at) const {
        for (std::size_t v = 0; v < rows_.size(); ++v)
            if (!rows_[v].empty()) file.write_at(ensemble_.variables[v].path, at, rows_[v].data());
    }

  private:
    const EnsemblePlan& ensemble_;
    std::vector<std::vector<std::byte>> rows_;  // by variable
};

// One point of a sweep: its replicas stay in memory until its claims are evaluated; moments and verdicts go to the file.
std::vector<ClaimResult> run_point(OutputFile& file, const RunPlan& plan, std::size_t p, const RunOptions& options) {
    const PlannedPoint& point = plan.points[p];
    const EnsemblePlan& ensemble = point.ensemble;
    std::optional<MemoryEvidence> evidence;
    if (options.verify) evidence.emplace(point.setup, ensemble.shape, ensemble.block_size);
    std::vector<std::vector<StateMoments>> moments(ensemble.blocks());
    PointStates states(ensemble);
    double seconds = 0;
    run_ensemble(
        ensemble, options.machinery, ensemble.jobs(), ensemble.record.states,
        [&](const BlockJob& job, const ComputedBlock& block) {
            if (evidence) evidence->accept(job.first, job.count, *block.buffers);
            moments[job.block] = block.moments;
            states.accept(job, block);
            seconds += block.seconds;
        },
        [] { return InterruptGuard::signal() != 0; });
    if (InterruptGuard::signal() != 0) return {};
    const auto at = plan.sweep.indices(p);
    states.write(file, at);
    for (std::size_t o = 0; o < ensemble.shape.orders.size(); ++o) {
        StateMoments merged;
        for (const auto& block : moments) merge(merged, block[o]);
        for (const MomentArray& array : moment_arrays())
            if (!array.covariance || ensemble.covariances)
                file.write_at(moments_group(ensemble.shape.orders[o]) + "/" + array.name, at, (merged.*array.values).data());
    }
    auto results = evidence ? evaluate_point(point, *evidence, plan.tests, verify_options(plan, options)) : unevaluated(point, not_verified);
    write_claims(file, plan.claim_plans(), plan.sweep, p, results);
    add_claim_texts(file, p, results);
    if (evidence) write_summaries(file, plan.sweep_claims, p, *evidence);
    file.write("/progress/seconds", p, 1, &seconds);
    file.mark_block(p);
    return results;
}

Evaluation run_sweep(OutputFile& file, const RunPlan& plan, const RunOptions& options) {
    Evaluation evaluation = empty_evaluation(plan);
    const EnsemblePlan& ensemble = plan.points.front().ensemble;
    Progress progress(options.quiet, plan.points.size() * ensemble.replicas, file.blocks_done() * ensemble.replicas,
                      double(ensemble.shape.last()) * double(ensemble.shape.orders.size()));
    for (std::size_t p = 0; p < plan.points.size(); ++p) {
        if (file.block_done(p)) {
            evaluation.points.push_back(read_claims(InputFile(file.part()), plan.claim_plans(), plan.sweep, p));
            continue;
        }
        evaluation.points.push_back(run_point(file, plan, p, options));
        throw_if_interrupted(file, options);
        progress.add(ensemble.replicas);
    }
    evaluation.sweep = options.verify ? evaluate_sweep(plan, InputFile(file.part()), verify_options(plan, options)) : unevaluated_sweep(plan, not_verified);
    return evaluation;
}

std::uint64_t diverged_replicas(const RunPlan& plan, const fs::path& file, Order order) {
    const InputFile in(file);
    const std::string path = path_of(Quantity::diverged_step, order);
    if (plan.is_sweep() || !in.has(path)) return 0;
    const auto steps = in.read<double>(path);
    return std::uint64_t(std::count_if(steps.begin(), steps.end(), [](double n) { return n > 0; }));
}

void print_result(const RunPlan& plan, const Evaluation& evaluation, const fs::path& output, const RunOptions& options, const Times& times) {
    if (options.quiet) return;
    if (options.verify) fmt::print("{}", verdict_table(plan, evaluation));
    for (Order order : plan.points.front().ensemble.shape.orders)
        if (const auto n = diverged_replicas(plan, output, order))
            fmt::print("{} {} paths diverged (reached inf or NaN): /{}/diverged_step tells where\n", n, name(order), name(order));
    const std::string said = options.verify ? headline(evaluation) : "";
    if (!said.empty()) fmt::print("\n{}\n", said);
    const double all = seconds_since(times.begin);
    fmt::print("{} ({}; {}", output.string(), bytes_text(double(fs::file_size(output))), duration_text(all));
    if (times.simulation > 0) fmt::print(": simulated and written in {}, verified in {}", duration_text(times.simulation), duration_text(all - times.simulation));
    fmt::print(")\n");
}

}  // namespace

int run_command(const RunOptions& options, const ModelRegistry& models) {
    Times times;
    const RunPlan plan = plan_run(read_configuration_file(options.configuration, options.overrides), models, options.verify,
                                  options.configuration.parent_path());
    // Asked for here, so that a wrong --isa or --lanes is refused before there is a file.
    (void)plan.points.front().model->kernel(options.machinery.isa, options.machinery.lanes);
    const fs::path output = output_of(options);
    if (options.output.empty()) make_folder(output.parent_path());
    OutputFile file = options.resume ? resume_run(output, plan, options)
                                     : OutputFile::create(output, layout_of(plan, {read_text_file(options.configuration), options.command_line}), options.force);
    const InterruptGuard guard;
    write_known(file, plan);
    const Evaluation evaluation = plan.is_sweep() ? run_sweep(file, plan, options) : run_single(file, plan, options, times);
    if (!plan.is_sweep()) write_claim_texts(file, evaluation);
    write_sweep_claims(file, plan.sweep_claims, evaluation.sweep);
    file.seal();
    file.set_attribute("/", "finished", utc_now());
    file.set_attribute("/", "status", std::string("complete"));
    file.publish();
    print_result(plan, evaluation, output, options, times);
    return options.strict && options.verify ? exit_code_of(evaluation, true) : 0;
}

}  // namespace foldback
