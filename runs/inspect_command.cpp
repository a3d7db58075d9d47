#include <fmt/format.h>

#include <algorithm>

#include "runs/commands.hpp"
#include "runs/progress.hpp"
#include "runs/summary.hpp"

namespace foldback {
namespace {

std::string attribute_text(const InputFile& file, const std::string& name) {
    const auto value = file.attribute("/", name);
    if (!value) return "";
    if (const auto* text = std::get_if<std::string>(&*value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&*value)) return std::to_string(*number);
    if (const auto* number = std::get_if<double>(&*value)) return fmt::format("{}", *number);
    return "";
}

std::pair<std::size_t, std::size_t> blocks_of(const InputFile& file) {
    if (!file.has("/progress/block_done")) return {0, 0};
    const auto done = file.read<std::int8_t>("/progress/block_done");
    return {std::size_t(std::count(done.begin(), done.end(), 1)), done.size()};
}

std::string shape_text(const StoredVariable& v) {
    std::string text;
    for (std::size_t k = 0; k < v.shape.size(); ++k) text += fmt::format("{}{} {}", k ? ", " : "", v.dimensions[k], v.shape[k]);
    return "(" + text + ")";
}

Value as_value(const InputFile& file) {
    Value v = Value::table(), attributes = Value::table();
    for (const auto& name : file.attribute_names("/")) attributes.set(name, attribute_text(file, name));
    v.set("attributes", std::move(attributes));
    v.set("blocks_done", blocks_of(file).first);
    v.set("blocks", blocks_of(file).second);
    Value::Array variables;
    for (const auto& stored : file.variables()) {
        if (stored.scale) continue;
        Value one = Value::table();
        one.set("path", stored.path);
        one.set("shape", Value::array_of(stored.shape));
        one.set("dimensions", Value::array_of(stored.dimensions));
        variables.push_back(std::move(one));
    }
    v.set("variables", Value(std::move(variables)));
    return v;
}

void print_verdicts(const InputFile& file) {
    for (const auto& group : file.groups()) {
        if (group.rfind("/claims/", 0) != 0) continue;
        const auto codes = file.read<std::int8_t>(group + "/overall");
        std::string words;
        for (std::int8_t code : codes) words += (words.empty() ? "" : ", ") + std::string(word(Verdict(code)));
        fmt::print("  {:<26} {}\n", group.substr(8), words);
    }
}

}  // namespace

int inspect_command(const InspectOptions& options, const ModelRegistry&) {
    const InputFile file = open_foldback_file(options.file, true);
    if (options.json) {
        fmt::print("{}\n", to_json(as_value(file), 2));
        return 0;
    }
    fmt::print("{}: {}\n", options.file.filename().string(), attribute_text(file, "title"));
    for (const char* name : {"status", "created", "finished", "software_version", "git_revision", "compiler", "bits", "seed", "command_line", "configuration_hash", "data_sha256"})
        if (const auto text = attribute_text(file, name); !text.empty()) fmt::print("  {:<18} {}\n", name, text);
    const auto [done, blocks] = blocks_of(file);
    if (blocks > 0) fmt::print("  {:<18} {} of {}\n", "blocks", done, blocks);
    fmt::print("variables\n");
    for (const auto& v : file.variables())
        if (!v.scale && !v.text && v.path.rfind("/claims", 0) != 0 && v.path.rfind("/progress", 0) != 0) fmt::print("  {:<34} {}\n", v.path, shape_text(v));
    const bool evaluated = attribute_text(file, "status") != "partial";
    if (evaluated) {
        fmt::print("verdicts\n");
        print_verdicts(file);
    }
    return 0;
}

}  // namespace foldback
