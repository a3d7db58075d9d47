#pragma once
#include <cstdint>

namespace foldback {

/// Composed by the kernel's Ascent; this word is for what is built on it.
struct ForwardOrder {
    static constexpr const char* name = "forward";
    static constexpr const char* fold = "F_n = f_n o ... o f_2 o f_1: the newest map is applied last";
    static constexpr const char* cost = "n draws, n applications";
    static constexpr const char* law = "the law of F_n; converges in law, the path keeps moving";
    static constexpr bool same_law = true;

    std::uint64_t trunk_length(std::uint32_t n) const { return n; }
    std::uint64_t trunk(std::uint64_t i) const { return i + 1; }
    std::uint64_t tail_length(std::uint32_t) const { return 0; }
    std::uint64_t tail(std::uint32_t, std::uint64_t) const { return 0; }
};

}  // namespace foldback
