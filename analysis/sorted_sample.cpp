#include "analysis/sorted_sample.hpp"

#include <algorithm>

#include "analysis/increasing.hpp"
#include "analysis/wasserstein.hpp"

namespace foldback {

SortedSample::SortedSample(std::span<const double> x) : whole(increasing(x)) {
    for (std::size_t b = 0; b < halves.size(); ++b) halves[b] = increasing(Batch{b, halves.size()}.of(x));
    for (std::size_t b = 0; b < batches.size(); ++b) batches[b] = increasing(Batch{b, batches.size()}.of(x));
}

double SortedSample::noise_floor(double p) const { return wasserstein_sorted(halves[0], halves[1], p); }

double batch_radius_between(const SortedSample& x, const SortedSample& y, double p, double tail) {
    return batch_radius(std::min(x.whole.size(), y.whole.size()), tail,
                        [&](Batch b) { return wasserstein_sorted(x.batches[b.number], y.batches[b.number], p); });
}

}  // namespace foldback
