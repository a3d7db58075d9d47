#include "analysis/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "sim/error.hpp"

namespace foldback {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// a > b by more than rounding.
bool clearly_above(double a, double b) {
    return a - b > 16.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(a), std::abs(b));
}

bool any_nan(std::initializer_list<double> numbers) {
    return std::any_of(numbers.begin(), numbers.end(), [](double x) { return std::isnan(x); });
}

void check_order(Interval measured) {
    if (measured.lower > measured.upper) throw InternalError("a confidence interval's lower limit is above its upper");
}

}  // namespace

std::string_view word(Verdict verdict) {
    switch (verdict) {
        case Verdict::not_applicable:
            return "not applicable";
        case Verdict::unresolved:
            return "unresolved";
        case Verdict::inconclusive:
            return "inconclusive";
        case Verdict::holds:
            return "holds";
        case Verdict::consistent:
            return "consistent";
        case Verdict::violated:
            return "violated";
    }
    return "?";
}

std::string_view verdict_flag_meanings() { return "not_applicable unresolved inconclusive holds consistent violated"; }

Verdict judge_bound(Interval measured, double bound, double tol, double slack) {
    if (any_nan({measured.lower, measured.upper, tol, slack}) || !std::isfinite(bound)) return Verdict::unresolved;
    check_order(measured);
    const double violating = bound + slack * std::abs(bound), holding = bound + tol * std::abs(bound);
    if (std::isfinite(measured.lower) && clearly_above(measured.lower, violating)) return Verdict::violated;
    if (std::isfinite(measured.upper) && !clearly_above(measured.upper, holding)) return Verdict::holds;
    return Verdict::inconclusive;
}

Verdict judge_equality(Interval measured, double value, double rem, double tol, double scale) {
    if (any_nan({measured.lower, measured.upper, rem, tol, scale}) || !std::isfinite(value)) return Verdict::unresolved;
    check_order(measured);
    const bool above = std::isfinite(measured.lower) && clearly_above(measured.lower, value + rem);
    const bool below = std::isfinite(measured.upper) && clearly_above(value - rem, measured.upper);
    if (above || below) return Verdict::violated;
    const double half_width = measured.half_width();  // infinite or NaN unless both limits are finite
    if (std::isfinite(half_width) && half_width + rem <= tol * scale) return Verdict::consistent;
    return Verdict::inconclusive;
}

Verdict judge_paths(std::uint64_t checked, std::uint64_t offences) {
    if (offences > 0) return Verdict::violated;
    return checked > 0 ? Verdict::holds : Verdict::unresolved;
}

Verdict overall(std::span<const Verdict> tests) {
    const auto count = [&](Verdict v) { return std::size_t(std::count(tests.begin(), tests.end(), v)); };
    if (count(Verdict::violated) > 0) return Verdict::violated;
    if (count(Verdict::inconclusive) > 0) return Verdict::inconclusive;
    if (count(Verdict::holds) > 0) return Verdict::holds;
    if (count(Verdict::consistent) > 0) return Verdict::consistent;
    return !tests.empty() && count(Verdict::not_applicable) == tests.size() ? Verdict::not_applicable
                                                                            : Verdict::unresolved;
}

namespace {

/// Replicas after which an interval's arms have shrunk by the factor `shrink` (<= 0: never).
double replicas_for(double shrink, double replicas) {
    if (!(shrink > 0.0)) return infinity;
    // A whole number that rounding left a hair too large stays that number.
    return shrink >= 1.0 ? replicas : std::ceil(replicas / (shrink * shrink) * (1.0 - 1e-12));
}

}  // namespace

double replicas_to_decide_bound(Interval measured, double estimate, double bound, double tol, double slack,
                                double replicas) {
    const double up = measured.upper - estimate, down = estimate - measured.lower;
    const double above = estimate - (bound + slack * std::abs(bound));  // > 0: would be violated
    const double below = bound + tol * std::abs(bound) - estimate;      // >= 0: would hold
    if (any_nan({above, below}) || !std::isfinite(up) || !std::isfinite(down))
        return std::numeric_limits<double>::quiet_NaN();
    const double violated = above > 0.0 ? replicas_for(down > 0.0 ? above / down : 1.0, replicas) : infinity;
    const double holds = below >= 0.0 ? replicas_for(up > 0.0 ? below / up : 1.0, replicas) : infinity;
    return std::min(violated, holds);
}

double replicas_to_decide_equality(Interval measured, double estimate, double value, double rem, double tol,
                                   double scale, double replicas) {
    const double arm = estimate > value ? estimate - measured.lower : measured.upper - estimate;
    const double half_width = measured.half_width();
    const double distance = std::abs(estimate - value) - rem;  // > 0: would be violated once arm < distance
    const double allowance = tol * scale - rem;                // > 0: would be consistent once half_width <= allowance
    if (any_nan({distance, allowance}) || !std::isfinite(arm) || !std::isfinite(half_width))
        return std::numeric_limits<double>::quiet_NaN();
    const double violated = distance > 0.0 ? replicas_for(arm > 0.0 ? distance / arm : 1.0, replicas) : infinity;
    const double consistent =
        allowance >= 0.0 ? replicas_for(half_width > 0.0 ? allowance / half_width : 1.0, replicas) : infinity;
    return std::min(violated, consistent);
}

}  // namespace foldback
