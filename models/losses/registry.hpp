#pragma once
#include <string>
#include <vector>

#include "sim/model.hpp"

namespace foldback {

/// SGD on one kind of loss: the model that [model.loss] kind names.
struct LossEntry {
    std::string kind;
    ModelEntry sgd;
};

/// The losses of models/losses/registry.def, in its order.
std::vector<LossEntry> builtin_losses();

/// The registry's model `sgd`: reads [model.loss] kind and makes SGD on that loss.
ModelEntry sgd_entry();

}  // namespace foldback
