#include "sim/model.hpp"

#include "sim/error.hpp"
#include "sim/settings.hpp"

namespace foldback {

Model::~Model() = default;

void ModelRegistry::add(ModelEntry entry) {
    for (const auto& known : entries_)
        if (known.kind == entry.kind) throw ConfigError("model kind '" + entry.kind + "' is registered twice");
    entries_.push_back(std::move(entry));
}

std::unique_ptr<Model> ModelRegistry::make(Settings& table) const {
    std::vector<std::string> kinds;
    for (const auto& entry : entries_) kinds.push_back(entry.kind);
    const std::string kind = table.word("kind", kinds);
    for (const auto& entry : entries_)
        if (entry.kind == kind) {
            auto model = entry.make(table);
            table.finish();
            return model;
        }
    throw InternalError("a kind that is in the list is not in the list");
}

}  // namespace foldback
