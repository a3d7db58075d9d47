#include "models/data/text_number.hpp"

#include <charconv>
#include <cmath>

#include "sim/value.hpp"

namespace foldback {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

TextNumber text_number(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return {0, "is empty"};
    std::string_view digits = text;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    TextNumber read;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read.value);
    const std::string shown = " (" + describe(Value(text)) + ")";
    if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
        read.problem = "is no number" + shown;
    } else if (error == std::errc::result_out_of_range) {
        read.problem = "is out of the range of a double" + shown;
    } else if (!std::isfinite(read.value)) {
        read.problem = "is not finite" + shown;
    }
    return read;
}

}  // namespace foldback
