#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/error.hpp"
#include "sim/value.hpp"

namespace foldback {

namespace {

constexpr int deepest = 256;

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& origin, const std::string& problem) {
    throw ConfigError((origin.empty() ? std::string() : origin + ": ") + problem);
}

std::string quoted(const std::string& text, const std::string& origin) {
    try {
        return Json(text).dump();
    } catch (const Json::exception&) { refuse(origin, "a text is not valid UTF-8; write it in UTF-8"); }
}

std::string number_text(const Value& value) {
    const double number = value.number();
    if (!std::isfinite(number))
        refuse(value.origin(), shortest(number) + " is not a finite number; write a finite one");
    std::string text = shortest(number);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

bool holds_tables(const Value& value) {
    if (value.is_table()) return value.size() > 0;
    if (!value.is_array()) return false;
    for (const Value& element : value.array()) {
        if (holds_tables(element)) return true;
    }
    return false;
}

class Writer {
  public:
    explicit Writer(int indent) : indent_(indent) {}

    void write(const Value& value, int depth) {
        switch (value.kind()) {
            case Value::Kind::null:
                text_ += "null";
                return;
            case Value::Kind::boolean:
                text_ += value.boolean() ? "true" : "false";
                return;
            case Value::Kind::integer:
                text_ += std::to_string(value.integer());
                return;
            case Value::Kind::number:
                text_ += number_text(value);
                return;
            case Value::Kind::text:
                text_ += quoted(value.text(), value.origin());
                return;
            case Value::Kind::array: {
                const bool lines = indent_ >= 0 && holds_tables(value);
                write_items(value.array(), '[', ']', lines, depth, [](const Value&) {});
                return;
            }
            case Value::Kind::table: {
                const auto key = [&](const Value::Entry& entry) {
                    text_ += quoted(entry.key, entry.origin) + (indent_ >= 0 ? ": " : ":");
                };
                write_items(value.entries(), '{', '}', indent_ >= 0, depth, key);
                return;
            }
        }
    }

    std::string text() && { return std::move(text_); }

  private:
    static const Value& value_of(const Value& element) { return element; }
    static const Value& value_of(const Value::Entry& entry) { return entry.value; }

    template <typename Items, typename Before>
    void write_items(const Items& items, char open, char close, bool lines, int depth, const Before& before) {
        text_ += open;
        bool first = true;
        for (const auto& item : items) {
            if (!first) text_ += indent_ >= 0 && !lines ? ", " : ",";
            first = false;
            if (lines) new_line(depth + 1);
            before(item);
            write(value_of(item), depth + 1);
        }
        if (lines && !first) new_line(depth);
        text_ += close;
    }

    void new_line(int depth) {
        text_ += '\n';
        text_.append(static_cast<std::size_t>(indent_ * depth), ' ');
    }

    int indent_;
    std::string text_;
};

Value converted(const Json& json, const std::string& root, const std::string& path) {
    const std::string origin = path.empty() ? root : root + ", " + path;
    const auto child_path = [&](const std::string& name) { return path.empty() ? name : path + "." + name; };
    Value value;
    if (json.is_object()) {
        value = Value::table();
        for (const auto& [key, child] : json.items()) value.set(key, converted(child, root, child_path(key)));
    } else if (json.is_array()) {
        Value::Array elements;
        for (const auto& child : json)
            elements.push_back(converted(child, root, child_path(std::to_string(elements.size()))));
        value = Value(std::move(elements));
    } else if (json.is_boolean()) {
        value = Value(json.get<bool>());
    } else if (json.is_number_unsigned()) {
        const auto integer = json.get<std::uint64_t>();
        if (!std::in_range<std::int64_t>(integer)) {
            refuse(origin, std::to_string(integer) + " is too large; integers go up to 9223372036854775807");
        }
        value = Value(integer);
    } else if (json.is_number_integer()) {
        value = Value(json.get<std::int64_t>());
    } else if (json.is_number_float()) {
        value = Value(json.get<double>());
    } else if (json.is_string()) {
        value = Value(json.get<std::string>());
    }
    value.set_origin(origin);
    return value;
}

// Watches the parser's events for what a tree of our own must not hold: depth, and a key given twice.
class Watcher {
  public:
    explicit Watcher(const std::string& origin) : origin_(origin) {}

    bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
        using Event = Json::parse_event_t;
        if (depth > deepest) refuse(origin_, "nested more than 256 deep; write a flatter table");
        if (event == Event::object_start) keys_.emplace_back();
        if (event == Event::object_end) keys_.pop_back();
        if (event == Event::key && !keys_.back().insert(parsed.get<std::string>()).second) {
            refuse(origin_, "the key '" + parsed.get<std::string>() + "' is given twice; keep one of them");
        }
        return true;
    }

  private:
    const std::string& origin_;
    std::vector<std::set<std::string>> keys_;
};

}  // namespace

std::string to_json(const Value& value, int indent) {
    Writer writer(indent);
    writer.write(value, 0);
    return std::move(writer).text();
}

Value parse_json(std::string_view text, const std::string& origin) {
    try {
        Watcher watcher(origin);
        const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
            return watcher(depth, event, parsed);
        };
        return converted(Json::parse(text, watch), origin, "");
    } catch (const Json::exception& error) {
        refuse(origin, std::string("not JSON text (") + error.what() + "); write JSON as in /config/resolved");
    }
}

}  // namespace foldback
