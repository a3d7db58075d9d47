#include "models/registry.hpp"

#include "models/losses/registry.hpp"

namespace foldback {

// Defined in each model's unit: sim/instantiate.hpp.
#define FOLDBACK_MODEL(M) ModelEntry entry_of_##M();
#include "models/registry.def"
#undef FOLDBACK_MODEL

ModelRegistry builtin_models() {
    ModelRegistry registry;
#define FOLDBACK_MODEL(M) registry.add(entry_of_##M());
#include "models/registry.def"
#undef FOLDBACK_MODEL
    registry.add(sgd_entry());
    return registry;
}

}  // namespace foldback
