#include "sim/ensemble_layout.hpp"

#include <algorithm>
#include <set>

namespace foldback {
namespace {

std::vector<std::string> dimensions_of(Quantity quantity) {
    const QuantityInfo& axes = info(quantity);
    std::vector<std::string> names{"replica"};
    if (axes.by_start) names.push_back("start");
    if (axes.by_step) names.push_back("step");
    if (axes.by_component) names.push_back("component");
    if (axes.by_operator) names.push_back("operator");
    return names;
}

std::vector<std::int64_t> numbered_from_one(std::size_t count) {
    std::vector<std::int64_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = std::int64_t(i + 1);
    return numbers;
}

std::vector<Attribute> attributes_of(Quantity quantity) {
    if (quantity == Quantity::stop_censored) return {{"dtype", "bool"}};
    return {};
}

void add_group_of(Layout& layout, const std::string& group, const EnsemblePlan& plan) {
    layout.groups.push_back({group, {}});
    const bool stopped = group.rfind("/stopped", 0) == 0;
    add_scales(layout, group, plan.shape, stopped ? nullptr : "step", plan.record.steps);
    const auto& all = plan.shape.orders;
    if (std::none_of(all.begin(), all.end(), [&](const Order& order) { return group == "/" + name(order); })) return;
    Variable start{.path = group + "/start_state", .dimensions = {"start", "component"}};
    start.long_name = "the starts";
    layout.variables.push_back(std::move(start));
}

void add_moments(Layout& layout, const EnsemblePlan& plan, Order order, bool by_block) {
    const std::string group = by_block ? block_moments_group(order) : moments_group(order);
    layout.groups.push_back({group, {}});
    const char* axis = moment_axis(plan);
    add_scales(layout, group, plan.shape, axis, plan.moment_step_numbers());
    if (plan.covariances)
        layout.scales.push_back({group + "/component_b", Type::int64, std::size_t(plan.shape.dimension), {}, "1", "component", {}});
    for (const MomentArray& array : moment_arrays()) {
        if (array.covariance && !plan.covariances) continue;
        Variable v{.path = group + "/" + array.name, .dimensions = {"start", axis}, .result = !by_block};
        if (array.by_component) v.dimensions.push_back("component");
        if (array.covariance) v.dimensions.push_back("component_b");
        if (by_block) v.dimensions.insert(v.dimensions.begin(), "block");
        v.rows_per_block = by_block ? 1 : 0;
        v.long_name = array.long_name;
        layout.variables.push_back(std::move(v));
    }
}

void add_paths(Layout& layout, const EnsemblePlan& plan, Order order) {
    const std::string group = std::string("/paths/") + name(order);
    layout.groups.push_back({group, {}});
    std::vector<std::uint32_t> steps(plan.shape.last());
    for (std::uint32_t n = 1; n <= plan.shape.last(); ++n) steps[n - 1] = n;
    add_scales(layout, group, plan.shape, "every_step", steps);
    layout.scales.push_back({group + "/path_replica", Type::int64, plan.paths, {}, "1", "replica", {}});
    Variable v{.path = group + "/state", .dimensions = {"path_replica", "start", "every_step", "component"}, .result = true};
    v.long_name = "state after every step";
    layout.variables.push_back(std::move(v));
}

}  // namespace

const std::vector<MomentArray>& moment_arrays() {
    using S = StateMoments;
    static const std::vector<MomentArray> arrays{
        {"count", &S::count, false, false, "replicas with a finite state"},
        {"mean", &S::mean, true, false, "mean of the state"},
        {"m2", &S::m2, true, false, "second central moment of the state, divisor count"},
        {"m3", &S::m3, true, false, "third central moment of the state, divisor count"},
        {"m4", &S::m4, true, false, "fourth central moment of the state, divisor count"},
        {"min", &S::min, true, false, "smallest state"},
        {"max", &S::max, true, false, "largest state"},
        {"cov", &S::cov, true, true, "covariance of the state's components, divisor count"},
    };
    return arrays;
}

std::string moments_group(Order order) { return std::string("/moments/") + name(order); }
std::string block_moments_group(Order order) { return std::string("/progress/moments/") + name(order); }

void add_scales(Layout& layout, const std::string& group, const Shape& shape, const char* step_axis,
                const std::vector<std::uint32_t>& steps) {
    if (step_axis)
        layout.scales.push_back({group + "/" + step_axis, Type::int64, steps.size(), std::vector<std::int64_t>(steps.begin(), steps.end()),
                                 "1", "number of maps composed", {}});
    layout.scales.push_back({group + "/start", Type::int64, shape.start_count(), {}, "1", "start (its coordinates: start_state)", {}});
    layout.scales.push_back({group + "/component", Type::int64, std::size_t(shape.dimension), {}, "1", "component of the state", {}});
    if (shape.operators > 0)
        layout.scales.push_back({group + "/operator", Type::int64, shape.operators, numbered_from_one(shape.operators), "1", "operator of the chain, the first one 1", {}});
}

void add_sweep_states(Layout& layout, const EnsemblePlan& plan, const std::vector<std::string>& sweep_axes) {
    layout.scales.push_back({"/replica", Type::int64, plan.replicas, {}, "1", "replica: an independent sequence of maps", {}});
    for (const Recorded& recorded : plan.variables) {
        if (recorded.quantity != Quantity::state) continue;
        add_group_of(layout, std::string(parent_path(recorded.path)), plan);
        Variable v{.path = recorded.path, .type = recorded.type, .dimensions = sweep_axes, .result = true};
        for (const auto& axis : dimensions_of(recorded.quantity)) v.dimensions.push_back(axis);
        v.long_name = info(recorded.quantity).long_name;
        layout.variables.push_back(std::move(v));
    }
}

void add_ensemble(Layout& layout, const EnsemblePlan& plan) {
    layout.scales.push_back({"/replica", Type::int64, plan.replicas, {}, "1", "replica: an independent sequence of maps", {}});
    std::set<std::string> groups;
    for (const Recorded& recorded : plan.variables) {
        const std::string group(parent_path(recorded.path));
        if (groups.insert(group).second) add_group_of(layout, group, plan);
        Variable v{.path = recorded.path, .type = recorded.type, .dimensions = dimensions_of(recorded.quantity)};
        v.long_name = info(recorded.quantity).long_name;
        v.rows_per_block = plan.block_size;
        v.result = group != "/merging";  // which changes with what else is computed
        v.attributes = attributes_of(recorded.quantity);
        layout.variables.push_back(std::move(v));
    }
    for (Order order : plan.shape.orders) add_moments(layout, plan, order, false);
    for (Order order : plan.shape.orders)
        if (plan.paths > 0) add_paths(layout, plan, order);
    add_progress(layout, plan.blocks());
    for (Order order : plan.shape.orders) add_moments(layout, plan, order, true);
}

}  // namespace foldback
