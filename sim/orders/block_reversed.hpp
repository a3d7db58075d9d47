#pragma once
#include <cstdint>

#include "sim/order.hpp"

namespace foldback {

struct BlockReversedOrder {
    static constexpr const char* name = "block_reversed_#";
    static constexpr const char* fold = "blocks of W maps one after the other, in each block (the last one, not yet full, too) the newest map first";
    static constexpr const char* cost = "n draws and applications, and up to W - 1 more of each for every checkpoint";
    static constexpr const char* law = "the law of F_n at each n; the path settles within a block and moves on with the next one";
    static constexpr bool same_law = true;

    WordArguments with;

    std::uint64_t trunk_length(std::uint32_t n) const { return n - n % with.width; }
    std::uint64_t trunk(std::uint64_t i) const { return i - i % with.width + with.width - i % with.width; }
    std::uint64_t tail_length(std::uint32_t n) const { return n % with.width; }
    std::uint64_t tail(std::uint32_t n, std::uint64_t i) const { return n - i; }
};

}  // namespace foldback
