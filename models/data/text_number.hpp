#pragma once
#include <string>
#include <string_view>

namespace foldback {

/// A number read from text, or what is wrong with it: "is empty", "is no number ('abc')".
struct TextNumber {
    double value = 0;
    std::string problem = {};
};

/// The double nearest to a decimal text such as -1.5e3 (blanks around it and a leading + are allowed); nan, inf and
/// what a double cannot hold are problems. Does not depend on the locale.
TextNumber text_number(std::string_view text);

/// Without the blanks (spaces and tabs) at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace foldback
