#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "analysis/interval.hpp"

namespace foldback {

/// What a test, or a claim, came to. The numbers are those stored in files (int8 with flag_values, flag_meanings).
enum class Verdict : std::int8_t {
    not_applicable = 0,  ///< an assumption of the claim fails
    unresolved = 1,      ///< not measured, below a noise floor, past rare-paths, or not a number
    inconclusive = 2,    ///< measured; more replicas may decide
    holds = 3,           ///< a bound's upper confidence limit is within tolerance
    consistent = 4,      ///< an equality's interval is narrow and meets the value
    violated = 5,
};

/// "not applicable", "unresolved", ...: for people.
std::string_view word(Verdict verdict);
/// "not_applicable unresolved inconclusive holds consistent violated": flag_meanings, in the order of the numbers.
std::string_view verdict_flag_meanings();

/// The tests one file can fail, and what each may spend so that all limits hold together with probability 1 - alpha.
struct Family {
    std::size_t tests = 1;
    double alpha = 1e-3;
    double level() const { return tests > 1 ? alpha / double(tests) : alpha; }
};

// The rules of theory.md, section E. A limit that decides must be finite: NaN anywhere gives unresolved, an infinite
// limit can only leave a test inconclusive, an infinite bound or value gives unresolved. An interval with lower > upper
// throws InternalError. Limits within 16 eps of the border (relative to the larger number) count as touching it, so
// that rounding alone never makes a deterministic, attained claim violated.

/// measured <= bound. Violated if lower > bound + slack |bound| (tested first: a measurement that is surely above the
/// bound is above it, however close); holds if upper <= bound + tol |bound|; else inconclusive.
/// For a negative bound (a logarithm) the tolerances widen it too, hence the absolute value.
Verdict judge_bound(Interval measured, double bound, double tol, double slack);

/// measured = value up to `rem` >= 0. Violated if the interval is disjoint from [value - rem, value + rem]; consistent
/// if it meets it and half-width + rem <= tol scale; else inconclusive.
Verdict judge_equality(Interval measured, double value, double rem, double tol, double scale);

/// A path-wise claim checked on every path: violated by a single offence, unresolved if nothing was checked.
Verdict judge_paths(std::uint64_t checked, std::uint64_t offences);

/// The verdict of a claim from those of its tests: violated if any is; else inconclusive if any is; else consistent if
/// all resolved tests are, or holds; else unresolved; not applicable if there are tests and all of them are.
Verdict overall(std::span<const Verdict> tests);

/// Replicas at which an inconclusive test would be decided, if the estimate stayed where it is and both arms of its
/// interval shrank as 1/sqrt(replicas). Infinite if no number would; `replicas` if it is decided already; NaN if the
/// interval is not finite. `estimate` lies in `measured`.
double replicas_to_decide_bound(Interval measured, double estimate, double bound, double tol, double slack,
                                double replicas);
double replicas_to_decide_equality(Interval measured, double estimate, double value, double rem, double tol,
                                   double scale, double replicas);

/// measured / bound; 0/0 is NaN.
inline double tightness(double measured, double bound) { return measured / bound; }

}  // namespace foldback
