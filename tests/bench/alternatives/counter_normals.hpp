#pragma once
#include <Random123/boxmuller.hpp>
#include <Random123/philox.h>

#include <cstdint>

/// Standard normals of one replica by counter: Random123's own Box-Muller on Philox, two to a block.
class CounterNormals {
  public:
    CounterNormals(std::uint64_t seed, std::uint32_t round, std::uint32_t replica)
        : key_{{std::uint32_t(seed), round}}, replica_(replica) {}
    double operator()() {
        if (spare_) {
            spare_ = false;
            return pair_.y;
        }
        const auto block = r123::Philox4x32{}({{block_++, replica_, 0, 0}}, key_);
        pair_ = r123::boxmuller(std::uint64_t(block[0]) << 32 | block[1], std::uint64_t(block[2]) << 32 | block[3]);
        spare_ = true;
        return pair_.x;
    }

  private:
    r123::Philox4x32::key_type key_;
    std::uint32_t replica_, block_ = 0;
    bool spare_ = false;
    r123::double2 pair_{};
};
