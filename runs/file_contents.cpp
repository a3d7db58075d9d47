#include "runs/file_contents.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <thread>

#include "analysis/distance_table.hpp"
#include "analysis/sweep_summaries.hpp"
#include "runs/law_table.hpp"
#include "runs/library_versions.hpp"
#include "sim/build_info.hpp"
#include "sim/ensemble_layout.hpp"
#include "sim/error.hpp"
#include "sim/format_version.hpp"

namespace foldback {
namespace {

void add_provenance(Layout& layout, const RunPlan& plan, const Origin& origin) {
    const BuildInfo& build = build_info();
    const Configuration& c = plan.configuration;
    layout.attributes = {
        {"format", std::string(format_name)},
        {"format_version", std::string(format_version)},
        {"title", c.title},
        {"software_version", std::string(build.version)},
        {"git_revision", std::string(build.git_revision)},
        {"git_dirty", std::int64_t(build.git_dirty)},
        {"compiler", std::string(build.compiler)},
        {"compiler_flags", std::string(build.flags)},
        {"libraries", library_versions()},
        {"created", utc_now()},
        {"finished", std::string(), 32},
        {"resumed_with", std::string(), 64},
        {"status", std::string("partial"), 16},
        {"command_line", origin.command_line},
        {"seed", std::int64_t(c.ensemble.seed)},
        {"generator", std::string("Philox4x32-10; key = seed; counter = (block, block >> 32, replica, purpose) for packed coins, integers, "
                                  "uniforms and normal pairs, (draw block, step, replica, purpose) for everything else")},
        {"bits", std::string(name(plan.points.front().model->bits()))},
        {"configuration_hash", plan.hash},
        {"data_sha256", std::string(), 64},
        {"axis_order", std::string("C")},
    };
}

std::string axis_name(const std::string& parameter, std::size_t k) { return parameter + "_axis" + std::to_string(k); }

// A parameter over the points of a sweep: where it is the same at all of them, once, without their axes.
struct SweptParameter {
    NamedArray first;
    bool once = true;
    std::vector<double> values;  // of all points, one after another, unless once
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void add_point(SweptParameter& swept, const NamedArray& here, std::size_t point) {
    if (swept.once && same_bits(here.values, swept.first.values)) return;
    if (swept.once)
        for (std::size_t p = 0; p < point; ++p) swept.values.insert(swept.values.end(), swept.first.values.begin(), swept.first.values.end());
    swept.once = false;
    swept.values.insert(swept.values.end(), here.values.begin(), here.values.end());
}

std::vector<SweptParameter> swept_parameters(const RunPlan& plan) {
    std::vector<SweptParameter> all;
    for (NamedArray& first : plan.points.front().model->parameters()) all.push_back({std::move(first), true, {}});
    for (std::size_t p = 1; p < plan.points.size(); ++p) {
        const auto here = plan.points[p].model->parameters();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (here.size() != all.size() || here[i].name != all[i].first.name || here[i].shape != all[i].first.shape)
                throw ConfigError(fmt::format("sweep: the model's parameter '{}' has another shape at point {} than at point 0; the points of "
                                              "a file have arrays of equal shapes: sweep this key in several files",
                                              all[i].first.name, p));
            add_point(all[i], here[i], p);
        }
    }
    return all;
}

void add_model(Layout& layout, const RunPlan& plan) {
    const PlannedPoint& first = plan.points.front();
    Group group{"/model", {{"kind", first.model->kind()}, {"metric", first.model->metric()}, {"bits", std::string(name(first.model->bits()))}}};
    if (!plan.is_sweep())
        for (const auto& [fact, text] : facts_of(first.setup)) group.attributes.push_back({fact, text});
    if (!first.setup.truth.note.empty()) group.attributes.push_back({"note", first.setup.truth.note});
    layout.groups.push_back(std::move(group));
    for (const auto& [parameter, once, values] : swept_parameters(plan)) {
        Variable v{.path = "/model/" + parameter.name, .dimensions = once ? std::vector<std::string>() : plan.sweep.names};
        for (std::size_t k = 0; k < parameter.shape.size(); ++k) {
            const std::string axis = axis_name(parameter.name, k);
            layout.scales.push_back({"/model/" + axis, Type::int64, parameter.shape[k], {}, "1", "axis of parameter " + parameter.name, {}});
            v.dimensions.push_back(axis);
        }
        v.long_name = "parameter " + parameter.name;
        layout.variables.push_back(std::move(v));
    }
}

void add_sweep_moments(Layout& layout, const RunPlan& plan) {
    const EnsemblePlan& e = plan.points.front().ensemble;
    for (Order order : e.shape.orders) {
        const std::string group = moments_group(order);
        layout.groups.push_back({group, {}});
        add_scales(layout, group, e.shape, moment_axis(e), e.moment_step_numbers());
        if (e.covariances)
            layout.scales.push_back({group + "/component_b", Type::int64, std::size_t(e.shape.dimension), {}, "1", "component", {}});
        for (const MomentArray& array : moment_arrays()) {
            if (array.covariance && !e.covariances) continue;
            Variable v{.path = group + "/" + array.name, .dimensions = plan.sweep.names, .result = true};
            v.dimensions.insert(v.dimensions.end(), {"start", moment_axis(e)});
            if (array.by_component) v.dimensions.push_back("component");
            if (array.covariance) v.dimensions.push_back("component_b");
            v.long_name = array.long_name;
            layout.variables.push_back(std::move(v));
        }
    }
}

void add_sweep(Layout& layout, const RunPlan& plan) {
    for (std::size_t a = 0; a < plan.sweep.names.size(); ++a)
        layout.scales.push_back({"/" + plan.sweep.names[a], Type::float64, plan.sweep.values[a].size(), plan.sweep.values[a], "1",
                                 "swept parameter " + plan.sweep.names[a], {}});
    layout.attributes.push_back({"sweep", std::string("all points share the seed: they are dependent, point against point")});
    if (plan.points.front().ensemble.record.states) add_sweep_states(layout, plan.points.front().ensemble, plan.sweep.names);
    add_sweep_moments(layout, plan);
    add_progress(layout, plan.points.size());
    if (plan.verified) add_summaries(layout, plan.sweep_claims);
}

}  // namespace

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

std::string without_paths(const std::vector<std::string>& words) {
    std::string line;
    for (const auto& word : words) {
        // A path may stand behind an option, --output=/a/b.h5; what --set sets is no path.
        const std::size_t value = word.rfind("--", 0) == 0 && word.find('=') != std::string::npos ? word.find('=') + 1 : 0;
        const bool path = word.find('/', value) != std::string::npos && (value > 0 || word.find('=') == std::string::npos);
        line += (line.empty() ? "" : " ") + (path ? word.substr(0, value) + std::filesystem::path(word.substr(value)).filename().string() : word);
    }
    return line;
}

std::vector<std::pair<std::string, std::string>> facts_of(const Setup& setup) {
    std::vector<std::pair<std::string, std::string>> facts;
    const auto add = [&](const std::string& what, const std::optional<Fact>& fact) {
        if (fact) facts.emplace_back(what, fmt::format("{} ({})", fact->value, name(fact->label)));
    };
    add("rho_1", setup.rho(1));
    add("rho_2", setup.rho(2));
    if (setup.truth.lipschitz_sure) add("rho_inf", Fact{std::pow(setup.truth.lipschitz_sure->value, 1.0 / setup.truth.maps_per_factor), setup.truth.lipschitz_sure->label});
    add("chi", setup.truth.chi);
    add("lyapunov", setup.truth.lyapunov);
    add("tail_index", setup.truth.tail_index);
    for (std::size_t s = 0; s < setup.starts.size(); ++s)
        for (double p : {1.0, 2.0}) add(fmt::format("D_{}_start_{}", int(p), s), setup.displacement(s, p));
    return facts;
}

Layout layout_of(const RunPlan& plan, const Origin& origin) {
    Layout layout;
    add_provenance(layout, plan, origin);
    layout.groups.push_back({"/config", {}});
    layout.texts.push_back({"/config/toml", origin.toml, "the configuration as it was written", {}});
    layout.texts.push_back({"/config/resolved", to_json(resolved(plan.configuration), 2), "the configuration with every default filled in, JSON", {}});
    if (plan.is_sweep()) add_sweep(layout, plan);
    else add_ensemble(layout, plan.points.front().ensemble);
    add_model(layout, plan);
    if (!plan.is_sweep()) {
        add_law_table(layout, plan.points.front().setup);
        if (plan.verified) add_distance_table(layout, plan.points.front().setup);
    }
    add_claims(layout, plan.claim_plans(), plan.configuration.verify.alpha, plan.tests, plan.sweep);
    add_sweep_claims(layout, plan.sweep_claims);
    return layout;
}

void write_known(OutputFile& file, const RunPlan& plan) {
    for (const auto& [parameter, once, values] : swept_parameters(plan))
        file.write_all("/model/" + parameter.name, once ? parameter.values.data() : values.data());
    const EnsemblePlan& ensemble = plan.points.front().ensemble;
    if (plan.is_sweep() && ensemble.record.states)
        for (Order order : ensemble.shape.orders) file.write_all(std::string("/") + name(order) + "/start_state", ensemble.shape.starts.data());
    if (!plan.is_sweep()) write_law_table(file, plan.points.front().setup);
}

}  // namespace foldback
