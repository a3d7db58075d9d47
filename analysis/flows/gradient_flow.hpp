#pragma once
#include "analysis/flows/dense_output.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::flows {

/// theta at the ascending `times`: theta' = -grad l(theta), theta(0) = start. E F_n is within O(h) of it at t = n h.
/// Source: theory.md, `ode-limit`.
std::vector<std::vector<double>> gradient_flow(const SgdTruth& sgd, std::span<const double> start,
                                               std::span<const double> times, Tolerance tolerance = {});

}  // namespace foldback::flows
