#pragma once
#include <array>
#include <span>
#include <vector>

#include "analysis/batches.hpp"

namespace foldback {

/// A sample on the line with its halves and its 32 batches, contiguous ones, all in increasing order:
/// sorted once for all that is asked of it. Without NaN.
struct SortedSample {
    SortedSample() = default;
    explicit SortedSample(std::span<const double> x);

    std::vector<double> whole;
    std::array<std::vector<double>, 2> halves;
    std::array<std::vector<double>, radius_batches> batches;

    /// What an empirical W_p between two samples of the same law comes to: that between the halves.
    double noise_floor(double p) const;
};

/// One-sided t radius of W_p(x, y), at error probability `tail`, from the distances between their batches.
double batch_radius_between(const SortedSample& x, const SortedSample& y, double p, double tail);

}  // namespace foldback
