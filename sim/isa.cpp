#include "sim/isa.hpp"

namespace foldback {

bool supported(Isa isa) {
    switch (isa) {
        case Isa::host:
        case Isa::baseline: return true;
#if defined(__x86_64__)
        case Isa::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        case Isa::avx512:
            return supported(Isa::avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#else
        default: return false;
#endif
    }
    return false;
}

Isa best_isa() {
    if (supported(Isa::avx512)) return Isa::avx512;
    if (supported(Isa::avx2)) return Isa::avx2;
    return Isa::baseline;
}

}  // namespace foldback
