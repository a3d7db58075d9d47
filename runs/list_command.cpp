#include <fmt/format.h>

#include "runs/commands.hpp"
#include "sim/error.hpp"
#include "sim/nearest_name.hpp"
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
    return items;
}

std::vector<Item> orders_listed() {
    return {{"forward", "F_n = f_n o ... o f_2 o f_1: the newest map is applied last; converges in law", {{"cost", "n draws, n applications"}}},
            {"backward", "B_n = f_1 o f_2 o ... o f_n: the newest map is applied first; converges to a point",
             {{"cost", "n draws, n x (live set) applications in one coalescing sweep for all checkpoints"}}}};
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
        for (const auto& item : items) fmt::print("{:<24} {}\n", item.name, item.text);
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
