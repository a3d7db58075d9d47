#pragma once
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/order.hpp"
#include "sim/stream.hpp"

namespace foldback {

/// Block b is shuffled by Fisher and Yates with the stream of (seed, replica W, step b, Purpose::reshuffling).
class ReshuffledOrder {
  public:
    static constexpr const char* name = "reshuffled_#";
    static constexpr const char* fold = "forward, the maps of each block of W in a random order that depends on (seed, block), the same for all replicas";
    static constexpr const char* cost = "n draws, n applications";
    static constexpr const char* law = "the law of F_n at each n; the path keeps moving";
    static constexpr bool same_law = true;
    static constexpr std::uint32_t largest_width = 1U << 24;

    explicit ReshuffledOrder(WordArguments with) : with_(with), shuffled_(with.width) {}

    std::uint64_t trunk_length(std::uint32_t n) const { return n; }
    std::uint64_t trunk(std::uint64_t i) {
        if (i / with_.width != block_) shuffle(i / with_.width);
        return block_ * with_.width + shuffled_[i % with_.width];
    }
    std::uint64_t tail_length(std::uint32_t) const { return 0; }
    std::uint64_t tail(std::uint32_t, std::uint64_t) const { return 0; }

  private:
    void shuffle(std::uint64_t block) {
        block_ = block;
        std::iota(shuffled_.begin(), shuffled_.end(), 1U);
        Stream words(with_.seed, with_.width, std::uint32_t(block), Purpose::reshuffling);
        for (std::uint32_t left = with_.width; left > 1; --left) std::swap(shuffled_[left - 1], shuffled_[below(left, words)]);
    }

    // Uniform on 0 .. m - 1 exactly (Lemire 2019): the few words that would favour some values are drawn again.
    static std::uint32_t below(std::uint32_t m, Stream& words) {
        for (;;) {
            const std::uint64_t product = std::uint64_t(words()) * m;
            if (std::uint32_t(product) >= -m % m) return std::uint32_t(product >> 32);
        }
    }

    WordArguments with_;
    std::uint64_t block_ = ~std::uint64_t{0};
    std::vector<std::uint32_t> shuffled_;  // of the block, counted from 1
};

}  // namespace foldback
