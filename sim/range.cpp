#include "sim/range.hpp"

#include <cmath>

#include "sim/value.hpp"

namespace foldback {

bool Range::contains(double number) const {
    if (!std::isfinite(number)) return false;
    const bool above_lower = lower_closed ? number >= lower : number > lower;
    const bool below_upper = upper_closed ? number <= upper : number < upper;
    return above_lower && below_upper;
}

std::string Range::text() const {
    const bool from = std::isfinite(lower);
    const bool to = std::isfinite(upper);
    if (from && to) {
        return std::string("in ") + (lower_closed ? "[" : "(") + shortest(lower) + ", " + shortest(upper) +
               (upper_closed ? "]" : ")");
    }
    if (from) return (lower_closed ? ">= " : "> ") + shortest(lower);
    if (to) return (upper_closed ? "<= " : "< ") + shortest(upper);
    return "";
}

std::string IntegerRange::text() const {
    const bool from = lower != any().lower;
    const bool to = upper != any().upper;
    if (from && to) return "from " + std::to_string(lower) + " to " + std::to_string(upper);
    if (from) return ">= " + std::to_string(lower);
    if (to) return "<= " + std::to_string(upper);
    return "";
}

}  // namespace foldback
