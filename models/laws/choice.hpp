#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/noise.hpp"

namespace foldback {

/// Weights that sum to 1, summed up in order. Index k is chosen by u in [cumulated[k - 1], cumulated[k]).
std::vector<double> cumulated(std::span<const double> weights);

inline namespace FOLDBACK_ISA {

namespace detail {
inline void add_where(std::uint64_t& n, bool m) { n += m; }
template <int W>
void add_where(Words<W>& n, Mask<W> m) {
    n = n - as_words(m);
}  // all bits set is -1
}  // namespace detail

/// How many of the first count - 1 cumulated weights are <= u: a choice by weight among `count`, lane by lane.
template <class R>
typename Noise<R>::Index choose(const double* cumulated_weights, std::size_t count, R u) {
    typename Noise<R>::Index index(0);
    for (std::size_t k = 0; k + 1 < count; ++k) detail::add_where(index, u >= R(cumulated_weights[k]));
    return index;
}

}  // namespace FOLDBACK_ISA
}  // namespace foldback
