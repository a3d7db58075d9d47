#pragma once
#include <algorithm>
#include <cstdint>

#include "sim/order.hpp"

namespace foldback {

struct WindowOrder {
    static constexpr const char* name = "window_#";
    static constexpr const char* fold = "the maps 1 .. n - W forward, then the last W newest first (n <= W: B_n)";
    static constexpr const char* cost = "n - W draws and applications, and W more of each for every checkpoint";
    static constexpr const char* law = "the law of F_n at each n; the path keeps moving, as the maps before the window do";
    static constexpr bool same_law = true;

    WordArguments with;

    std::uint64_t trunk_length(std::uint32_t n) const { return n > with.width ? n - with.width : 0; }
    std::uint64_t trunk(std::uint64_t i) const { return i + 1; }
    std::uint64_t tail_length(std::uint32_t n) const { return std::min(n, with.width); }
    std::uint64_t tail(std::uint32_t n, std::uint64_t i) const { return n - i; }
};

}  // namespace foldback
