#pragma once
#include <cstdint>

namespace foldback {

/// Composed by the kernel's coalescing Sweep, or closed; this word is for what is built on it.
struct BackwardOrder {
    static constexpr const char* name = "backward";
    static constexpr const char* fold = "B_n = f_1 o f_2 o ... o f_n: the newest map is applied first";
    static constexpr const char* cost = "n draws, n x (live set) applications in one coalescing sweep for all checkpoints";
    static constexpr const char* law = "the law of F_n at each n; the path converges to a point";
    static constexpr bool same_law = true;

    std::uint64_t trunk_length(std::uint32_t) const { return 0; }
    std::uint64_t trunk(std::uint64_t) const { return 0; }
    std::uint64_t tail_length(std::uint32_t n) const { return n; }
    std::uint64_t tail(std::uint32_t n, std::uint64_t i) const { return n - i; }
};

}  // namespace foldback
