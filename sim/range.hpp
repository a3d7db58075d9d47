#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace foldback {

/// An interval of numbers that a setting may take; only finite numbers are ever inside.
struct Range {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
    bool lower_closed = false;
    bool upper_closed = false;

    static constexpr Range any() { return {}; }
    static constexpr Range open(double lower, double upper) { return {lower, upper, false, false}; }
    static constexpr Range closed(double lower, double upper) { return {lower, upper, true, true}; }
    /// (lower, upper]
    static constexpr Range open_closed(double lower, double upper) { return {lower, upper, false, true}; }
    /// [lower, upper)
    static constexpr Range closed_open(double lower, double upper) { return {lower, upper, true, false}; }
    static constexpr Range above(double lower) { return {lower, any().upper, false, false}; }
    static constexpr Range at_least(double lower) { return {lower, any().upper, true, false}; }
    static constexpr Range below(double upper) { return {any().lower, upper, false, false}; }
    static constexpr Range at_most(double upper) { return {any().lower, upper, false, true}; }
    static constexpr Range positive() { return above(0.0); }
    static constexpr Range non_negative() { return at_least(0.0); }

    bool contains(double number) const;
    /// "in (0, 1)", "> 0", ">= 0", "< 2"; empty for any().
    std::string text() const;
};

/// The integers from `lower` to `upper`, both included.
struct IntegerRange {
    std::int64_t lower = std::numeric_limits<std::int64_t>::min();
    std::int64_t upper = std::numeric_limits<std::int64_t>::max();

    static constexpr IntegerRange any() { return {}; }
    static constexpr IntegerRange between(std::int64_t lower, std::int64_t upper) { return {lower, upper}; }
    static constexpr IntegerRange at_least(std::int64_t lower) { return {lower, any().upper}; }
    static constexpr IntegerRange positive() { return at_least(1); }
    static constexpr IntegerRange non_negative() { return at_least(0); }

    bool contains(std::int64_t integer) const { return lower <= integer && integer <= upper; }
    /// "from 1 to 64", ">= 1"; empty for any().
    std::string text() const;
};

}  // namespace foldback
