#pragma once
#include "sim/model.hpp"

namespace foldback {

/// The models of models/registry.def, in its order.
ModelRegistry builtin_models();

}  // namespace foldback
