#pragma once
#include <optional>
#include <span>

#include "analysis/interval.hpp"

namespace foldback {

// Where a series over the points 0, 1, 2, ... of a ladder rises through 0: in points, that is in cells of the ladder.

/// A measured crossing. Limits are infinite where the series does not leave 0 before the ladder's end.
struct Crossing {
    double at = 0;    ///< linear between the last negative point and the next, never outside the limits
    Interval limits;  ///< of the crossing
};

/// From the series and its limits at each point. The limits of the crossing hold every position where the limits of the
/// series, linear between points, hold 0: they miss the true one with twice the error probability that those have at
/// one point, whatever the dependence between points. Points from the first NaN on are left out; nothing if fewer than
/// two remain.
std::optional<Crossing> measured_crossing(std::span<const double> series, std::span<const Interval> limits);

/// Of a smooth series known exactly: on the cubic through the four points about the first change of sign from below
/// (fewer where there are fewer). Nothing where the series does not rise through 0.
std::optional<double> exact_crossing(std::span<const double> series);

}  // namespace foldback
