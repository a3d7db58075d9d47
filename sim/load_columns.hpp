#pragma once
#include <cstddef>
#include <utility>

#include "sim/lanes.hpp"

// Rows that lie apart in memory, one for each lane, read column by column. A vector load for each row and a transposition in
// registers take a fraction of the time of single numbers, and leave whole vectors for what reads them next.
namespace foldback::inline FOLDBACK_ISA {

namespace detail {

template <class V, std::size_t... i>
FOLDBACK_LANES inline auto side_by_side(const V& a, const V& b, std::index_sequence<i...>) {
    return __builtin_shufflevector(a, b, int(i)...);
}

/// H numbers of each of the rows from[0], from[H], ..., W numbers in all.
template <int H, int W>
FOLDBACK_LANES inline auto stacked(const double* const* from, std::size_t first) {
    if constexpr (H == W) {
        return load<Lanes<H>>(from[0] + first).v;
    } else {
        return side_by_side(stacked<H, W / 2>(from, first), stacked<H, W / 2>(from + W / 2, first), std::make_index_sequence<std::size_t(W)>());
    }
}

// Lanes l of a and b change places where bit D of l says so: one stage of a transposition.
template <std::size_t D, bool Upper, class V, std::size_t... l>
FOLDBACK_LANES inline V exchanged(const V& a, const V& b, std::index_sequence<l...>) {
    constexpr std::size_t W = sizeof...(l);
    return __builtin_shufflevector(a, b, int((l & D) != 0 ? W + l - (Upper ? 0 : D) : l + (Upper ? D : 0))...);
}

template <std::size_t D, std::size_t H, int W>
FOLDBACK_LANES inline void transpose(Lanes<W>* x) {
    if constexpr (D < H) {
        for (std::size_t i = 0; i < H; ++i) {
            if ((i & D) != 0) continue;
            const auto a = x[i].v, b = x[i + D].v;
            x[i].v = exchanged<D, false>(a, b, std::make_index_sequence<std::size_t(W)>());
            x[i + D].v = exchanged<D, true>(a, b, std::make_index_sequence<std::size_t(W)>());
        }
        transpose<2 * D, H>(x);
    }
}

}  // namespace detail

/// Columns first .. first + H - 1: lane l of x[i] becomes from[l][first + i]. H is a power of two, and no more than W or what a
/// register holds.
template <int H, int W>
FOLDBACK_LANES inline void load_columns(const double* const* from, std::size_t first, Lanes<W>* x) {
    static_assert(H <= W && W <= widest);
    for (int i = 0; i < H; ++i) x[i].v = detail::stacked<H, W>(from + i, first);
    detail::transpose<1, H>(x);
}

}  // namespace foldback::inline FOLDBACK_ISA
