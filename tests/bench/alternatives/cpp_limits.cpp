// Prints ns per 64-bit word of Philox4x32-10 across SIMD lanes, four blocks interleaved to hide the latency of multiplication:
// the measure by which limits of another machine are scaled to this one.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "contender.hpp"

#ifdef __AVX512F__
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif
constexpr int blocks = 4;
typedef std::uint64_t Words __attribute__((vector_size(8 * lanes)));

/// Products of the low halves.
inline Words multiply(Words a, Words b) {
#if defined(__AVX512F__)
    return reinterpret_cast<Words>(_mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
    return reinterpret_cast<Words>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
    const Words low = Words{} + 0xffffffffu;
    return (a & low) * (b & low);
#endif
}

struct Block {
    Words w[4];
};

inline void philox_round(Block& b, Words k0, Words k1) {
    const Words low = Words{} + 0xffffffffu;
    const Words p = multiply(b.w[0], Words{} + 0xD2511F53u), q = multiply(b.w[2], Words{} + 0xCD9E8D57u);
    b = {{(q >> 32) ^ b.w[1] ^ k0, q & low, (p >> 32) ^ b.w[3] ^ k1, p & low}};
}

double words_cost() {
    constexpr std::uint64_t count = 1 << 18;
    Words sum{}, replicas{};
    for (int l = 0; l < lanes; ++l) replicas[l] = std::uint64_t(l);
    const double begin = processor_seconds();
    for (std::uint64_t n = 0; n < count; ++n) {
        Block b[blocks];
        for (int i = 0; i < blocks; ++i) b[i] = {{Words{} + (n * blocks + std::uint64_t(i)), Words{}, replicas, Words{}}};
        std::uint32_t k0 = 1, k1 = 2;
        for (int r = 0; r < 10; ++r, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
            for (int i = 0; i < blocks; ++i) philox_round(b[i], Words{} + k0, Words{} + k1);
        for (int i = 0; i < blocks; ++i) sum ^= (b[i].w[0] | b[i].w[1] << 32) + (b[i].w[2] | b[i].w[3] << 32);
    }
    const double seconds = processor_seconds() - begin;
    volatile std::uint64_t used = sum[0];
    (void)used;
    return seconds * 1e9 / double(count * blocks * lanes * 2);
}

int main() {
    double best = words_cost();
    for (int i = 0; i < 9; ++i) best = std::min(best, words_cost());
    std::printf("%.4f\n", best);
}
