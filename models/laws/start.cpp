#include "models/laws/start.hpp"

#include <charconv>
#include <string>

#include "sim/error.hpp"

namespace foldback {

void require_start(std::span<const double> x, double lower, double upper, const char* space) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i] >= lower && x[i] <= upper) continue;
        char number[32];
        const auto end = std::to_chars(number, number + sizeof number, x[i]).ptr;
        throw ConfigError("a start's component " + std::to_string(i) + " is " + std::string(number, end) +
                          "; this model's states lie in " + space);
    }
}

}  // namespace foldback
