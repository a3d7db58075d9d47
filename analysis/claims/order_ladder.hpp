#pragma once
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/exponents.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback::claims {

// What order-commutator, order-palindrome and symmetrised-order share: the quantities of the order-sensitivity pass at
// the last checkpoint n, one number a replica, along a ladder of step sizes.

/// Why nothing can be said about these quantities along the ladder; empty if something can.
std::string no_order_expansion(const Ladder& ladder, Quantity quantity);
/// The last checkpoint: "n = 8".
std::string order_label(const Setup& setup);
/// The step of which all of it rests: "n h L = 0.004 at the smallest step", or that L is not known.
std::string order_rests_on(const Ladder& ladder);

/// By start: each quantity for every replica, then what rounding can move it by, n eps max|X|.
std::size_t order_summary_size(const Setup& setup, std::size_t quantities);
void summarise_orders(const Evidence& evidence, const std::vector<Quantity>& quantities, std::span<double> summary);

/// One of `quantities` along the ladder, from one start.
Measured measured_orders(const Ladder& ladder, const std::vector<std::span<const double>>& summaries,
                         std::size_t quantities, std::size_t which, std::size_t start);
/// The smallest point from which on every mean is 1e3 roundings or more.
std::size_t first_above_rounding(const Measured& y);

/// Fills a row with the means and their limits, reported without judging.
void report_means(const Measured& y, std::size_t row, double level, ClaimResult& result);

}  // namespace foldback::claims
