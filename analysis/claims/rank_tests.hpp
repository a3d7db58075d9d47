#pragma once
#include <vector>

#include "analysis/claim.hpp"

// Kolmogorov-Smirnov with its DKW band, and Anderson-Darling beside it, as cells of a claim.
namespace foldback::claims {

/// The two samples rounded to a common grid of 2^-30 times their size: laws with atoms agree only up to rounding.
void round_together(std::vector<double>& x, std::vector<double>& y);

/// Two independent samples of one law: value 0, scale 1, interval from the DKW bands.
void judge_ks(Cell& cell, const std::vector<double>& x, const std::vector<double>& y, double level,
              ClaimResult& result);
/// The same samples by Anderson-Darling: measured = A^2, bound = its critical value. Violated if p < level; consistent
/// if not and the band of judge_ks is narrow enough to say so.
void judge_anderson_darling(Cell& cell, const std::vector<double>& x, const std::vector<double>& y, double level,
                            ClaimResult& result);

/// The verdict of a test that can only reject: violated; consistent where DKW's radius is within the tolerance; else
/// inconclusive, with the replicas that would make it so.
Verdict verdict_of_rejection(bool rejected, double radius, double replicas, ClaimResult& result);

}  // namespace foldback::claims
