#include "models/registry.hpp"

namespace foldback {

#define FOLDBACK_MODEL(M) ModelEntry entry_of_##M();
#include "models/registry.def"
#undef FOLDBACK_MODEL

ModelRegistry builtin_models() {
    ModelRegistry models;
#define FOLDBACK_MODEL(M) models.add(entry_of_##M());
#include "models/registry.def"
#undef FOLDBACK_MODEL
    return models;
}

}  // namespace foldback
