#pragma once
#include "sim/kernel.hpp"
#if defined(FOLDBACK_ISA_IS_BASELINE)
#include "sim/model_of.hpp"
#endif

// A model's unit is compiled once per instruction set: every copy defines the kernels, the baseline one the registry entry.
#if defined(__x86_64__)
#define FOLDBACK_OTHER_KERNELS(M)                                             \
    namespace foldback::avx2 { BlockKernel* new_kernel_##M(const M&, int); }  \
    namespace foldback::avx512 { BlockKernel* new_kernel_##M(const M&, int); }
#define FOLDBACK_KERNELS(M) \
    {Isa::baseline, &baseline::new_kernel_##M}, {Isa::avx2, &avx2::new_kernel_##M}, {Isa::avx512, &avx512::new_kernel_##M}
#else
#define FOLDBACK_OTHER_KERNELS(M)
#define FOLDBACK_KERNELS(M) {Isa::baseline, &baseline::new_kernel_##M}
#endif

// One lane at a time is the same code everywhere: compiled once.
#if defined(FOLDBACK_ISA_IS_BASELINE)
#define FOLDBACK_SINGLE_LANE(M) if (lanes == 1) return new Kernel<M, 1>(f);
#else
#define FOLDBACK_SINGLE_LANE(M)
#endif

#define FOLDBACK_INSTANTIATE_KERNELS(M)                                \
    namespace foldback::inline FOLDBACK_ISA {                          \
        BlockKernel* new_kernel_##M(const M& f, int lanes);            \
        BlockKernel* new_kernel_##M(const M& f, int lanes) {           \
            if (lanes == 0 || lanes == widest) return new Kernel<M, widest>(f); \
            FOLDBACK_SINGLE_LANE(M)                                    \
            return nullptr;                                            \
        }                                                              \
    }

#if defined(FOLDBACK_ISA_IS_BASELINE)
#define FOLDBACK_INSTANTIATE(M)                                                                  \
    FOLDBACK_INSTANTIATE_KERNELS(M)                                                              \
    FOLDBACK_OTHER_KERNELS(M)                                                                    \
    namespace foldback {                                                                         \
    ModelEntry entry_of_##M();                                                                   \
    ModelEntry entry_of_##M() { return entry_of<M>({FOLDBACK_KERNELS(M)}); }                     \
    }
#else
#define FOLDBACK_INSTANTIATE(M) FOLDBACK_INSTANTIATE_KERNELS(M)
#endif
