#pragma once
#include <array>
#include <cstdint>

#include "sim/lanes.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// Four 32-bit words per lane, each in the low half of a 64-bit word.
template <int W>
using PhiloxBlock = std::array<Words<W>, 4>;

/// Philox4x32-10 over lanes (Salmon et al., SC'11): counter words may differ by lane, the key is common.
/// Law: lane i equals Random123's philox4x32(counter of lane i, key).
template <int W>
PhiloxBlock<W> philox_block(PhiloxBlock<W> counter, std::uint64_t key) {
    constexpr std::uint64_t low = 0xffffffffULL;
    std::uint64_t k0 = key & low, k1 = key >> 32;
    for (int round = 0; round < 10; ++round) {
        const Words<W> a = multiply_low_halves(counter[0], Words<W>(0xD2511F53ULL));
        const Words<W> b = multiply_low_halves(counter[2], Words<W>(0xCD9E8D57ULL));
        counter = {(b >> 32) ^ counter[1] ^ Words<W>(k0), b & Words<W>(low), (a >> 32) ^ counter[3] ^ Words<W>(k1),
                   a & Words<W>(low)};
        k0 = (k0 + 0x9E3779B9ULL) & low;
        k1 = (k1 + 0xBB67AE85ULL) & low;
    }
    return counter;
}

}  // namespace foldback::inline FOLDBACK_ISA
