#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/order.hpp"

namespace foldback::test {

/// The maps of X_n in the order in which they are applied, asked for in pieces of `piece`.
inline std::vector<std::uint32_t> maps_of(const Order& order, std::uint32_t n, std::uint64_t seed = 0, std::size_t piece = 5) {
    const auto word = word_of(order, seed);
    std::vector<std::uint32_t> maps(std::size_t(word->trunk_length(n) + word->tail_length(n)));
    const std::size_t trunk = std::size_t(word->trunk_length(n));
    for (std::size_t i = 0; i < trunk; i += piece) word->trunk(i, {&maps[i], std::min(piece, trunk - i)});
    for (std::size_t i = trunk; i < maps.size(); i += piece) word->tail(n, i - trunk, {&maps[i], std::min(piece, maps.size() - i)});
    return maps;
}

}  // namespace foldback::test
