#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/exponents.hpp"
#include "analysis/sweep_claim.hpp"

namespace foldback::claims {

// What ode-limit measures at one point of a sweep over h: by how much the moments of F_n at t = n h miss the gradient
// flow and the moment closure.

/// Of the mean, from the gradient flow; of the mean and of the covariance, from the closure.
enum class Miss { flow, mean, covariance };
inline constexpr std::array misses{Miss::flow, Miss::mean, Miss::covariance};

/// Why the flows cannot be had; empty if they can.
std::string no_flows(const Setup& setup);
/// Affine maps of a quadratic: moments come from their recursion, and misses are Euclidean (Frobenius) distances. Else
/// they come from the replicas: of the mean along the direction from the flow to the closure, of the covariance the
/// trace.
bool has_exact_moments(const Setup& setup);
/// Of the sums over replicas that the control saves variance of.
bool has_control(const Setup& setup);

std::size_t miss_summary_size(const Setup& setup);
void summarise_misses(const Evidence& evidence, std::span<double> summary);

/// One miss along the ladder, from the summaries by point; signed where it comes from replicas.
Measured miss_along(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, std::size_t start,
                    std::size_t time, Miss miss);
/// How far the closure's mean is from the flow, by point: what the miss of the flow should be, to leading order.
std::vector<double> closure_from_flow(const Ladder& ladder, const std::vector<std::span<const double>>& summaries,
                                      std::size_t start, std::size_t time);

}  // namespace foldback::claims
