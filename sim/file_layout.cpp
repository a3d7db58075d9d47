#include "sim/file_layout.hpp"

#include <algorithm>
#include <set>

#include "sim/error.hpp"

namespace foldback {
namespace {

[[noreturn]] void broken(std::string_view path, const std::string& rule) {
    throw InternalError("layout of the file, " + std::string(path) + ": " + rule);
}

std::string child(std::string_view group, std::string_view name) {
    return (group == "/" ? std::string() : std::string(group)) + "/" + std::string(name);
}

const Scale* find_scale(const std::vector<Scale>& scales, std::string_view group, std::string_view name) {
    const auto path = child(group, name);
    const auto found = std::find_if(scales.begin(), scales.end(), [&](const Scale& s) { return s.path == path; });
    return found == scales.end() ? nullptr : &*found;
}

void check_path(std::string_view path, std::set<std::string, std::less<>>& used) {
    if (path.size() < 2 || path.front() != '/' || path.back() == '/' || path.find("//") != path.npos)
        broken(path, "a path is /NAME or /GROUP/.../NAME");
    if (!used.emplace(path).second) broken(path, "is there twice; a path names one object");
}

void check_scale(const Layout& layout, const Scale& scale) {
    if (scale.n == 0) broken(scale.path, "a dimension has at least one element");
    const auto size = std::visit(
        [&](const auto& values) {
            if constexpr (std::is_same_v<std::decay_t<decltype(values)>, std::monostate>)
                return scale.n;
            else
                return values.size();
        },
        scale.values);
    if (size != scale.n) broken(scale.path, "has " + std::to_string(size) + " values for n " + std::to_string(scale.n));
    if (std::holds_alternative<std::vector<double>>(scale.values) != is_float(scale.type) &&
        !std::holds_alternative<std::monostate>(scale.values))
        broken(scale.path, "values and type must both be floating-point or both integers");
    for (auto group = parent_path(scale.path); group != "/";) {
        group = parent_path(group);
        const auto* outer = find_scale(layout.scales, group, last_component(scale.path));
        if (outer != nullptr && (outer->n != scale.n || outer->type != scale.type || outer->values != scale.values))
            broken(scale.path, "differs from " + outer->path + "; along a path one dimension name means one thing");
    }
}

}  // namespace

std::size_t size_of(Type type) {
    switch (type) {
        case Type::float64:
        case Type::int64:
        case Type::uint64:
            return 8;
        case Type::float32:
        case Type::int32:
            return 4;
        case Type::int8:
            return 1;
    }
    throw InternalError("unknown element type");
}

std::string_view numpy_name(Type type) {
    switch (type) {
        case Type::float64:
            return "<f8";
        case Type::float32:
            return "<f4";
        case Type::int64:
            return "<i8";
        case Type::int32:
            return "<i4";
        case Type::uint64:
            return "<u8";
        case Type::int8:
            return "|i1";
    }
    throw InternalError("unknown element type");
}

std::string_view parent_path(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::size_t Layout::bytes() const {
    std::size_t total = 0;
    for (const auto& scale : scales) total += scale.n * size_of(scale.type);
    for (const auto& text : texts) total += text.content.size();
    for (const auto& array : string_arrays)
        for (const auto& value : array.values) total += value.size();
    for (const auto& variable : variables) {
        auto size = size_of(variable.type);
        for (const auto n : shape(variable)) size *= n;
        total += size;
    }
    return total;
}

std::size_t Layout::file_bytes() const {
    // Measured: 1 to 3 KiB for an object with its attributes; strings in arrays cost 32 bytes more each.
    constexpr std::size_t object_bytes = 4096;
    std::size_t labels = 0;
    for (const auto& array : string_arrays) labels += array.values.size();
    return bytes() + 32 * labels +
           object_bytes * (4 + groups.size() + scales.size() + texts.size() + string_arrays.size() + variables.size());
}

const Scale& Layout::scale(std::string_view path, std::string_view dimension) const {
    for (auto group = parent_path(path);; group = parent_path(group)) {
        if (const auto* found = find_scale(scales, group, dimension)) return *found;
        if (group == "/") break;
    }
    broken(path, "no scale for its dimension '" + std::string(dimension) + "' in its group or above");
}

std::vector<std::size_t> Layout::shape(const Variable& variable) const {
    std::vector<std::size_t> result;
    for (const auto& dimension : variable.dimensions) result.push_back(scale(variable.path, dimension).n);
    return result;
}

void Layout::check() const {
    std::set<std::string, std::less<>> used;
    for (const auto& group : groups) check_path(group.path, used);
    for (const auto& one : scales) check_path(one.path, used);
    for (const auto& text : texts) check_path(text.path, used);
    for (const auto& array : string_arrays) check_path(array.path, used);
    for (const auto& variable : variables) check_path(variable.path, used);

    for (const auto& one : scales) check_scale(*this, one);
    for (const auto& array : string_arrays)
        if (scale(array.path, array.dimension).n != array.values.size())
            broken(array.path, "must have one label for each element of '" + array.dimension + "'");
    for (const auto& variable : variables) {
        auto names = variable.dimensions;
        std::sort(names.begin(), names.end());
        if (std::adjacent_find(names.begin(), names.end()) != names.end())
            broken(variable.path, "uses one dimension twice; give the second axis a name of its own");
        for (const auto& name : names)
            if (name == last_component(variable.path)) broken(variable.path, "has the name of one of its dimensions");
        if (variable.rows_per_block > 0 && variable.dimensions.empty())
            broken(variable.path, "is written by blocks and so needs a first dimension");
        shape(variable);
    }
}

void add_progress(Layout& layout, std::size_t blocks) {
    std::vector<std::string> paths;
    for (const auto& variable : layout.variables)
        if (variable.result && variable.rows_per_block > 0) paths.push_back(variable.path);

    layout.groups.push_back({"/progress", {}});
    layout.scales.push_back({"/progress/block", Type::int64, blocks, {}, "1", "block of replicas", {}});
    Variable done{.path = "/progress/block_done", .type = Type::int8, .dimensions = {"block"}};
    done.long_name = "whether the block is in the file; where it is not, blocked data are undefined";
    done.attributes = {{"dtype", "bool"}};
    layout.variables.push_back(std::move(done));
    Variable seconds{.path = "/progress/seconds", .dimensions = {"block"}, .units = "s"};
    seconds.long_name = "time spent on the block by one thread";
    layout.variables.push_back(std::move(seconds));
    if (paths.empty()) return;

    layout.scales.push_back(
        {"/progress/digest_variable", Type::int64, paths.size(), {}, "1", "result whose blocks are digested", {}});
    layout.scales.push_back({"/progress/half", Type::int64, 2, {}, "1", "high and low 64 bits of a digest", {}});
    layout.string_arrays.push_back(
        {"/progress/digest_path", "digest_variable", std::move(paths), "path of the result", {}});
    Variable digests{
        .path = "/progress/digests", .type = Type::uint64, .dimensions = {"block", "digest_variable", "half"}};
    digests.long_name = "XXH3-128 of each block of each result";
    digests.rows_per_block = 1;
    layout.variables.push_back(std::move(digests));
}

}  // namespace foldback
