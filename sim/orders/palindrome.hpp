#pragma once
#include <cstdint>

#include "sim/order.hpp"

namespace foldback {

struct PalindromeOrder {
    static constexpr const char* name = "palindrome_#";
    static constexpr const char* fold = "in each block of W maps the maps 1 .. W, then W .. 1 (the last block, not yet full, likewise)";
    static constexpr const char* cost = "2 n draws and applications, and up to 2 W - 2 more of each for every checkpoint";
    static constexpr const char* law = "its own law: every map is used twice";
    static constexpr bool same_law = false;

    WordArguments with;

    std::uint64_t trunk_length(std::uint32_t n) const { return 2 * std::uint64_t(n - n % with.width); }
    std::uint64_t trunk(std::uint64_t i) const {
        const std::uint64_t twice = 2 * std::uint64_t(with.width), before = i / twice * with.width;
        return before + there_and_back(i % twice, with.width);
    }
    std::uint64_t tail_length(std::uint32_t n) const { return 2 * std::uint64_t(n % with.width); }
    std::uint64_t tail(std::uint32_t n, std::uint64_t i) const { return n - n % with.width + there_and_back(i, n % with.width); }

  private:
    // 1, ..., m, m, ..., 1.
    static std::uint64_t there_and_back(std::uint64_t i, std::uint64_t m) { return i < m ? i + 1 : 2 * m - i; }
};

}  // namespace foldback
