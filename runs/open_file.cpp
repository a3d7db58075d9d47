#include <fmt/format.h>

#include <charconv>

#include "runs/commands.hpp"
#include "runs/toml_file.hpp"
#include "sim/error.hpp"
#include "sim/format_version.hpp"

namespace foldback {

Value read_configuration_file(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
    Value root = read_toml_file(file);
    for (const auto& text : overrides) apply_override(root, text);
    return root;
}

InputFile open_foldback_file(const std::filesystem::path& name, bool partial_too) {
    InputFile file(name);
    const std::string shown = name.filename().string();
    const auto format = file.attribute("/", "format");
    if (!format || !std::holds_alternative<std::string>(*format) || std::get<std::string>(*format) != format_name)
        throw FileError(fmt::format("{}: not a foldback file: the root has no attribute format = \"{}\"; give a file that `foldback run` wrote",
                                    shown, format_name));
    const std::string version = file.text_attribute("/", "format_version");
    int major = -1;
    std::from_chars(version.data(), version.data() + version.size(), major);
    if (major != format_major)
        throw FileError(fmt::format("{}: format version {}, this program reads {}; use the foldback that wrote it (software version {})", shown,
                                    version, format_version, file.text_attribute("/", "software_version")));
    if (!partial_too && file.text_attribute("/", "status") != "complete")
        throw FileError(fmt::format("{}: a run that is not finished (status partial); finish it with `foldback run --resume` first", shown));
    return file;
}

RunPlan plan_of_file(const InputFile& file, const ModelRegistry& models) {
    const std::string origin = file.name().filename().string() + ", /config/resolved";
    try {
        return plan_from_file(parse_json(file.text("/config/resolved"), origin), models);
    } catch (const ConfigError& e) {
        throw FileError(std::string(e.what()) + " (this program does not know the model or setting that the file was made with)");
    }
}

}  // namespace foldback
