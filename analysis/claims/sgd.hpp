#pragma once
#include <string>
#include <vector>

#include "analysis/claims/common.hpp"
#include "sim/sgd_truth.hpp"

// What the claims of theory.md, section B share: their assumptions, and the rate at which two paths meet.
namespace foldback::claims {

/// Why a claim about constant-step SGD does not apply; empty if it does.
std::string not_sgd(const Setup& setup);

/// Why a claim in mean square does not apply; empty if it does. It needs plain SGD on independent batches, every l_xi
/// convex and L-smooth, l mu-strongly convex, h < 2/L.
std::string not_mean_square(const Setup& setup);

/// 1 - 2 h mu (1 - h L/2): a bound for E|f_xi(x) - f_xi(y)|^2/|x - y|^2.
double mean_square_rate(const SgdTruth& sgd);

/// "mu = 0.1 (bound)", "L = 2 (exact)": for ClaimPlan::rests_on.
std::vector<std::string> rests_on_convexity(const SgdTruth& sgd);

/// |x - th*| of a start, at most.
double distance_to_optimum(const SgdTruth& sgd, const std::vector<double>& start);

/// Whether the second moment of distances d > 0 can be judged from these replicas: its own paths say how much of it is
/// carried by those too rare to see, p^2 Var log d <= 0.2 log R with p = 2 (theory.md, rare-paths, with the paths' own
/// variance in place of n Var log L).
bool second_moment_judgeable(const std::vector<double>& d);

}  // namespace foldback::claims
