#pragma once
#include "sim/model.hpp"

namespace foldback {

/// The kinds of models/registry.def.
ModelRegistry builtin_models();

}  // namespace foldback
