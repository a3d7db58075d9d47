#pragma once
#include <string_view>

// Model sources are compiled once per instruction set with other compiler flags. All that such a unit instantiates from
// our templates lives in an inline namespace named after the instruction set: otherwise the linker would keep one copy
// of an inline function for all, perhaps the AVX-512 one. User code outside the build gets the name `host`.
#ifndef FOLDBACK_ISA
#define FOLDBACK_ISA host
#endif

namespace foldback {

inline namespace FOLDBACK_ISA {}

/// Instruction sets a model's kernels can be compiled for; `host`: whatever a user's own build chose.
enum class Isa { host, baseline, avx2, avx512 };

constexpr std::string_view name(Isa isa) {
    switch (isa) {
        case Isa::host: return "host";
        case Isa::baseline: return "baseline";
        case Isa::avx2: return "avx2";
        case Isa::avx512: return "avx512";
    }
    return "?";
}

inline namespace FOLDBACK_ISA {
/// The instruction set this unit is compiled for.
inline constexpr Isa this_isa = Isa::FOLDBACK_ISA;

/// Doubles in a vector register, which is how many lanes kernels have, and how many registers to keep busy at once where
/// each operation waits for the one before: an iterated map's, a round of Philox.
#if defined(__AVX512F__)
inline constexpr int widest = 8, interleaved = 4;
#elif defined(__AVX__)
inline constexpr int widest = 4, interleaved = 2;
#else
inline constexpr int widest = 2, interleaved = 2;
#endif
}  // namespace FOLDBACK_ISA

/// The best instruction set this processor offers.
Isa best_isa();
/// Whether this processor can run code compiled for `isa`.
bool supported(Isa isa);

}  // namespace foldback
