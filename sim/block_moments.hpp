#pragma once
#include <cstddef>
#include <vector>

#include "sim/block.hpp"

namespace foldback {

/// Moments of one order's states (or path means) over the replicas of a block, or of a whole ensemble: arrays over (start,
/// step, component). Replicas with a non-finite value in any component count nowhere in that (start, step). Central
/// moments are averages: m_k = (1/count) sum (x - mean)^k.
struct StateMoments {
    std::size_t starts = 0, steps = 0, components = 0;
    std::vector<double> count;                      ///< (start, step)
    std::vector<double> mean, m2, m3, m4, min, max;  ///< (start, step, component)
    std::vector<double> cov;                        ///< (start, step, component, component_b), divisor count; may be empty
};

/// Of the series values[(item) * capacity + replica], item = (start * all_steps + step) * components + component, at the
/// given step indices.
StateMoments moments_of_block(const std::vector<double>& values, const Shape& shape, const std::vector<std::size_t>& steps,
                              std::size_t capacity, std::size_t count, bool covariance);

/// Adds the moments of further replicas (Chan, Golub & LeVeque 1979; Pebay, SAND2008-6212). Not associative in the last
/// bits: merge in block order.
void merge(StateMoments& into, const StateMoments& more);

}  // namespace foldback
