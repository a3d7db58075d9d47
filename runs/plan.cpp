#include "runs/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/certificate.hpp"
#include "analysis/setup.hpp"
#include "sim/error.hpp"
#include "sim/order_registry.hpp"
#include "sim/settings.hpp"
#include "sim/surroundings.hpp"
#include "sim/value_path.hpp"

namespace foldback {
namespace {

std::vector<std::string> observable_names() {
    std::vector<std::string> names;
    for (Quantity q : observables()) names.emplace_back(info(q).name);
    return names;
}

// `state` may be asked for as an observable, too: it is record.states.
Value with_state_observable_as_states(Value root) {
    Value* record = root.find("record");
    Value* observables = record && record->is_table() ? record->find("observables") : nullptr;
    if (!observables || !observables->is_array()) return root;
    auto& list = observables->array();
    const auto at = std::find_if(list.begin(), list.end(), [](const Value& v) { return v.is_text() && v.text() == "state"; });
    if (at == list.end()) return root;
    list.erase(at);
    if (!record->find("states")) record->set("states", Value(true));
    return root;
}

struct MadeModel {
    std::shared_ptr<const Model> model;
    Value resolved;
};

// What a model at a point of the sweep may reach beyond its table.
using SurroundingsAt = std::function<Surroundings(const SweepAxes& sweep, std::size_t point)>;

MadeModel make_model(const Configuration& configuration, std::size_t point, const ModelRegistry& models, const Surroundings& surroundings) {
    Settings table(model_at(configuration, point), "model", surroundings);
    std::shared_ptr<const Model> model = models.make(table);
    return {std::move(model), table.resolved()};
}

// The table as it is written, with what all points make of it alike: defaults, and what data turned out to be. A key whose
// meaning differs from point to point stays as written.
Value completed(const Value& written, const std::vector<const Value*>& resolved) {
    Value all = written;
    for (const auto& [key, first, origin] : resolved.front()->entries()) {
        std::vector<const Value*> here;
        bool alike = true, tables = true;
        for (const Value* table : resolved) {
            here.push_back(table->find(key));
            alike &= here.back() && *here.back() == first;
            tables &= here.back() && here.back()->is_table();
        }
        const Value* before = written.find(key);
        if (alike) all.set(key, first);
        else if (tables) all.set(key, completed(before && before->is_table() ? *before : Value::table(), here));
    }
    return all;
}

Value complete_model(const Configuration& configuration, const std::vector<Value>& resolved) {
    if (configuration.sweep.empty()) return resolved.front();
    std::vector<const Value*> all;
    for (const Value& table : resolved) all.push_back(&table);
    return completed(configuration.model, all);
}

// The starts that are named and not listed, as this model makes them: by start, empty for the others.
std::vector<std::vector<double>> named_starts(const Configuration& configuration, const Model& model) {
    std::vector<std::vector<double>> made(configuration.ensemble.starts.size());
    for (const auto& [position, written] : configuration.ensemble.named_starts) {
        Settings table(written, "ensemble.starts." + std::to_string(position));
        made[position] = model.named_start(table);
        table.finish();
    }
    return made;
}

// Whether the points of a sweep differ in more than how they descend: then a start named for one may be another's.
bool sweeps_the_loss(const Configuration& configuration) {
    return std::any_of(configuration.sweep.begin(), configuration.sweep.end(), [](const auto& axis) {
        return axis.key.starts_with("model.loss.") || axis.key.starts_with("model.data.");
    });
}

void check_starts_agree(const Configuration& configuration, const Model& model, std::size_t point) {
    const auto here = named_starts(configuration, model);
    for (std::size_t s = 0; s < here.size(); ++s)
        if (!here[s].empty() && here[s] != configuration.ensemble.starts[s])
            throw KeyError("ensemble.starts." + std::to_string(s),
                           "ensemble.starts." + std::to_string(s) + " is another start at point " + std::to_string(point) +
                               " of the sweep than at point 0; all points of a file have the same starts: write numbers, or "
                               "sweep in several files");
}

SweepAxes sweep_axes(const Configuration& configuration) {
    SweepAxes sweep;
    for (const auto& axis : configuration.sweep) {
        sweep.names.push_back(axis.key);
        sweep.values.emplace_back();
        for (const Value& value : axis.values) sweep.values.back().push_back(value.number());
    }
    return sweep;
}

// The union of what was asked for and what claims need, in the order of the table of quantities.
std::vector<std::string> all_observables(const std::vector<std::string>& asked, const RunPlan& run) {
    std::vector<std::string> all;
    std::vector<Quantity> needs;
    for (const auto& point : run.points) needs.insert(needs.end(), point.claims.needs.begin(), point.claims.needs.end());
    for (const auto& claim : run.sweep_claims) needs.insert(needs.end(), claim.plan.needs.begin(), claim.plan.needs.end());
    for (const auto& name : observable_names()) {
        bool wanted = std::find(asked.begin(), asked.end(), name) != asked.end();
        for (Quantity q : needs) wanted |= info(q).observable && name == info(q).name;
        if (wanted) all.push_back(name);
    }
    return all;
}

std::vector<double> certificates(const Setup& setup) {
    std::vector<double> constants;
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        const auto constant = certificate_constant(setup, s);
        constants.push_back(constant ? constant->value : std::numeric_limits<double>::quiet_NaN());
    }
    return constants;
}

RunPlan plan(Configuration configuration, const ModelRegistry& models, const SurroundingsAt& surroundings, bool verified, bool add_needs) {
    RunPlan run;
    run.verified = verified;
    run.sweep = sweep_axes(configuration);
    const std::size_t points = sweep_points(configuration);
    std::vector<Value> resolved_models;
    const bool points_kept_in_memory = !configuration.sweep.empty();  // while their claims are evaluated
    for (std::size_t p = 0; p < points; ++p) {
        MadeModel made = make_model(configuration, p, models, surroundings(run.sweep, p));
        resolved_models.push_back(std::move(made.resolved));
        if (p == 0) {
            auto named = named_starts(configuration, *made.model);
            for (std::size_t s = 0; s < named.size(); ++s)
                if (!named[s].empty()) configuration.ensemble.starts[s] = std::move(named[s]);
        } else if (sweeps_the_loss(configuration)) {
            check_starts_agree(configuration, *made.model, p);
        }
        check_starts(configuration, *made.model);
        PlannedPoint point;
        point.setup = make_setup(configuration, *made.model);
        if (points_kept_in_memory) point.setup.states = true;
        point.model = std::move(made.model);
        point.claims = plan_claims(point.setup, configuration.verify.claims);
        run.tests += point.claims.tests;
        run.points.push_back(std::move(point));
    }
    run.sweep = sweep_axes(configuration);
    run.sweep_claims = plan_sweep_claims(run.sweep, run.setups(), configuration.verify.claims);
    for (const auto& claim : run.sweep_claims) run.tests += claim.plan.tests;
    if (add_needs && verified) configuration.record.observables = all_observables(configuration.record.observables, run);
    for (auto& point : run.points) point.ensemble = plan_ensemble(configuration, point.model, certificates(point.setup));
    configuration.ensemble.named_starts.clear();  // the numbers stand in their place
    run.hash = configuration_hash(configuration, resolved_models.front());
    configuration.model = complete_model(configuration, resolved_models);
    run.configuration = std::move(configuration);
    return run;
}

}  // namespace

std::vector<FilePlan> RunPlan::claim_plans() const {
    std::vector<FilePlan> plans;
    for (const auto& point : points) plans.push_back(point.claims);
    return plans;
}

std::vector<const Setup*> RunPlan::setups() const {
    std::vector<const Setup*> setups;
    for (const auto& point : points) setups.push_back(&point.setup);
    return setups;
}

KnownNames known_names() {
    KnownNames known;
    known.orders = orders().names();
    known.observables = observable_names();
    known.claims = claim_ids();
    known.constants = assumable_constants();
    return known;
}

RunPlan plan_run(const Value& root, const ModelRegistry& models, bool verified, const std::filesystem::path& folder) {
    const auto surroundings = [&](const SweepAxes&, std::size_t) { return Surroundings{folder, {}}; };
    try {
        return plan(read_configuration(with_state_observable_as_states(root), known_names()), models, surroundings, verified, true);
    } catch (const KeyError& e) {
        const Value* written = find_at(root, parse_path(e.key, "model"));
        throw ConfigError((written && !written->origin().empty() ? written->origin() + ": " : "") + e.what());
    }
}

RunPlan plan_from_file(const Value& resolved, const ModelRegistry& models, const StoredParameter& stored) {
    const auto surroundings = [&](const SweepAxes& sweep, std::size_t point) {
        return Surroundings{{}, [&stored, &sweep, point](const std::string& name) { return stored(name, sweep, point); }};
    };
    return plan(read_configuration(resolved, known_names()), models, surroundings, true, false);
}

}  // namespace foldback
