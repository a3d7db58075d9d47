#pragma once
#include <cstdint>
#include <limits>

namespace foldback {

/// Every step can be judged.
inline constexpr std::uint64_t every_step = std::numeric_limits<std::uint64_t>::max();

/// Last step n at which E(L_1...L_n)^p can be judged from `replicas` i.i.d. products (theory.md, rare-paths):
/// n <= 0.1 * 2 log R/(p^2 Var log L). Beyond it the moment is carried by paths the sample does not contain.
/// every_step if Var log L = 0; 0 if the variance is infinite or NaN, or if L vanishes with a probability strictly
/// between 0 and 1. An estimated variance should enter by its upper confidence limit.
std::uint64_t last_judgeable_step(std::uint64_t replicas, double p, double variance_log_lipschitz,
                                  double probability_zero = 0.0);

}  // namespace foldback
