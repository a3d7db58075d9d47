#pragma once
#include "models/losses/registry.hpp"
#include "models/sgd.hpp"
#include "sim/instantiate.hpp"

// SGD on a loss, as sim/instantiate.hpp does a model: the unit of models/losses/NAME.hpp.
#if defined(FOLDBACK_ISA_IS_BASELINE)
#define FOLDBACK_LOSS_ENTRY(L)                                             \
    namespace foldback {                                                   \
    LossEntry loss_entry_of_##L();                                         \
    LossEntry loss_entry_of_##L() { return {L::kind, entry_of_Sgd##L()}; } \
    }
#else
#define FOLDBACK_LOSS_ENTRY(L)
#endif

#define FOLDBACK_INSTANTIATE_LOSS(L) \
    namespace foldback {             \
    using Sgd##L = Sgd<L>;           \
    }                                \
    FOLDBACK_INSTANTIATE(Sgd##L)     \
    FOLDBACK_LOSS_ENTRY(L)
