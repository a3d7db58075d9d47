#include "runs/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/certificate.hpp"
#include "analysis/setup.hpp"
#include "sim/error.hpp"
#include "sim/order_registry.hpp"
#include "sim/settings.hpp"
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

MadeModel make_model(const Configuration& configuration, std::size_t point, const ModelRegistry& models) {
    Settings table(model_at(configuration, point), "model");
    std::shared_ptr<const Model> model = models.make(table);
    return {std::move(model), table.resolved()};
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
std::vector<std::string> all_observables(const std::vector<std::string>& asked, const std::vector<PlannedPoint>& points) {
    std::vector<std::string> all;
    for (const auto& name : observable_names()) {
        bool wanted = std::find(asked.begin(), asked.end(), name) != asked.end();
        for (const auto& point : points)
            for (Quantity q : point.claims.needs) wanted |= info(q).observable && name == info(q).name;
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

RunPlan plan(Configuration configuration, const ModelRegistry& models, bool verified, bool add_needs) {
    RunPlan run;
    run.verified = verified;
    const std::size_t points = sweep_points(configuration);
    Value first_model;
    const bool points_kept_in_memory = !configuration.sweep.empty();  // while their claims are evaluated
    for (std::size_t p = 0; p < points; ++p) {
        MadeModel made = make_model(configuration, p, models);
        if (p == 0) first_model = made.resolved;
        PlannedPoint point;
        point.setup = make_setup(configuration, *made.model);
        if (points_kept_in_memory) point.setup.states = true;
        point.model = std::move(made.model);
        point.claims = plan_claims(point.setup);
        run.tests += point.claims.tests;
        run.points.push_back(std::move(point));
    }
    if (add_needs && verified) configuration.record.observables = all_observables(configuration.record.observables, run.points);
    for (auto& point : run.points) point.ensemble = plan_ensemble(configuration, point.model, certificates(point.setup));
    run.hash = configuration_hash(configuration, first_model);
    if (configuration.sweep.empty()) configuration.model = first_model;
    run.sweep = sweep_axes(configuration);
    run.configuration = std::move(configuration);
    return run;
}

}  // namespace

std::vector<FilePlan> RunPlan::claim_plans() const {
    std::vector<FilePlan> plans;
    for (const auto& point : points) plans.push_back(point.claims);
    return plans;
}

KnownNames known_names() {
    KnownNames known;
    known.orders = orders().names();
    known.observables = observable_names();
    for (const Claim* claim : all_claims()) known.claims.push_back(claim->info().id);
    known.constants = assumable_constants();
    return known;
}

RunPlan plan_run(const Value& root, const ModelRegistry& models, bool verified) {
    try {
        return plan(read_configuration(with_state_observable_as_states(root), known_names()), models, verified, true);
    } catch (const KeyError& e) {
        const Value* written = find_at(root, parse_path(e.key, "model"));
        throw ConfigError((written && !written->origin().empty() ? written->origin() + ": " : "") + e.what());
    }
}

RunPlan plan_from_file(const Value& resolved, const ModelRegistry& models) {
    return plan(read_configuration(resolved, known_names()), models, true, false);
}

std::size_t memory_bytes(const RunPlan& run, int threads) {
    std::size_t most = 0;
    for (const auto& point : run.points) {
        const EnsemblePlan& e = point.ensemble;
        std::size_t row = 0;
        for (const auto& v : e.variables) row += v.items.size() * size_of(v.type);
        const std::size_t block = std::size_t(std::min<std::uint64_t>(e.block_size, e.replicas)) * (8 * doubles_per_replica(e.shape) + row);
        most = std::max(most, block * pipeline_slots(threads));
    }
    return most;
}

}  // namespace foldback
