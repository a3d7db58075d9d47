#include "runs/resume.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runs/commands.hpp"
#include "sim/build_info.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

void check_version(const InputFile& part, const RunOptions& options) {
    const BuildInfo& build = build_info();
    const std::string theirs = part.text_attribute("/", "software_version") + " " + part.text_attribute("/", "git_revision");
    const std::string ours = std::string(build.version) + " " + build.git_revision;
    if (theirs == ours || options.allow_version_change) return;
    throw FileError(fmt::format("{}: begun by foldback {}, this is {}; resume it with that version, or with --allow-version-change, which is "
                                "recorded in the file",
                                part.name().filename().string(), theirs, ours));
}

// The claims' arrays were laid out for the [verify] the run began with.
void check_verify(const InputFile& part, const Configuration& ours, const Configuration& theirs) {
    if (ours.verify == theirs.verify) return;
    std::string message = fmt::format("{}: begun with another [verify]; resume it with that one and evaluate it otherwise afterwards, with "
                                      "`foldback verify --alpha ... --save ...`:",
                                      part.name().filename().string());
    for (const auto& line : differences(*resolved(ours).find("verify"), *resolved(theirs).find("verify"))) message += "\n  verify." + line;
    throw ConfigError(message);
}

// What no key tells: in a sweep, data whose digest differs from point to point. The parameters that the part holds otherwise.
std::vector<std::string> changed_parameters(const InputFile& part, const RunPlan& plan) {
    std::vector<std::string> changed;
    for (std::size_t p = 0; p < plan.points.size(); ++p)
        for (const NamedArray& here : plan.points[p].model->parameters()) {
            const bool seen = std::find(changed.begin(), changed.end(), here.name) != changed.end();
            if (seen || !part.has("/model/" + here.name)) continue;
            const NamedArray there = stored_parameter(part, here.name, plan.sweep, p);
            if (there.shape != here.shape || there.values != here.values) changed.push_back(here.name);
        }
    return changed;
}

void check_configuration(const InputFile& part, const RunPlan& plan) {
    const Configuration theirs = read_configuration(parse_json(part.text("/config/resolved"), "the file"), known_names());
    const Configuration& ours = plan.configuration;
    if (part.text_attribute("/", "configuration_hash") == plan.hash) return check_verify(part, ours, theirs);
    const auto lines = differences(identity(ours, ours.model), identity(theirs, theirs.model));
    // What is observed follows from the claims that are planned: the difference to undo is then in [verify].
    if (!lines.empty() && std::all_of(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("record.observables"); }))
        check_verify(part, ours, theirs);
    std::string message = fmt::format("{}: begun with another configuration; undo these differences, or start over with --force:",
                                      part.name().filename().string());
    for (const auto& line : lines) message += "\n  " + line;
    if (lines.empty())
        for (const auto& name : changed_parameters(part, plan)) message += "\n  model: another " + name + " here than in the file, /model/" + name;
    throw ConfigError(message);
}

}  // namespace

OutputFile resume_run(const std::filesystem::path& output, const RunPlan& plan, const RunOptions& options) {
    OutputFile file = OutputFile::resume(output, options.force);
    const InputFile part = open_foldback_file(file.part(), true);
    check_version(part, options);
    check_configuration(part, plan);
    if (options.allow_version_change)
        file.set_attribute("/", "resumed_with", std::string(build_info().version) + " " + build_info().git_revision);
    return file;
}

}  // namespace foldback
