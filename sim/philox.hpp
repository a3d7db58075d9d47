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
PhiloxBlock<W> philox_block(const PhiloxBlock<W>& counter, std::uint64_t key) {
    constexpr std::uint64_t low = 0xffffffffULL;
    Words<W> c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    std::uint64_t k0 = key & low, k1 = key >> 32;
    for (int round = 0; round < 10; ++round) {
        const Words<W> a = multiply_low_halves(c0, Words<W>(0xD2511F53ULL));
        const Words<W> b = multiply_low_halves(c2, Words<W>(0xCD9E8D57ULL));
        // High halves are rubbish on the way: nothing reads them.
        c0 = (b >> 32) ^ c1 ^ Words<W>(k0);
        c1 = b;
        c2 = (a >> 32) ^ c3 ^ Words<W>(k1);
        c3 = a;
        k0 = (k0 + 0x9E3779B9ULL) & low;
        k1 = (k1 + 0xBB67AE85ULL) & low;
    }
    return {c0 & Words<W>(low), c1 & Words<W>(low), c2 & Words<W>(low), c3 & Words<W>(low)};
}

}  // namespace foldback::inline FOLDBACK_ISA
