#include "sim/settings.hpp"

#include <algorithm>

#include "sim/nearest_name.hpp"
#include "sim/surroundings.hpp"

namespace foldback {

/// What was asked for under one key: nothing found, a value, or sub-tables (one, or a list of them).
struct Settings::Answer {
    enum class Form { missing, value, table, tables };
    std::string key;
    Form form = Form::missing;
    Value value = {};
    std::vector<Settings> children = {};
};

struct Settings::State {
    Value table;
    std::string path;
    std::shared_ptr<const Surroundings> surroundings;
    std::vector<Answer> answers = {};
};

namespace {

/// The node that resolved() holds for a value read from `source`.
Value final_form(Value value, const Value& source) {
    value.set_origins(source.origin());
    return value;
}

Value preset_form(Value value) {
    value.set_origins("default");
    return value;
}

}  // namespace

Settings::Settings(Value table, std::string path) : Settings(std::move(table), std::move(path), Surroundings{}) {}

Settings::Settings(Value table, std::string path, Surroundings surroundings)
    : Settings(std::move(table), std::move(path), std::make_shared<const Surroundings>(std::move(surroundings))) {}

Settings::Settings(Value table, std::string path, std::shared_ptr<const Surroundings> surroundings) {
    if (!table.is_table()) {
        const std::string name = path.empty() ? "the configuration" : path;
        throw wrong_value(table, name, "is " + describe(table), "it must be a table of keys");
    }
    state_ = std::make_shared<State>(State{std::move(table), std::move(path), std::move(surroundings)});
}

const std::string& Settings::path() const { return state_->path; }
const std::string& Settings::origin() const { return state_->table.origin(); }
const Surroundings& Settings::surroundings() const { return *state_->surroundings; }

std::string Settings::path_of(std::string_view key) const {
    return state_->path.empty() ? std::string(key) : state_->path + "." + std::string(key);
}

Settings::Answer& Settings::answer(std::string_view key) {
    for (Answer& known : state_->answers) {
        if (known.key == key) return known;
    }
    return state_->answers.emplace_back(Answer{std::string(key)});
}

const Value* Settings::written(std::string_view key) {
    answer(key);
    return std::as_const(state_->table).find(key);
}

bool Settings::has(std::string_view key) { return written(key) != nullptr; }

const Value& Settings::required(std::string_view key, const std::string& expected) {
    if (const Value* value = written(key)) return *value;
    throw missing(key, "write " + std::string(key) + " = " + expected);
}

ConfigError Settings::missing(std::string_view key, const std::string& remedy) const {
    // A key that is near and that nobody asked for is probably this one, mistyped.
    std::string mistyped;
    for (const Value::Entry& entry : state_->table.entries()) {
        const auto asked = [&](const Answer& known) { return known.key == entry.key; };
        if (std::any_of(state_->answers.begin(), state_->answers.end(), asked)) continue;
        if (nearest_name(entry.key, std::vector<std::string>{std::string(key)}).empty()) continue;
        mistyped = " (is '" + entry.key + "' at " + entry.origin + " meant to be it?)";
        break;
    }
    return wrong_value(state_->table, path_of(key), "is missing" + mistyped, remedy);
}

ConfigError Settings::wrong(std::string_view key, const std::string& problem, const std::string& remedy) const {
    const Value* value = std::as_const(state_->table).find(key);
    return wrong_value(value ? *value : state_->table, path_of(key), problem, remedy);
}

double Settings::number(std::string_view key, const Range& range) {
    const std::string limits = range.text();
    const Value& value = required(key, "a number" + (limits.empty() ? "" : " " + limits));
    const double number = to_number(value, path_of(key), range);
    resolve(key, final_form(Value(number), value));
    return number;
}

double Settings::number(std::string_view key, double preset, const Range& range) {
    if (has(key)) return number(key, range);
    expects(range.contains(preset), "a default lies in its range");
    resolve(key, preset_form(Value(preset)));
    return preset;
}

std::int64_t Settings::integer(std::string_view key, const IntegerRange& range) {
    const std::string limits = range.text();
    const Value& value = required(key, "an integer" + (limits.empty() ? "" : " " + limits));
    const std::int64_t integer = to_integer(value, path_of(key), range);
    resolve(key, final_form(Value(integer), value));
    return integer;
}

std::int64_t Settings::integer(std::string_view key, std::int64_t preset, const IntegerRange& range) {
    if (has(key)) return integer(key, range);
    expects(range.contains(preset), "a default lies in its range");
    resolve(key, preset_form(Value(preset)));
    return preset;
}

bool Settings::flag(std::string_view key) {
    const Value& value = required(key, "true or false");
    if (!value.is_boolean()) throw wrong(key, "is " + describe(value), "it must be true or false, without quotes");
    resolve(key, value);
    return value.boolean();
}

bool Settings::flag(std::string_view key, bool preset) {
    if (has(key)) return flag(key);
    resolve(key, preset_form(Value(preset)));
    return preset;
}

std::string Settings::word(std::string_view key, const std::vector<std::string>& allowed) {
    const Value& value = required(key, "a name in quotes; " + suggestion("", allowed));
    std::string word = to_word(value, path_of(key), allowed);
    resolve(key, value);
    return word;
}

std::string Settings::word(std::string_view key, const std::vector<std::string>& allowed, std::string_view preset) {
    if (has(key)) return word(key, allowed);
    expects(is_allowed(preset, allowed), "a default is an allowed word");
    resolve(key, preset_form(Value(preset)));
    return std::string(preset);
}

std::string Settings::text(std::string_view key) {
    const Value& value = required(key, "a text in quotes");
    if (!value.is_text()) throw wrong(key, "is " + describe(value), "it must be a text in quotes");
    resolve(key, value);
    return value.text();
}

std::string Settings::text(std::string_view key, std::string_view preset) {
    if (has(key)) return text(key);
    resolve(key, preset_form(Value(preset)));
    return std::string(preset);
}

std::vector<double> Settings::vector(std::string_view key, const Range& range, std::size_t length) {
    const Value& value = required(key, "a list of numbers, as in [0.5, 1.0]");
    std::vector<double> numbers = to_vector(value, path_of(key), range, length);
    resolve(key, final_form(Value::array_of(numbers), value));
    return numbers;
}

std::vector<double> Settings::vector(std::string_view key, const std::vector<double>& preset, const Range& range) {
    if (has(key)) return vector(key, range);
    resolve(key, preset_form(Value::array_of(preset)));
    return preset;
}

std::vector<std::int64_t> Settings::integers(std::string_view key, const IntegerRange& range) {
    const Value& value = required(key, "a list of integers, as in [1, 2, 5]");
    if (!value.is_array()) throw wrong(key, "is " + describe(value), "it must be a list of integers, as in [1, 2, 5]");
    if (value.size() == 0) throw wrong(key, "is empty", "it must hold at least one integer");
    std::vector<std::int64_t> integers;
    for (const Value& element : value.array()) {
        integers.push_back(to_integer(element, path_of(key) + "." + std::to_string(integers.size()), range));
    }
    resolve(key, value);
    return integers;
}

std::vector<std::int64_t> Settings::integers(std::string_view key, const std::vector<std::int64_t>& preset,
                                             const IntegerRange& range) {
    if (has(key)) return integers(key, range);
    resolve(key, preset_form(Value::array_of(preset)));
    return preset;
}

std::vector<std::string> Settings::words(std::string_view key, const std::vector<std::string>& allowed) {
    const Value& value = required(key, "a list of names; " + suggestion("", allowed));
    std::vector<std::string> words = to_words(value, path_of(key), allowed);
    resolve(key, value);
    return words;
}

std::vector<std::string> Settings::words(std::string_view key, const std::vector<std::string>& allowed,
                                         const std::vector<std::string>& preset) {
    if (has(key)) return words(key, allowed);
    resolve(key, preset_form(Value::array_of(preset)));
    return preset;
}

Matrix Settings::matrix(std::string_view key, const Range& range) {
    const Value& value = required(key, "a list of rows, as in [[1.0, 0.0], [0.0, 1.0]]");
    Matrix matrix = to_matrix(value, path_of(key), range);
    resolve(key, final_form(to_value(matrix), value));
    return matrix;
}

Settings Settings::table(std::string_view key) {
    const Value& value = required(key, "{ ... }, a table");
    return open_table(key, value);
}

Settings Settings::table_or_empty(std::string_view key) {
    if (has(key)) return table(key);
    return open_table(key, Value::table().set_origin(origin()));
}

Settings Settings::open_table(std::string_view key, const Value& value) {
    Answer& known = answer(key);
    if (known.form != Answer::Form::table) {
        known.children = {Settings(value, path_of(key), state_->surroundings)};
        known.form = Answer::Form::table;
    }
    return known.children.front();
}

std::optional<Settings> Settings::optional_table(std::string_view key) {
    if (!has(key)) return std::nullopt;
    return table(key);
}

std::vector<Settings> Settings::tables(std::string_view key) {
    const std::string example = "[{ ... }, { ... }]";
    const Value& value = required(key, example + ", a list of tables");
    if (!value.is_array()) throw wrong(key, "is " + describe(value), "it must be a list of tables, as in " + example);
    if (value.size() == 0) throw wrong(key, "is empty", "it must hold at least one table");
    Answer& known = answer(key);
    if (known.form == Answer::Form::tables) return known.children;
    std::vector<Settings> opened;
    for (const Value& element : value.array()) {
        opened.push_back(Settings(element, path_of(key) + "." + std::to_string(opened.size()), state_->surroundings));
    }
    known.form = Answer::Form::tables;
    known.children = opened;
    return opened;
}

Value Settings::raw(std::string_view key) {
    const Value& value = required(key, "...");
    resolve(key, value);
    return value;
}

void Settings::resolve(std::string_view key, Value value) {
    Answer& known = answer(key);
    known.form = Answer::Form::value;
    known.value = std::move(value);
    known.children.clear();
}

void Settings::finish() const {
    std::vector<std::string> valid;
    for (const Answer& known : state_->answers) valid.push_back(known.key);
    for (const Value::Entry& entry : state_->table.entries()) {
        const auto asked = std::find_if(state_->answers.begin(), state_->answers.end(),
                                        [&](const Answer& known) { return known.key == entry.key; });
        if (asked == state_->answers.end()) {
            const std::string& where = entry.origin.empty() ? origin() : entry.origin;
            throw ConfigError((where.empty() ? "" : where + ": ") + path_of(entry.key) + " is an unknown key; " +
                              suggestion(entry.key, valid));
        }
        for (const Settings& opened : asked->children) opened.finish();
    }
}

Value Settings::resolved() const {
    Value table = Value::table();
    for (const Answer& known : state_->answers) {
        switch (known.form) {
            case Answer::Form::missing:
                break;
            case Answer::Form::value:
                table.set(known.key, known.value);
                break;
            case Answer::Form::table:
                table.set(known.key, known.children.front().resolved());
                break;
            case Answer::Form::tables: {
                Value::Array elements;
                for (const Settings& opened : known.children) elements.push_back(opened.resolved());
                table.set(known.key, Value(std::move(elements)).set_origin(origin()));
                break;
            }
        }
    }
    return std::move(table.set_origin(origin()));
}

}  // namespace foldback
