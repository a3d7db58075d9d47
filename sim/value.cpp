#include "sim/value.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "sim/error.hpp"

namespace foldback {

namespace {

template <typename T, typename Data>
auto& held(Data& data, const char* wanted) {
    if (auto* found = std::get_if<T>(&data)) return *found;
    throw InternalError(std::string("a configuration value was read as ") + wanted + " without checking its kind");
}

}  // namespace

Value::Value(bool value) : data_(value) {}
Value::Value(std::int64_t value) : data_(value) {}
Value::Value(double value) : data_(value) {}
Value::Value(std::string text) : data_(std::move(text)) {}
Value::Value(std::string_view text) : data_(std::string(text)) {}
Value::Value(const char* text) : data_(std::string(text)) {}
Value::Value(Array elements) : data_(std::move(elements)) {}
Value::Value(Table entries) : data_(std::move(entries)) {}

Value Value::table() { return Value(Table{}); }

void Value::refuse_integer() {
    throw InternalError("an integer above 2^63 - 1 cannot be stored in a configuration value");
}

bool Value::boolean() const { return held<bool>(data_, "a boolean"); }
std::int64_t Value::integer() const { return held<std::int64_t>(data_, "an integer"); }

double Value::number() const {
    if (is_integer()) return static_cast<double>(integer());
    return held<double>(data_, "a number");
}

const std::string& Value::text() const { return held<std::string>(data_, "a string"); }
const Value::Array& Value::array() const { return held<Array>(data_, "an array"); }
Value::Array& Value::array() { return held<Array>(data_, "an array"); }
const Value::Table& Value::entries() const { return held<Table>(data_, "a table"); }
Value::Table& Value::entries() { return held<Table>(data_, "a table"); }

std::size_t Value::size() const { return is_array() ? array().size() : entries().size(); }

const Value* Value::find(std::string_view key) const {
    for (const Entry& entry : entries()) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

Value& Value::set(std::string_view key, Value value) {
    if (Value* found = find(key)) return *found = std::move(value);
    std::string origin = value.origin();
    return entries().emplace_back(Entry{std::string(key), std::move(value), std::move(origin)}).value;
}

void Value::erase(std::string_view key) {
    std::erase_if(entries(), [&](const Entry& entry) { return entry.key == key; });
}

Value& Value::set_origin(std::string origin) {
    origin_ = std::move(origin);
    return *this;
}

void Value::set_origins(const std::string& origin) {
    origin_ = origin;
    if (is_array()) {
        for (Value& element : array()) element.set_origins(origin);
    } else if (is_table()) {
        for (Entry& entry : entries()) {
            entry.origin = origin;
            entry.value.set_origins(origin);
        }
    }
}

bool operator==(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    if (const double* x = std::get_if<double>(&a.data_)) {
        return std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(std::get<double>(b.data_));
    }
    return a.data_ == b.data_;
}

std::string describe(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::null:
            return "null";
        case Value::Kind::boolean:
            return "a boolean";
        case Value::Kind::integer:
            return "an integer";
        case Value::Kind::number:
            return "a number";
        case Value::Kind::text:
            return "a string";
        case Value::Kind::array:
            return "an array";
        case Value::Kind::table:
            return "a table";
    }
    return "?";
}

std::string describe(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::null:
            return "null";
        case Value::Kind::boolean:
            return value.boolean() ? "true" : "false";
        case Value::Kind::integer:
            return std::to_string(value.integer());
        case Value::Kind::number:
            return shortest(value.number());
        case Value::Kind::text: {
            constexpr std::size_t longest = 40;
            const std::string& text = value.text();
            if (text.size() <= longest) return "'" + text + "'";
            std::size_t cut = longest;
            while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U)
                --cut;  // not inside a code point
            return "'" + text.substr(0, cut) + "...'";
        }
        case Value::Kind::array:
            return value.size() == 0 ? "an empty array" : "an array of " + std::to_string(value.size());
        case Value::Kind::table:
            return "a table";
    }
    return "?";
}

std::string shortest(double number) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return std::string(buffer.data(), end);
}

}  // namespace foldback
