#include <fmt/format.h>

#include <algorithm>
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

NamedArray stored_parameter(const InputFile& file, const std::string& name, const SweepAxes& sweep, std::size_t point) {
    const std::string path = "/model/" + name;
    const StoredVariable& v = file.variable(path);
    NamedArray array{name, v.shape, {}};
    const bool by_point = !sweep.names.empty() && !v.dimensions.empty() && v.dimensions.front() == sweep.names.front();
    if (!by_point) {
        array.values = file.read<double>(path);
        return array;
    }
    std::vector<std::size_t> start = sweep.indices(point), count(v.shape.size(), 1);
    std::copy(v.shape.begin() + std::ptrdiff_t(start.size()), v.shape.end(), count.begin() + std::ptrdiff_t(start.size()));
    array.shape.erase(array.shape.begin(), array.shape.begin() + std::ptrdiff_t(start.size()));
    start.resize(v.shape.size());
    array.values = file.read<double>(path, start, count);
    return array;
}

RunPlan plan_of_file(const InputFile& file, const ModelRegistry& models) {
    const std::string origin = file.name().filename().string() + ", /config/resolved";
    try {
        return plan_from_file(parse_json(file.text("/config/resolved"), origin), models,
                              [&](const std::string& name, const SweepAxes& sweep, std::size_t point) {
                                  return stored_parameter(file, name, sweep, point);
                              });
    } catch (const ConfigError& e) {
        throw FileError(std::string(e.what()) + " (the file is damaged, or this program does not know the model or setting that it was made with)");
    }
}

}  // namespace foldback
