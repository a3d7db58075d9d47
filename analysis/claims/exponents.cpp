#include "analysis/claims/exponents.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/claims/common.hpp"
#include "analysis/slope.hpp"
#include "analysis/verdict.hpp"

namespace foldback::claims {
namespace {

constexpr double largest_relative_radius = 0.25;

// The smallest point from which on every mean is known to a quarter.
std::size_t first_known(const Measured& y, double level) {
    const auto known = [&](std::size_t k) {
        const Interval limits = mean_interval(y.ladder.values[k], level);
        return limits.half_width() + y.error[k] <= largest_relative_radius * std::abs(y.ladder.mean(k));
    };
    std::size_t first = y.size();
    while (first > 0 && known(first - 1)) --first;
    return first;
}

// Why no exponent can be had of these points; empty if one can.
std::string no_exponent(const PairedLadder& ladder) {
    if (ladder.size() < 3)
        return "is resolved at " + std::to_string(ladder.size()) + " points of the ladder: its exponent needs 3";
    for (std::size_t k = 1; k < ladder.size(); ++k)
        if ((ladder.mean(k) > 0) != (ladder.mean(0) > 0)) return "changes its sign along the ladder: no exponent";
    return "";
}

// What log|mean| may be off by.
double relative_error(const Measured& y, std::size_t k) {
    return y.error[k] / (std::abs(y.ladder.mean(k)) - y.error[k]);
}

}  // namespace

Measured Measured::from(std::size_t first) const {
    Measured rest = *this;
    const auto cut = [&](auto& all) { all.erase(all.begin(), all.begin() + std::ptrdiff_t(first)); };
    cut(rest.ladder.x);
    cut(rest.ladder.values);
    cut(rest.error);
    return rest;
}

Exponent fitted_exponent_at_zero(const Measured& all, double level) {
    Exponent exponent;
    exponent.first = first_known(all, level);
    const Measured y = all.from(exponent.first);
    exponent.failed = no_exponent(y.ladder);
    if (!exponent.failed.empty()) return exponent;
    exponent.found = fitted_exponent(y.ladder, PowerLaw::corrected, level);
    exponent.remainder = std::abs(exponent.found.value - fitted_exponent(y.ladder, PowerLaw::pure, level).value);
    const auto weights = exponent_weights(y.ladder, PowerLaw::corrected);
    for (std::size_t k = 0; k < y.size(); ++k) exponent.remainder += std::abs(weights[k]) * relative_error(y, k);
    return exponent;
}

Exponent smallest_exponent(const Measured& y, double level) {
    Exponent exponent;
    exponent.failed = no_exponent(y.ladder);
    if (!exponent.failed.empty()) return exponent;
    PairedLadder three = y.ladder;
    three.x.resize(3);
    three.values.resize(3);
    exponent.found = extrapolated_slopes(three, level).front();
    const auto log_step = [&](std::size_t k) { return std::log(three.x[k + 1] / three.x[k]); };
    const auto error = [&](std::size_t k) { return (relative_error(y, k) + relative_error(y, k + 1)) / log_step(k); };
    const double near = (three.x[1] - three.x[0]) / log_step(0), far = (three.x[2] - three.x[1]) / log_step(1);
    exponent.remainder = std::abs(exponent.found.value - local_slopes(three, level).front().value) +
                         (far * error(0) + near * error(1)) / (far - near);
    return exponent;
}

void judge_exponent(Cell& cell, const Exponent& exponent, const std::string& what, double value, Law law, double tol,
                    double replicas, ClaimResult& result) {
    cell.verdict = Verdict::unresolved;
    cell.bound = value;
    if (!exponent.failed.empty()) return note(result, what + " " + exponent.failed);
    if (!exponent.there()) return note(result, what + ": its exponent is not resolved; more replicas");
    const Estimate& found = exponent.found;
    cell.measured = found.value;
    cell.lower = found.limits.lower;
    cell.upper = found.limits.upper;
    cell.tightness = tightness(found.value, value);
    const double rem = exponent.remainder;
    const Interval negative{-found.limits.upper, -found.limits.lower};
    cell.verdict = law == Law::equal ? judge_equality(found.limits, value, rem, tol, 1)
                                     : judge_bound(negative, -value, tol / value, rem / value);
    if (cell.verdict != Verdict::inconclusive) return;
    const double needed =
        law == Law::equal
            ? replicas_to_decide_equality(found.limits, found.value, value, rem, tol, 1, replicas)
            : replicas_to_decide_bound(negative, -found.value, -value, tol / value, rem / value, replicas);
    result.replicas_to_decide = std::max(result.replicas_to_decide, needed);
}

}  // namespace foldback::claims
