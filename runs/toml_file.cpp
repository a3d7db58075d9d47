#include "runs/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <tuple>

#include "sim/error.hpp"
#include "sim/value_path.hpp"

namespace foldback {

namespace {

constexpr int deepest = 256;
constexpr std::size_t longest = std::size_t{16} << 20U;

std::string at(const std::string& name, const toml::source_position& position) {
    return name + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

bool earlier(const toml::source_position& a, const toml::source_position& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
}

class Converter {
  public:
    explicit Converter(const std::string& name) : name_(name) {}

    /// `fallback` stands in for nodes without a position of their own, such as the table that [a.b] implies.
    Value operator()(const toml::node& node, const std::string& fallback, int depth) const {
        const toml::source_position& begin = node.source().begin;
        const std::string origin = begin ? at(name_, begin) : fallback;
        if (depth > deepest) throw ConfigError(origin + ": nested more than 256 deep; write a flatter table");
        Value value;
        if (const auto* table = node.as_table()) {
            value = converted(*table, origin, depth);
        } else if (const auto* array = node.as_array()) {
            Value::Array elements;
            for (const toml::node& element : *array) elements.push_back((*this)(element, origin, depth + 1));
            value = Value(std::move(elements));
        } else if (const auto* text = node.as_string()) {
            value = Value(text->get());
        } else if (const auto* integer = node.as_integer()) {
            value = Value(integer->get());
        } else if (const auto* number = node.as_floating_point()) {
            value = Value(number->get());
        } else if (const auto* flag = node.as_boolean()) {
            value = Value(flag->get());
        } else {
            throw ConfigError(origin +
                              ": a date or time, and no setting is one; write a number, or a string in quotes");
        }
        return std::move(value.set_origin(origin));
    }

  private:
    // toml++ hands out keys in alphabetical order; where they were written tells the order they were written in.
    Value converted(const toml::table& table, const std::string& origin, int depth) const {
        std::vector<std::pair<const toml::key*, const toml::node*>> entries;
        for (auto&& [key, node] : table) entries.emplace_back(&key, &node);
        std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
            return earlier(a.first->source().begin, b.first->source().begin);
        });
        Value value = Value::table();
        for (const auto& [key, node] : entries) {
            const toml::source_position& begin = key->source().begin;
            const std::string key_origin = begin ? at(name_, begin) : origin;
            value.entries().push_back({std::string(key->str()), (*this)(*node, key_origin, depth + 1), key_origin});
        }
        return value;
    }

    const std::string& name_;
};

bool is_bare_word(std::string_view text) {
    const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    const auto inside = [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || std::string_view("-./+").find(c) != std::string_view::npos;
    };
    return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), inside);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The position of the '=' that ends the path: the first one outside quotes.
std::size_t end_of_path(std::string_view setting) {
    char quote = '\0';
    for (std::size_t i = 0; i < setting.size(); ++i) {
        const char c = setting[i];
        if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '=') {
            return i;
        }
    }
    return std::string_view::npos;
}

Value parse_right_side(std::string_view text, const std::string& where) {
    if (text.find('\n') != std::string_view::npos)
        throw ConfigError(where + ": the value holds a line break; write it on one line");
    std::string problem;
    try {
        Value parsed = parse_toml("value = " + std::string(text), where);
        if (parsed.size() == 1) return std::move(parsed.entries().front().value);
        problem = "holds more than one value";
    } catch (const ConfigError&) {
        if (is_bare_word(text)) return Value(text);
        problem = "is neither a TOML value nor a bare word";
    }
    throw ConfigError(where + ": " + describe(Value(text)) + " " + problem +
                      "; write a number, true, false, a word, a string in quotes or an [array]");
}

}  // namespace

std::string read_text_file(const std::filesystem::path& path) {
    const std::string name = path.string();
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        throw FileError(name + ": is a directory; name a TOML file in it");
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), &std::fclose);
    if (!file) throw FileError(name + ": cannot be read (" + std::strerror(errno) + "); name a TOML file that can be");
    // In pieces: room for the longest text at once would take as long as the rest of a small run.
    std::string text;
    std::array<char, 1 << 14> piece;
    while (text.size() <= longest)
        if (const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get()); got > 0)
            text.append(piece.data(), got);
        else
            break;
    if (std::ferror(file.get()) != 0) {
        throw FileError(name + ": reading failed (" + std::strerror(errno) + "); name a TOML file that can be read");
    }
    if (text.rfind("\x89HDF\r\n", 0) == 0) {
        throw ConfigError(name + ": is an HDF5 file, not a configuration; give the TOML file that made it");
    }
    if (text.size() > longest) throw ConfigError(name + ": longer than 16 MiB; a configuration is a short TOML file");
    if (text.find('\0') != std::string::npos) {
        throw ConfigError(name + ": holds bytes that are no text; a configuration is a TOML file, in UTF-8");
    }
    return text;
}

Value parse_toml(std::string_view text, const std::string& name) {
    try {
        const toml::table parsed = toml::parse(text);
        return std::move(Converter(name)(parsed, name, 0).set_origin(name));
    } catch (const toml::parse_error& error) {
        std::string problem(error.description());
        if (problem.rfind("Error while ", 0) == 0) problem.erase(0, 6);
        throw ConfigError(at(name, error.source().begin) + ": not valid TOML: " + problem +
                          "; write key = value, with texts in quotes");
    }
}

Value read_toml_file(const std::filesystem::path& path) { return parse_toml(read_text_file(path), path.string()); }

void apply_override(Value& root, std::string_view setting) {
    const std::size_t equals = end_of_path(setting);
    if (equals == std::string_view::npos) {
        throw ConfigError("--set " + std::string(setting) +
                          ": no '='; write --set key=value, as in --set model.lambda=0.3");
    }
    const std::string_view path = trimmed(setting.substr(0, equals));
    const std::string where = "--set " + std::string(path);
    const std::vector<std::string> segments = parse_path(path, where);
    Value value = parse_right_side(trimmed(setting.substr(equals + 1)), where);
    value.set_origins(where);
    set_at(root, segments, std::move(value), where);
}

}  // namespace foldback
