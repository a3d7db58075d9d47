#pragma once
#include <string>
#include <vector>

#include "analysis/claim.hpp"
#include "analysis/paired_ladder.hpp"

namespace foldback::claims {

/// A quantity along a ladder, and what its means may be off by (rounding; what is still felt of a start), by point.
struct Measured {
    PairedLadder ladder;
    std::vector<double> error;

    std::size_t size() const { return ladder.size(); }
    /// Without the points below `first`: what is not resolved is left out from the smallest on.
    Measured from(std::size_t first) const;
};

/// The exponent of |E y(x)| for x -> 0, and how far it may be from the limit.
struct Exponent {
    Estimate found;
    double remainder = 0;
    std::size_t first = 0;  ///< the smallest point that it uses
    std::string failed;     ///< why there is none: "is resolved at 2 steps: ..."

    bool there() const { return failed.empty() && found.resolved(); }
};

/// From all points whose mean is known to a quarter, from the largest down: the fit with a first correction; remainder:
/// its distance from the fit without. For noisy means, with the smallest points the least known.
Exponent fitted_exponent_at_zero(const Measured& y, double level);

/// From the three smallest points: two local slopes, extrapolated; remainder: their distance from the smaller one's.
/// For means so well known that the smallest points tell the most.
Exponent smallest_exponent(const Measured& y, double level);

enum class Law {
    equal,     ///< the exponent is the value
    at_least,  ///< or larger: what vanishes faster is no contradiction
};

/// Judges the exponent into `cell`, to a tolerance that is absolute. Unresolved, with a note that begins with `what`,
/// where there is none.
void judge_exponent(Cell& cell, const Exponent& exponent, const std::string& what, double value, Law law, double tol,
                    double replicas, ClaimResult& result);

}  // namespace foldback::claims
