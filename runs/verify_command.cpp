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

// The verdicts of a sweep rest on replicas that were not kept: they are those the run stored, at the run's level.
Evaluation stored_evaluation(const InputFile& file, const RunPlan& plan, const VerifyOptions& options) {
    if (options.alpha != plan.configuration.verify.alpha)
        throw ConfigError(fmt::format("--alpha {}: {} is a sweep, which keeps no replicas to evaluate again; its verdicts are at alpha = {}. "
                                      "Run it again with --set verify.alpha={}",
                                      options.alpha, file.name().filename().string(), plan.configuration.verify.alpha, options.alpha));
    Evaluation evaluation{options.alpha, plan.tests, {}};
    for (std::size_t p = 0; p < plan.points.size(); ++p) {
        auto results = read_claims(file, plan.claim_plans(), plan.sweep, p);
        const auto selected = unevaluated(plan.points[p], "not selected: --claims names others");
        for (std::size_t i = 0; i < results.size(); ++i)
            if (!options.claims.empty() && std::find(options.claims.begin(), options.claims.end(), all_claims()[i]->info().id) == options.claims.end())
                results[i] = selected[i];
        evaluation.points.push_back(std::move(results));
    }
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
    OutputFile file = OutputFile::create(to, layout);
    for (std::size_t p = 0; p < evaluation.points.size(); ++p) write_claims(file, plan.claim_plans(), plan.sweep, p, evaluation.points[p]);
    write_claim_texts(file, evaluation);
    file.seal();
    file.publish();
}

}  // namespace

int verify_command(const VerifyCommandOptions& options, const ModelRegistry& models) {
    const InputFile file = open_foldback_file(options.file, false);
    if (file.text_attribute("/", "status") != "complete")
        throw FileError(options.file.filename().string() + ": holds an evaluation, not an ensemble; verify the file it was made from");
    const RunPlan plan = plan_of_file(file, models);
    VerifyOptions verify{options.alpha > 0 ? options.alpha : plan.configuration.verify.alpha, options.claims};
    for (const auto& id : verify.claims) (void)claim_named(id);
    if (verify.claims.empty()) verify.claims = plan.configuration.verify.claims;
    Evaluation evaluation{verify.alpha, plan.tests, {}};
    if (plan.is_sweep()) evaluation = stored_evaluation(file, plan, verify);
    else evaluation.points.push_back(evaluate_point(plan.points[0], FileEvidence(plan.points[0].setup, file), plan.tests, verify));
    if (!options.save.empty()) save(options.save, file, plan, evaluation, options.command_line);
    if (options.json) fmt::print("{}\n", to_json(verdicts_as_value(plan, evaluation), 2));
    else fmt::print("{}", verdict_table(plan, evaluation));
    return exit_code_of(evaluation, options.strict);
}

}  // namespace foldback
