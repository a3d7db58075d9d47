#include <algorithm>

#include "sim/configuration.hpp"
#include "sim/sha256.hpp"

namespace foldback {

namespace {

Value steps_value(const std::vector<std::int64_t>& steps) {
    Value value = Value::table();
    // Ascending from 1 to their number: no step is left out.
    if (steps.size() > 1 && steps.front() == 1 && steps.back() == static_cast<std::int64_t>(steps.size())) {
        value.set("last", steps.back());
        value.set("spacing", "every");
    } else {
        value.set("at", Value::array_of(steps));
    }
    return value;
}

Value times_value(const std::vector<double>& times) {
    Value value = Value::table();
    value.set("time", Value::array_of(times));
    return value;
}

Value ensemble_value(const Configuration::Ensemble& ensemble) {
    Value::Array starts;
    for (const auto& start : ensemble.starts) starts.push_back(Value::array_of(start));
    for (const auto& [position, table] : ensemble.named_starts) starts[position] = table;
    Value value = Value::table();
    value.set("seed", ensemble.seed);
    value.set("replicas", ensemble.replicas);
    value.set("starts", Value(std::move(starts)));
    value.set("orders", Value::array_of(ensemble.orders));
    value.set("steps", ensemble.times.empty() ? steps_value(ensemble.steps) : times_value(ensemble.times));
    value.set("merge_tolerance", ensemble.merge_tolerance);
    value.set("backward", ensemble.backward);
    return value;
}

Value stop_value(const Configuration::Stop& stop) {
    Value value = Value::table();
    value.set("product", stop.product);
    value.set("max_steps", stop.max_steps);
    return value;
}

Value spike_value(const Configuration::Record::Spike& spike) {
    Value value = Value::table();
    value.set("step", spike.step);
    value.set("until", spike.until);
    if (spike.level) value.set("level", *spike.level);
    return value;
}

Value record_value(const Configuration::Record& record) {
    Value value = Value::table();
    value.set("states", record.states);
    value.set("observables", Value::array_of(record.observables));
    value.set("paths", record.paths);
    value.set("moments", record.every_step_moments ? "every_step" : "checkpoints");
    value.set("window", record.window);
    if (record.spike) value.set("spike", spike_value(*record.spike));
    value.set("precision", record.precision);
    return value;
}

Value verify_value(const Configuration::Verify& verify) {
    Value assume = Value::table();
    for (const auto& [name, number] : verify.assume) assume.set(name, number);
    Value value = Value::table();
    value.set("alpha", verify.alpha);
    value.set("claims", Value::array_of(verify.claims));
    value.set("assume", assume);
    return value;
}

Value sweep_value(const std::vector<Configuration::SweepAxis>& sweep) {
    Value value = Value::table();
    for (const auto& axis : sweep) value.set(axis.key, Value(axis.values));
    return value;
}

Value with_sorted_keys(Value value) {
    if (value.is_array()) {
        for (Value& element : value.array()) element = with_sorted_keys(std::move(element));
    } else if (value.is_table()) {
        for (Value::Entry& entry : value.entries()) entry.value = with_sorted_keys(std::move(entry.value));
        std::sort(value.entries().begin(), value.entries().end(),
                  [](const Value::Entry& a, const Value::Entry& b) { return a.key < b.key; });
    }
    return value;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
}

std::string child_path(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
}

bool same_leaf(const Value& a, const Value& b) {
    if (a.is_numeric() && b.is_numeric() && a.kind() != b.kind()) return a.number() == b.number();
    return a == b;
}

std::string key_list(const Value& table) {
    std::string list;
    for (const Value::Entry& entry : table.entries()) list += (list.empty() ? "" : ", ") + entry.key;
    return list;
}

void compare(const Value& here, const Value& in_file, const std::string& path, std::vector<std::string>& found);

void compare_tables(const Value& here, const Value& in_file, const std::string& path, std::vector<std::string>& found) {
    const std::size_t before = found.size();
    for (const Value::Entry& entry : here.entries()) {
        const std::string name = child_path(path, entry.key);
        if (const Value* other = in_file.find(entry.key)) {
            compare(entry.value, *other, name, found);
        } else {
            found.push_back(name + ": " + describe(entry.value) + " here, absent in the file");
        }
    }
    for (const Value::Entry& entry : in_file.entries()) {
        if (here.find(entry.key)) continue;
        found.push_back(child_path(path, entry.key) + ": absent here, " + describe(entry.value) + " in the file");
    }
    if (found.size() == before && key_list(here) != key_list(in_file)) {
        const std::string name = path.empty() ? "the tables" : path;
        found.push_back(name + ": in the order " + key_list(here) + " here, " + key_list(in_file) + " in the file");
    }
}

void compare_arrays(const Value& here, const Value& in_file, const std::string& path, std::vector<std::string>& found) {
    if (here.size() != in_file.size()) {
        found.push_back(path + ": " + describe(here) + " here, " + describe(in_file) + " in the file");
        return;
    }
    const std::size_t before = found.size();
    for (std::size_t i = 0; i < here.size() && found.size() == before; ++i) {
        compare(here.array()[i], in_file.array()[i], child_path(path, std::to_string(i)), found);
    }
}

void compare(const Value& here, const Value& in_file, const std::string& path, std::vector<std::string>& found) {
    if (here.is_table() && in_file.is_table()) {
        compare_tables(here, in_file, path, found);
    } else if (here.is_array() && in_file.is_array()) {
        compare_arrays(here, in_file, path, found);
    } else if (!same_leaf(here, in_file)) {
        found.push_back(path + ": " + describe(here) + " here, " + describe(in_file) + " in the file");
    }
}

}  // namespace

Value resolved(const Configuration& configuration) {
    Value value = Value::table();
    value.set("title", configuration.title);
    value.set("model", configuration.model);
    value.set("ensemble", ensemble_value(configuration.ensemble));
    if (configuration.stop) value.set("stop", stop_value(*configuration.stop));
    value.set("record", record_value(configuration.record));
    value.set("verify", verify_value(configuration.verify));
    if (!configuration.sweep.empty()) value.set("sweep", sweep_value(configuration.sweep));
    return value;
}

Value identity(const Configuration& configuration, const Value& resolved_model) {
    Configuration canonical = configuration;
    canonical.ensemble.orders = sorted(canonical.ensemble.orders);
    canonical.record.observables = sorted(canonical.record.observables);
    canonical.model = with_sorted_keys(resolved_model);
    for (auto& axis : canonical.sweep) {
        for (Value& value : axis.values) value = Value(value.number());
    }
    Value value = resolved(canonical);
    value.erase("title");
    value.erase("verify");
    return value;
}

std::string configuration_hash(const Configuration& configuration, const Value& resolved_model) {
    return sha256_hex(to_json(identity(configuration, resolved_model)));
}

std::vector<std::string> differences(const Value& here, const Value& in_file) {
    std::vector<std::string> found;
    compare(here, in_file, "", found);
    return found;
}

}  // namespace foldback
