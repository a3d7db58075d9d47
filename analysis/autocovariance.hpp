#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace foldback {

/// (1/n) sum_{i} (x_i - mean)(x_{i+k} - mean) for k = 0..last_lag along one stationary path (divisor n: biased by
/// O(k/n), positive semi-definite). Lags past the path's end are 0. Across replicas use covariance_interval instead.
std::vector<double> autocovariance(std::span<const double> path, std::size_t last_lag);

/// n Var(path average)/Var(state): 1 + 2 sum rho_k, summed by Geyer's initial positive sequence (Statist. Sci. 7,
/// 1992). At least 1/n; 1 for a constant or a too short path. For x -> a x + noise it is (1 + a)/(1 - a).
double integrated_autocorrelation(std::span<const double> path);

}  // namespace foldback
