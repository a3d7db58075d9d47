#include <algorithm>
#include <cmath>

#include "sim/nearest_name.hpp"
#include "sim/settings.hpp"

namespace foldback {

namespace {

std::string expected_number(const Range& range) {
    const std::string limits = range.text();
    return limits.empty() ? "a finite number" : "a number " + limits;
}

std::string expected_integer(const IntegerRange& range) {
    const std::string limits = range.text();
    return limits.empty() ? "an integer" : "an integer " + limits;
}

std::string element_path(const std::string& path, std::size_t index) { return path + "." + std::to_string(index); }

/// "a string ('abc')": what a node of the wrong kind is.
std::string found(const Value& value) {
    const bool says_all = value.is_array() || value.is_table() || value.is_null();
    return says_all ? describe(value) : describe(value.kind()) + " (" + describe(value) + ")";
}

/// Whether `name` is `family` with its # replaced by a positive integer without leading zeros.
bool in_family(std::string_view name, std::string_view family) {
    const std::size_t mark = family.find('#');
    if (mark == std::string_view::npos || name.size() < family.size()) return false;
    const std::string_view head = family.substr(0, mark);
    const std::string_view tail = family.substr(mark + 1);
    if (!name.starts_with(head) || !name.ends_with(tail)) return false;
    const std::string_view digits = name.substr(mark, name.size() - head.size() - tail.size());
    const bool all_digits = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return all_digits && !digits.empty() && digits.front() != '0' && digits.size() <= 9;
}

}  // namespace

ConfigError wrong_value(const Value& value, const std::string& path, const std::string& problem,
                        const std::string& remedy) {
    const std::string where = value.origin().empty() ? "" : value.origin() + ": ";
    return ConfigError(where + path + " " + problem + "; " + remedy);
}

double to_number(const Value& value, const std::string& path, const Range& range) {
    const std::string remedy = "it must be " + expected_number(range);
    if (!value.is_numeric()) throw wrong_value(value, path, "is " + found(value), remedy);
    const double number = value.number();
    if (!range.contains(number)) throw wrong_value(value, path, "is " + describe(value), remedy);
    return number;
}

std::int64_t to_integer(const Value& value, const std::string& path, const IntegerRange& range) {
    const std::string remedy = "it must be " + expected_integer(range);
    if (!value.is_integer()) {
        const bool whole = value.is_numeric() && std::trunc(value.number()) == value.number();
        throw wrong_value(value, path, "is " + found(value), remedy + (whole ? ", written without a point" : ""));
    }
    if (!range.contains(value.integer())) throw wrong_value(value, path, "is " + describe(value), remedy);
    return value.integer();
}

std::vector<double> to_vector(const Value& value, const std::string& path, const Range& range, std::size_t length) {
    std::vector<double> numbers;
    if (value.is_array()) {
        for (const Value& element : value.array()) {
            numbers.push_back(to_number(element, element_path(path, numbers.size()), range));
        }
    } else if (value.is_numeric()) {
        numbers.push_back(to_number(value, path, range));
    } else {
        throw wrong_value(value, path, "is " + found(value), "it must be a list of numbers, as in [0.5, 1.0]");
    }
    if (numbers.empty()) throw wrong_value(value, path, "is empty", "it must hold at least one number");
    if (length != 0 && numbers.size() != length) {
        throw wrong_value(value, path, "has length " + std::to_string(numbers.size()),
                          "its length must be " + std::to_string(length));
    }
    return numbers;
}

Matrix to_matrix(const Value& value, const std::string& path, const Range& range) {
    if (value.is_numeric()) return {1, 1, {to_number(value, path, range)}};
    const std::string remedy = "it must be a list of rows, as in [[1.0, 0.0], [0.0, 1.0]]";
    if (!value.is_array()) throw wrong_value(value, path, "is " + found(value), remedy);
    if (value.size() == 0) throw wrong_value(value, path, "is empty", remedy);
    Matrix matrix;
    for (const Value& row : value.array()) {
        const std::string row_path = element_path(path, static_cast<std::size_t>(matrix.rows));
        if (!row.is_array()) throw wrong_value(row, row_path, "is " + found(row), "it must be a row, as in [1.0, 0.0]");
        const std::vector<double> numbers = to_vector(row, row_path, range, 0);
        const int cols = static_cast<int>(numbers.size());
        if (matrix.rows > 0 && cols != matrix.cols) {
            throw wrong_value(row, row_path, "has length " + std::to_string(cols),
                              "every row must be as long as the first, " + std::to_string(matrix.cols));
        }
        matrix.cols = cols;
        matrix.rows += 1;
        matrix.data.insert(matrix.data.end(), numbers.begin(), numbers.end());
    }
    return matrix;
}

std::string to_word(const Value& value, const std::string& path, const std::vector<std::string>& allowed) {
    if (!value.is_text()) {
        throw wrong_value(value, path, "is " + found(value), "it must be a name in quotes; " + suggestion("", allowed));
    }
    if (!is_allowed(value.text(), allowed)) {
        throw wrong_value(value, path, "is " + describe(value) + ", which is unknown",
                          suggestion(value.text(), allowed));
    }
    return value.text();
}

std::vector<std::string> to_words(const Value& value, const std::string& path,
                                  const std::vector<std::string>& allowed) {
    if (!value.is_array()) {
        throw wrong_value(value, path, "is " + found(value),
                          "it must be a list of names, as in [\"a\", \"b\"]; " + suggestion("", allowed));
    }
    std::vector<std::string> words;
    for (const Value& element : value.array()) {
        const std::string name = element_path(path, words.size());
        std::string word = to_word(element, name, allowed);
        if (std::find(words.begin(), words.end(), word) != words.end()) {
            throw wrong_value(element, name, "is '" + word + "' a second time", "name each only once");
        }
        words.push_back(std::move(word));
    }
    return words;
}

bool is_allowed(std::string_view name, const std::vector<std::string>& allowed) {
    return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& candidate) {
        return (candidate == name && candidate.find('#') == std::string::npos) || in_family(name, candidate);
    });
}

Value to_value(const Matrix& matrix) {
    Value::Array rows;
    for (int row = 0; row < matrix.rows; ++row) {
        Value::Array numbers;
        for (int col = 0; col < matrix.cols; ++col) {
            numbers.emplace_back(matrix.data[static_cast<std::size_t>(row * matrix.cols + col)]);
        }
        rows.emplace_back(std::move(numbers));
    }
    return Value(std::move(rows));
}

}  // namespace foldback
