#include "sim/value_path.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/error.hpp"

namespace foldback {

namespace {

std::optional<std::size_t> index_of(const std::string& segment) {
    std::size_t index = 0;
    const char* end = segment.data() + segment.size();
    const auto result = std::from_chars(segment.data(), end, index);
    const bool leading_zero = segment.size() > 1 && segment.front() == '0';
    if (result.ec != std::errc() || result.ptr != end || leading_zero) return std::nullopt;
    return index;
}

std::string joined(std::span<const std::string> path) {
    std::string text;
    for (const std::string& segment : path) {
        if (!text.empty()) text += '.';
        text += segment.find('.') == std::string::npos ? segment : '"' + segment + '"';
    }
    return text;
}

Value& element(Value& array, std::span<const std::string> path, std::size_t depth, const std::string& where) {
    const auto index = index_of(path[depth]);
    if (index && *index < array.size()) return array.array()[*index];
    const std::string problem = where + ": " + joined(path.first(depth)) + " is " + describe(array);
    if (array.size() == 0) throw ConfigError(problem + "; replace it as a whole");
    throw ConfigError(problem + ", and '" + path[depth] + "' is none of its elements; name one from 0 to " +
                      std::to_string(array.size() - 1));
}

}  // namespace

std::vector<std::string> parse_path(std::string_view text, const std::string& where) {
    std::vector<std::string> segments;
    std::size_t at = 0;
    while (true) {
        const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
        const std::size_t begin = quote != '\0' ? at + 1 : at;
        const std::size_t end = std::min(text.find(quote != '\0' ? quote : '.', begin), text.size());
        if (quote != '\0' && end == text.size()) {
            throw ConfigError(where + ": a quote in '" + std::string(text) +
                              "' is not closed; write sweep.\"model.lambda\"");
        }
        segments.emplace_back(text.substr(begin, end - begin));
        at = quote != '\0' ? end + 1 : end;
        const bool stray = at < text.size() && text[at] != '.';
        if (segments.back().empty() || stray) {
            throw ConfigError(where + ": '" + std::string(text) +
                              "' is not a path of keys; write keys parted by dots, as in model.maps.0.weight");
        }
        if (at == text.size()) return segments;
        ++at;
    }
}

void set_at(Value& root, std::span<const std::string> path, Value value, const std::string& where) {
    Value* node = &root;
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
        if (node->is_array()) {
            node = &element(*node, path, depth, where);
        } else if (node->is_table()) {
            Value* next = node->find(path[depth]);
            node = next ? next : &node->set(path[depth], Value(Value::table()).set_origin(value.origin()));
        } else {
            const std::string parent = joined(path.first(depth));
            throw ConfigError(where + ": " + parent + " is " + describe(node->kind()) +
                              " and has no keys below it; set " + parent + " itself");
        }
    }
    *node = std::move(value);
}

const Value* find_at(const Value& root, std::span<const std::string> path) {
    const Value* node = &root;
    for (const std::string& segment : path) {
        if (node->is_array()) {
            const auto index = index_of(segment);
            node = index && *index < node->size() ? &node->array()[*index] : nullptr;
        } else {
            node = node->is_table() ? node->find(segment) : nullptr;
        }
        if (!node) return nullptr;
    }
    return node;
}

}  // namespace foldback
