#pragma once
#include <cstdint>

#include "sim/philox.hpp"

namespace foldback {

/// What a sequence of draws is for; the last word of the counter. The numbers belong to the file format.
enum class Purpose : std::uint32_t {
    coins = 0,
    integers = 1,
    uniforms = 2,
    normals = 3,
    general = 4,
    directions = 5,
    bootstrap = 6,
    reshuffling = 7,
    data = 8
};

/// Throws InternalError: more was read at one step than there is or was declared. Out of line, to keep string code out of kernels.
[[noreturn]] void noise_exhausted(const char* what);

inline namespace FOLDBACK_ISA {

/// All general draws of one replica at one step: a uniform random bit generator (32-bit words) on which every
/// Boost.Random distribution works. Counter = (draw block, step, replica, purpose), key = seed.
/// Law: two streams with equal addresses give equal words. Running out (2^34 words) throws.
class Stream {
  public:
    using result_type = std::uint32_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }

    Stream(std::uint64_t seed, std::uint32_t replica, std::uint32_t step, Purpose purpose = Purpose::general)
        : seed_(seed), step_(step), replica_(replica), purpose_(purpose) {}

    result_type operator()() {
        if (next_ == 4) {
            if (draw_block_ > max()) noise_exhausted("general words (2^34)");
            block_ = philox_block<1>({Words<1>(draw_block_), Words<1>(step_), Words<1>(replica_), Words<1>(std::uint64_t(purpose_))}, seed_);
            ++draw_block_;
            next_ = 0;
        }
        return result_type(block_[next_++][0]);
    }

    /// Continues at the given draw block: streams are addressed, so skipping costs nothing.
    void seek(std::uint64_t draw_block) { draw_block_ = draw_block; next_ = 4; }

  private:
    std::uint64_t seed_;
    std::uint32_t step_, replica_;
    Purpose purpose_;
    std::uint64_t draw_block_ = 0;
    unsigned next_ = 4;
    PhiloxBlock<1> block_{};
};

}  // namespace FOLDBACK_ISA
}  // namespace foldback
