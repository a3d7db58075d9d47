#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace foldback {

/// A tree of settings: what a TOML or JSON text says, without its library. Tables keep the order in which their keys
/// were written. Every node carries an origin, the text that tells a user where it was written ("quickstart.toml:3:10",
/// "--set model.lambda"); origins do not take part in comparisons.
class Value {
  public:
    enum class Kind { null, boolean, integer, number, text, array, table };
    struct Entry;
    using Array = std::vector<Value>;
    using Table = std::vector<Entry>;

    Value() = default;
    Value(bool value);
    Value(std::int64_t value);
    Value(double value);
    /// Any other integer; InternalError above 2^63 - 1.
    template <typename T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, std::int64_t>) Value(T value)
        : Value(checked(value)) {}
    Value(std::string text);
    Value(std::string_view text);
    Value(const char* text);
    Value(Array elements);
    Value(Table entries);

    /// An array of the elements of `items`, each turned into a Value.
    template <typename T>
    static Value array_of(const std::vector<T>& items) {
        return Value(Array(items.begin(), items.end()));
    }
    /// An empty table.
    static Value table();

    Kind kind() const { return static_cast<Kind>(data_.index()); }
    bool is_null() const { return kind() == Kind::null; }
    bool is_boolean() const { return kind() == Kind::boolean; }
    bool is_integer() const { return kind() == Kind::integer; }
    /// An integer or a number.
    bool is_numeric() const { return kind() == Kind::integer || kind() == Kind::number; }
    bool is_text() const { return kind() == Kind::text; }
    bool is_array() const { return kind() == Kind::array; }
    bool is_table() const { return kind() == Kind::table; }

    // Asking for another kind than the node's is an InternalError: user input is checked by Settings.
    bool boolean() const;
    std::int64_t integer() const;
    /// The value of a number or of an integer.
    double number() const;
    const std::string& text() const;
    const Array& array() const;
    Array& array();
    const Table& entries() const;
    Table& entries();

    /// Elements of an array, keys of a table.
    std::size_t size() const;

    /// The value of a table's key; null when there is none.
    const Value* find(std::string_view key) const;
    Value* find(std::string_view key);
    /// Replaces the value of a table's key in place, or appends the key.
    Value& set(std::string_view key, Value value);
    /// Removes a key of a table if it is there.
    void erase(std::string_view key);

    const std::string& origin() const { return origin_; }
    Value& set_origin(std::string origin);
    /// Gives the same origin to this node and all below it.
    void set_origins(const std::string& origin);

    /// The same kinds, bits, keys and order of keys; origins do not count.
    friend bool operator==(const Value& a, const Value& b);

  private:
    using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table>;

    template <typename T>
    static std::int64_t checked(T value) {
        if (!std::in_range<std::int64_t>(value)) refuse_integer();
        return static_cast<std::int64_t>(value);
    }
    [[noreturn]] static void refuse_integer();

    Data data_;
    std::string origin_;
};

/// One key of a table. `origin` is where the key stands; where its value stands is the value's own origin.
struct Value::Entry {
    std::string key;
    Value value;
    std::string origin = {};

    friend bool operator==(const Entry& a, const Entry& b) { return a.key == b.key && a.value == b.value; }
};

/// "a string", "an integer", ...: the kind of a node for a message.
std::string describe(Value::Kind kind);

/// A node in a few words for a message: 0.3, 'forward', true, an array of 3, a table. Long texts are cut.
std::string describe(const Value& value);

/// The shortest decimal text that reads back as exactly this double.
std::string shortest(double number);

/// JSON text with keys in the table's order; doubles are the shortest that read back as the same bits and always carry
/// a point or an exponent, so that integers and numbers stay apart. indent < 0: one line; else arrays without tables
/// inside stay on one line. Throws ConfigError for a number that is not finite or a text that is not UTF-8.
std::string to_json(const Value& value, int indent = -1);

/// The tree of a JSON text. Node origins are "ORIGIN, model.maps.0.weight"; the root's is ORIGIN. Throws ConfigError
/// for text that is not JSON, nested more than 256 deep, with a key twice, or with an integer that int64 cannot hold.
Value parse_json(std::string_view text, const std::string& origin);

}  // namespace foldback
