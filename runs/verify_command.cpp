#include <fmt/format.h>

#include <algorithm>

#include "analysis/file_evidence.hpp"
#include "runs/commands.hpp"
#include "runs/file_contents.hpp"
#include "runs/summary.hpp"
#include "runs/verification.hpp"
#include "sim/build_info.hpp"
#include "sim/error.hpp"
#include "sim/format_version.hpp"

namespace foldback {
namespace {

bool any_across_points(const RunPlan& plan, const VerifyOptions& options) {
    return std::any_of(plan.sweep_claims.begin(), plan.sweep_claims.end(),
                       [&](const SweepClaimPlan& claim) { return claim.plan.applicable && options.selects(claim.claim->info()); });
}

// The verdicts at a point of a sweep rest on replicas that were not kept: they are those the run stored, at the run's level.
std::vector<ClaimResult> stored_results(const InputFile& file, const RunPlan& plan, std::size_t point, const VerifyOptions& options) {
    auto results = read_claims(file, plan.claim_plans(), plan.sweep, point);
    const auto others = unevaluated(plan.points[point], "not selected: --claims names others");
    for (std::size_t i = 0; i < results.size(); ++i)
        if (!options.selects(all_claims()[i]->info())) results[i] = others[i];
    return results;
}

// Claims across points are evaluated from the summaries that the file keeps, at any level.
Evaluation evaluation_of_sweep(const InputFile& file, const RunPlan& plan, const VerifyOptions& options) {
    const double stored = plan.configuration.verify.alpha;
    if (options.alpha != stored && !any_across_points(plan, options))
        throw ConfigError(fmt::format("--alpha {}: {} is a sweep, which keeps no replicas to evaluate again, and no claim across its points {}; its "
                                      "verdicts are at alpha = {}. Run it again with --set verify.alpha={}",
                                      options.alpha, file.name().filename().string(), options.claims.empty() ? "applies" : "is selected and applies",
                                      stored, options.alpha));
    Evaluation evaluation{options.alpha, plan.tests, {}, evaluate_sweep(plan, file, options)};
    for (std::size_t p = 0; p < plan.points.size(); ++p)
        evaluation.points.push_back(options.alpha == stored
                                        ? stored_results(file, plan, p, options)
                                        : unevaluated(plan.points[p], fmt::format("judged at alpha = {} only, for its replicas were not kept", stored)));
    return evaluation;
}

void save(const std::filesystem::path& to, const InputFile& from, const RunPlan& plan, const Evaluation& evaluation, const std::string& command_line) {
    if (std::filesystem::is_directory(to)) throw FileError(to.string() + ": is a folder; name another file with --save");
    if (std::filesystem::exists(to)) throw FileError(to.string() + ": exists already; name another file with --save");
    Layout layout;
    layout.attributes = {{"format", std::string(format_name)},
                         {"format_version", std::string(format_version)},
                         {"title", plan.configuration.title},
                         {"software_version", std::string(build_info().version)},
                         {"git_revision", std::string(build_info().git_revision)},
                         {"created", utc_now()},
                         {"status", std::string("evaluation")},
                         {"command_line", command_line},
                         {"evaluated_file", from.name().filename().string()},
                         {"evaluated_data_sha256", from.text_attribute("/", "data_sha256")},
                         {"data_sha256", std::string(), 64}};
    for (std::size_t a = 0; a < plan.sweep.names.size(); ++a)
        layout.scales.push_back({"/" + plan.sweep.names[a], Type::float64, plan.sweep.values[a].size(), plan.sweep.values[a], "1",
                                 "swept parameter " + plan.sweep.names[a], {}});
    add_claims(layout, plan.claim_plans(), evaluation.alpha, evaluation.tests, plan.sweep);
    add_sweep_claims(layout, plan.sweep_claims);
    OutputFile file = OutputFile::create(to, layout);
    for (std::size_t p = 0; p < evaluation.points.size(); ++p) write_claims(file, plan.claim_plans(), plan.sweep, p, evaluation.points[p]);
    write_claim_texts(file, evaluation);
    write_sweep_claims(file, plan.sweep_claims, evaluation.sweep);
    file.seal();
    file.publish();
}

}  // namespace

int verify_command(const VerifyCommandOptions& options, const ModelRegistry& models) {
    const InputFile file = open_foldback_file(options.file, false);
    if (file.text_attribute("/", "status") != "complete")
        throw FileError(options.file.filename().string() + ": holds an evaluation, not an ensemble; verify the file it was made from");
    const RunPlan plan = plan_of_file(file, models);
    VerifyOptions verify{options.alpha > 0 ? options.alpha : plan.configuration.verify.alpha, options.claims, options.threads};
    for (const auto& id : verify.claims) check_claim_id(id);
    if (verify.claims.empty()) verify.claims = plan.configuration.verify.claims;
    Evaluation evaluation;
    if (plan.is_sweep()) {
        evaluation = evaluation_of_sweep(file, plan, verify);
    } else {
        evaluation = {verify.alpha, plan.tests, {}, evaluate_sweep(plan, file, verify)};
        evaluation.points.push_back(evaluate_point(plan.points[0], FileEvidence(plan.points[0].setup, file), plan.tests, verify));
    }
    if (!options.save.empty()) save(options.save, file, plan, evaluation, options.command_line);
    if (options.json) fmt::print("{}\n", to_json(verdicts_as_value(plan, evaluation), 2));
    else fmt::print("{}", verdict_table(plan, evaluation));
    return exit_code_of(evaluation, options.strict);
}

}  // namespace foldback
