#include <fmt/format.h>

#include "runs/commands.hpp"
#include "sim/error.hpp"
#include "sim/nearest_name.hpp"
#include "sim/order_registry.hpp"
#include "sim/quantity.hpp"

namespace foldback {
namespace {

struct Item {
    std::string name, text;
    std::vector<std::pair<std::string, std::string>> more;
};

std::vector<Item> models_listed(const ModelRegistry& models) {
    std::vector<Item> items;
    for (const auto& entry : models.entries()) items.push_back({entry.kind, entry.summary, {{"example", entry.example}}});
    return items;
}

std::vector<Item> claims_listed() {
    std::vector<Item> items;
    for (const Claim* claim : all_claims())
        items.push_back({claim->info().id, claim->info().statement, {{"assumptions", claim->info().assumptions}, {"source", claim->info().source}}});
    for (const SweepClaim* claim : all_sweep_claims())
        items.push_back({claim->info().id, claim->info().statement,
                         {{"assumptions", claim->info().assumptions}, {"source", claim->info().source}, {"sweep_over", claim->swept().text()}}});
    return items;
}

std::vector<Item> orders_listed() {
    std::vector<Item> items;
    for (const OrderKind* kind : orders().kinds()) items.push_back({kind->name, kind->fold, {{"cost", kind->cost}, {"law", kind->law}}});
    return items;
}

std::vector<Item> observables_listed() {
    std::vector<Item> items{{"state", info(Quantity::state).long_name, {}}};
    for (const auto& name : known_names().observables) items.push_back({name, info(name).long_name, {}});
    return items;
}

}  // namespace

int list_command(const std::string& what, bool json, const ModelRegistry& models) {
    std::vector<Item> items;
    if (what == "models") items = models_listed(models);
    else if (what == "claims") items = claims_listed();
    else if (what == "orders") items = orders_listed();
    else if (what == "observables") items = observables_listed();
    else throw ConfigError("nothing called '" + what + "' can be listed; " + suggestion(what, std::vector<std::string>{"models", "claims", "orders", "observables"}));
    if (!json) {
        for (const auto& item : items) {
            fmt::print("{:<24} {}\n", item.name, item.text);
            if (what != "orders") continue;
            for (const auto& [key, text] : item.more) fmt::print("{:<24}   {}: {}\n", "", key, text);
        }
        return 0;
    }
    Value::Array list;
    for (const auto& item : items) {
        Value v = Value::table();
        v.set("name", item.name);
        v.set("text", item.text);
        for (const auto& [key, text] : item.more) v.set(key, text);
        list.push_back(std::move(v));
    }
    fmt::print("{}\n", to_json(Value(std::move(list)), 2));
    return 0;
}

}  // namespace foldback
