#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.hpp"
#include "sim/range.hpp"
#include "sim/value.hpp"

namespace foldback {

/// A matrix as it is written in a configuration: (rows, cols), row by row.
struct Matrix {
    int rows = 0;
    int cols = 0;
    std::vector<double> data;

    friend bool operator==(const Matrix&, const Matrix&) = default;
};

struct Surroundings;  // sim/surroundings.hpp

/// A strict reader of one table. Each getter checks that its key is there (or takes the default), its type and its
/// range, and remembers the key and the value in its final form; finish() then refuses every key that nobody asked for,
/// and resolved() is the complete table. A table read back from resolved() answers alike.
///
/// Settings is a handle: copies share what was read, and so do the sub-tables with their parent. Getters throw
/// ConfigError "ORIGIN: PATH is ...; what would be right", PATH as in model.maps.0.weight.
class Settings {
  public:
    /// `path` is what messages put before the table's keys ("model"); empty for the whole file.
    explicit Settings(Value table, std::string path = {});
    Settings(Value table, std::string path, Surroundings surroundings);

    /// Whether the key is written; asking makes it a valid key.
    bool has(std::string_view key);

    /// An integer counts as a number; inf and nan don't.
    double number(std::string_view key, const Range& range = Range::any());
    double number(std::string_view key, double preset, const Range& range);
    /// 2.0 is refused: an integer is written without a point.
    std::int64_t integer(std::string_view key, const IntegerRange& range = IntegerRange::any());
    std::int64_t integer(std::string_view key, std::int64_t preset, const IntegerRange& range);
    bool flag(std::string_view key);
    bool flag(std::string_view key, bool preset);
    /// One of the names `allowed`. In a name, # stands for a positive integer: "window_#" allows window_16.
    std::string word(std::string_view key, const std::vector<std::string>& allowed);
    std::string word(std::string_view key, const std::vector<std::string>& allowed, std::string_view preset);
    std::string text(std::string_view key);
    std::string text(std::string_view key, std::string_view preset);

    /// A list of numbers, not empty; a lone number is a list of one. `length` 0: any length.
    std::vector<double> vector(std::string_view key, const Range& range = Range::any(), std::size_t length = 0);
    std::vector<double> vector(std::string_view key, const std::vector<double>& preset, const Range& range);
    /// A list of integers, not empty.
    std::vector<std::int64_t> integers(std::string_view key, const IntegerRange& range = IntegerRange::any());
    std::vector<std::int64_t> integers(std::string_view key, const std::vector<std::int64_t>& preset,
                                       const IntegerRange& range);
    /// A list of different names out of `allowed` (as for word), possibly empty.
    std::vector<std::string> words(std::string_view key, const std::vector<std::string>& allowed);
    std::vector<std::string> words(std::string_view key, const std::vector<std::string>& allowed,
                                   const std::vector<std::string>& preset);
    /// [[1, 2], [3, 4]]: rows of equal lengths, not empty; a lone number is a 1 x 1 matrix.
    Matrix matrix(std::string_view key, const Range& range = Range::any());

    /// A sub-table, its keys still to be read. finish() covers it, resolved() holds it.
    Settings table(std::string_view key);
    /// As table(); an empty one when the key is missing, so that its defaults come out of resolved().
    Settings table_or_empty(std::string_view key);
    /// As table(), if the key is there.
    std::optional<Settings> optional_table(std::string_view key);
    /// An array of tables, not empty: [[model.maps]] or maps = [{...}, {...}].
    std::vector<Settings> tables(std::string_view key);

    /// The node as written, for what no getter reads; resolved() then holds it as it is, or what resolve() puts there.
    Value raw(std::string_view key);
    void resolve(std::string_view key, Value value);

    /// The error for a value that is wrong for a reason the getters don't know: throw s.wrong("maps", "has weights that
    /// sum to 0.9", "they must sum to 1").
    ConfigError wrong(std::string_view key, const std::string& problem, const std::string& remedy) const;

    /// The error for a key that is not there, with the key that may be it, mistyped.
    ConfigError missing(std::string_view key, const std::string& remedy) const;

    /// Throws ConfigError for the first key, here or in a sub-table, that nobody asked for: where it stands and the
    /// nearest valid key. Call it when all is read.
    void finish() const;

    /// Every key asked for, in that order, with its value in its final form: defaults filled in, numbers as doubles,
    /// lone numbers as lists. A key that was missing and has no default is left out.
    Value resolved() const;

    const std::string& path() const;
    /// Where the table is written.
    const std::string& origin() const;
    /// As given to the table, or to the one it lies in.
    const Surroundings& surroundings() const;

  private:
    struct State;
    struct Answer;
    Settings(Value table, std::string path, std::shared_ptr<const Surroundings> surroundings);
    Answer& answer(std::string_view key);
    const Value& required(std::string_view key, const std::string& expected);
    const Value* written(std::string_view key);
    std::string path_of(std::string_view key) const;
    Settings open_table(std::string_view key, const Value& value);

    std::shared_ptr<State> state_;
};

// The checks behind the getters, for nodes read with raw(). `path` is what messages call the node.

/// The error "ORIGIN: PATH PROBLEM; REMEDY" for a node.
ConfigError wrong_value(const Value& value, const std::string& path, const std::string& problem,
                        const std::string& remedy);
double to_number(const Value& value, const std::string& path, const Range& range);
std::int64_t to_integer(const Value& value, const std::string& path, const IntegerRange& range);
/// `length` 0: any length but none.
std::vector<double> to_vector(const Value& value, const std::string& path, const Range& range, std::size_t length);
Matrix to_matrix(const Value& value, const std::string& path, const Range& range);
std::string to_word(const Value& value, const std::string& path, const std::vector<std::string>& allowed);
std::vector<std::string> to_words(const Value& value, const std::string& path, const std::vector<std::string>& allowed);

/// Whether `name` is one of `allowed`, or of a family in it ("window_#").
bool is_allowed(std::string_view name, const std::vector<std::string>& allowed);

/// The matrix as an array of rows.
Value to_value(const Matrix& matrix);

}  // namespace foldback
