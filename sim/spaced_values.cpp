#include "sim/spaced_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/settings.hpp"

namespace foldback {

namespace {

constexpr std::int64_t most_values = 1'000'000;
constexpr double largest_whole = 9007199254740992.0;  // 2^53

double rounded(double x) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific, 11).ptr;
    std::from_chars(text, end, x);
    return x;
}

}  // namespace

bool is_spaced_values(const Value& table) {
    if (!table.is_table()) return false;
    for (const char* key : {"from", "to", "count", "spacing"})
        if (const Value* found = table.find(key); found && !found->is_array() && !found->is_table()) return true;
    return false;
}

std::vector<Value> spaced_values(const Value& table, const std::string& path) {
    Settings settings(table, path);
    const double from = settings.number("from"), to = settings.number("to");
    const auto count = settings.integer("count", IntegerRange::between(2, most_values));
    const bool log = settings.word("spacing", {"log", "linear"}) == "log";
    settings.finish();
    if (from == to)
        throw settings.wrong("to", "is " + describe(Value(to)) + ", as from is", "the two ends must differ");
    for (const char* end : {"from", "to"})
        if (log && !(settings.number(end) > 0))
            throw settings.wrong(end, "is " + describe(Value(settings.number(end))),
                                 "with spacing = \"log\" both ends must be > 0");
    const bool integers = table.find("from")->is_integer() && table.find("to")->is_integer();
    const double last = double(count - 1);
    std::vector<Value> values;
    for (std::int64_t i = 0; i < count; ++i) {
        const double t = double(i) / last;
        double x = log ? rounded(std::exp((1 - t) * std::log(from) + t * std::log(to)))
                       : rounded(from * ((last - double(i)) / last) + to * t);
        if (i == 0) x = from;
        if (i == count - 1) x = to;
        const bool whole = integers && x == std::floor(x) && std::abs(x) < largest_whole;
        Value value = whole ? Value(std::int64_t(x)) : Value(x);
        if (!values.empty() && values.back().number() == x)
            throw settings.wrong("count", "is " + std::to_string(count), "the values must differ in 12 digits");
        values.push_back(std::move(value.set_origin(table.origin())));
    }
    return values;
}

}  // namespace foldback
