#include "sim/ensemble.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "sim/error.hpp"

namespace foldback {
namespace {

std::vector<std::uint32_t> every_step_to(std::uint32_t last, bool with_start) {
    std::vector<std::uint32_t> steps(last + (with_start ? 1U : 0U));
    std::iota(steps.begin(), steps.end(), with_start ? 0U : 1U);
    return steps;
}

Shape shape_of(const Configuration& c, const Model& model) {
    Shape shape;
    shape.seed = c.ensemble.seed;
    shape.dimension = model.dimension();
    shape.operators = model.operators();
    for (const auto& start : c.ensemble.starts) shape.starts.insert(shape.starts.end(), start.begin(), start.end());
    for (const auto& order : c.ensemble.orders) shape.orders.push_back(order_named(order));
    for (std::int64_t n : c.ensemble.steps) shape.steps.push_back(std::uint32_t(n));
    if (c.record.every_step_moments) shape.steps = every_step_to(shape.steps.back(), shape.steps.front() == 0);
    shape.window = std::uint32_t(c.record.window);
    if (const auto& spike = c.record.spike)
        shape.spike = Shape::Spike{std::uint32_t(spike->step), std::uint32_t(spike->until), spike->level.value_or(std::nan(""))};
    shape.closed_backward = c.ensemble.backward == "closed";
    shape.merge_tolerance = c.ensemble.merge_tolerance;
    if (c.stop) shape.stop = Shape::Stop{c.stop->product, std::uint32_t(c.stop->max_steps)};
    return shape;
}

void want(Shape& shape, Quantity quantity) {
    switch (quantity) {
        case Quantity::increment: shape.increment = true; break;
        case Quantity::spread: shape.spread = true; break;
        case Quantity::rounding_radius: shape.rounding_radius = true; break;
        case Quantity::path_mean: shape.path_mean = true; break;
        case Quantity::certified_radius:
        case Quantity::lipschitz_product: shape.lipschitz_product = true; break;
        case Quantity::next_displacement: shape.next_displacement = true; break;
        case Quantity::control: shape.control = true; break;
        case Quantity::control_path_mean: shape.control_path_mean = true; break;
        case Quantity::order_difference:
        case Quantity::order_leading:
        case Quantity::order_remainder:
        case Quantity::palindrome_difference:
        case Quantity::symmetrised_difference: shape.order_sensitivity = true; break;
        case Quantity::mean_square_gradient: shape.mean_square_gradient = true; break;
        default:
            if (const auto pass = pass_observable(quantity)) {
                shape.passes = shape.passes.with(*pass);
                return;
            }
            if (const auto loss = loss_observable(quantity)) {
                shape.loss = shape.loss.with(*loss);
                return;
            }
            throw InternalError("not an observable that a run can be asked for");
    }
}

// The block size counts every observable that the model offers, so that turning one on moves no replica to another block
// (moments are merged by block).
Shape with_everything(Shape shape, const Model& model) {
    for (Quantity q : observables())
        if (loss_observable(q) && model.offers(q)) shape.loss = shape.loss.with(*loss_observable(q));
    shape.control = shape.control_path_mean = model.offers(Quantity::control);
    shape.order_sensitivity = model.offers(Quantity::order_difference);
    shape.mean_square_gradient = model.offers(Quantity::mean_square_gradient);
    for (Quantity q : observables())
        if (pass_observable(q) && model.offers(q)) shape.passes = shape.passes.with(*pass_observable(q));
    if (!shape.loss.empty()) {
        shape.window = 2;
        shape.spike = Shape::Spike{};
    }
    shape.increment = shape.next_displacement = shape.spread = shape.lipschitz_product = shape.rounding_radius = shape.path_mean = true;
    return shape;
}

std::string what_offers(Quantity quantity) {
    switch (quantity) {
        case Quantity::optimum_distance:
        case Quantity::control:
        case Quantity::control_path_mean: return "models that descend a loss of known minimiser do";
        case Quantity::test_loss: return "models that descend a loss with test rows do";
        case Quantity::train_accuracy:
        case Quantity::test_accuracy: return "models that descend a loss of classes do, the latter with test rows";
        case Quantity::mean_square_gradient: return "models that descend a loss do";
        default:
            if (pass_observable(quantity)) return "models of composite losses (loss.kind \"composite\") do";
            return "models that descend a loss (kind \"sgd\", without momentum for order sensitivities) do";
    }
}

void check_members(const Configuration& c, const Model& model, const std::vector<Quantity>& observables, const std::vector<double>& certificate) {
    if (c.ensemble.backward == "closed" && !model.has_composition())
        throw KeyError("ensemble.backward", "ensemble.backward = \"closed\": the maps of model '" + model.kind() +
                          "' have no closed composition; use \"sweep\" (affine and Moebius maps can be composed)");
    for (std::size_t i = 0; i < c.ensemble.orders.size() && c.stop; ++i) {
        const Order order = order_named(c.ensemble.orders[i]);
        if (order != Order::forward && order != Order::backward)
            throw KeyError("ensemble.orders." + std::to_string(i), "ensemble.orders." + std::to_string(i) + " is \"" + name(order) +
                              "\", which has no stopping time; with [stop] use \"forward\" and \"backward\" only");
    }
    for (Quantity q : observables)
        if (!model.offers(q))
            throw KeyError("record.observables", std::string("record.observables: model '") + model.kind() + "' does not offer " + info(q).name +
                              "; " + what_offers(q));
    const bool has_forward = std::find(c.ensemble.orders.begin(), c.ensemble.orders.end(), "forward") != c.ensemble.orders.end();
    for (Quantity q : {Quantity::control, Quantity::control_path_mean, Quantity::mean_square_gradient})
        if (!has_forward && std::find(observables.begin(), observables.end(), q) != observables.end())
            throw KeyError("record.observables", std::string("record.observables: ") + info(q).name +
                              " follows the order forward, which ensemble.orders does not have; add it there or leave this out");
    if (c.record.window > std::int64_t(c.ensemble.steps.size()))
        throw KeyError("record.window", "record.window is " + std::to_string(c.record.window) + "; there are only " +
                          std::to_string(c.ensemble.steps.size()) + " checkpoints");
    if (c.record.spike && std::find(observables.begin(), observables.end(), Quantity::train_loss) == observables.end())
        throw KeyError("record.spike", "record.spike tells what train_loss does, which is not recorded; add it to record.observables");
    const bool needs_lipschitz = std::any_of(observables.begin(), observables.end(), [](Quantity q) {
        return q == Quantity::lipschitz_product || q == Quantity::certified_radius || q == Quantity::rounding_radius;
    });
    if (!model.has_lipschitz() && (needs_lipschitz || c.stop || c.ensemble.merge_tolerance > 0))
        throw KeyError("model.kind", "model '" + model.kind() + "' gives no Lipschitz constant, which lipschitz_product, certified_radius, "
                          "rounding_radius, merge_tolerance and [stop] need; leave them out");
    if (std::find(observables.begin(), observables.end(), Quantity::certified_radius) != observables.end() &&
        std::any_of(certificate.begin(), certificate.end(), [](double x) { return !(x == x); }))
        throw KeyError("record.observables", "record.observables: certified_radius needs a contraction constant below 1 and a known displacement, "
                          "which model '" + model.kind() + "' does not have here; leave it out, or state the constants in [verify] assume");
}

void compute_block(const EnsemblePlan& plan, const BlockKernel& kernel, const BlockJob& job, bool packed, ComputedBlock& out) {
    const auto begin = std::chrono::steady_clock::now();
    if (!out.buffers) out.buffers = std::make_unique<BlockBuffers>(plan.shape, std::min<std::uint64_t>(plan.block_size, plan.replicas));
    kernel.run(plan.shape, job.first, job.count, *out.buffers);
    out.moments.clear();
    for (const auto& order : out.buffers->orders)
        out.moments.push_back(moments_of_block(order.state, plan.shape, plan.moment_steps, out.buffers->capacity, job.count, plan.covariances));
    out.rows.resize(packed ? plan.variables.size() : 0);
    out.digests.resize(out.rows.size());
    for (std::size_t v = 0; v < out.rows.size(); ++v) {
        pack(plan.shape, plan.record, plan.variables[v], *out.buffers, job.count, out.rows[v]);
        out.digests[v] = digest_of(out.rows[v].data(), out.rows[v].size());
    }
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void check_starts(const Configuration& c, const Model& model) {
    for (std::size_t s = 0; s < c.ensemble.starts.size(); ++s) {
        const auto& x = c.ensemble.starts[s];
        const std::string where = "ensemble.starts." + std::to_string(s);
        if (x.size() != std::size_t(model.dimension()))
            throw KeyError(where, where + " has " + std::to_string(x.size()) + " components; model '" + model.kind() + "' has dimension " +
                              std::to_string(model.dimension()));
        try {
            model.check_start(x);
        } catch (const ConfigError& e) {
            throw KeyError(where, where + ": " + e.what());
        }
    }
}

std::vector<std::uint32_t> EnsemblePlan::moment_step_numbers() const {
    std::vector<std::uint32_t> numbers;
    for (std::size_t i : moment_steps) numbers.push_back(shape.steps[i]);
    return numbers;
}

EnsemblePlan plan_ensemble(const Configuration& c, std::shared_ptr<const Model> model, std::vector<double> certificate) {
    EnsemblePlan plan;
    RecordOptions& record = plan.record;
    for (const auto& observable : c.record.observables) record.observables.push_back(info(observable).quantity);
    check_starts(c, *model);
    check_members(c, *model, record.observables, certificate);
    plan.shape = shape_of(c, *model);
    for (Quantity q : record.observables) want(plan.shape, q);
    record.states = c.record.states;
    record.float32_states = c.record.precision == "float32";
    for (std::int64_t n : c.ensemble.steps) record.steps.push_back(std::uint32_t(n));
    record.certificate = std::move(certificate);
    plan.every_step_moments = c.record.every_step_moments;
    plan.moment_steps = step_indices(plan.shape, plan.every_step_moments ? plan.shape.steps : record.steps);
    plan.covariances = model->dimension() <= 64;
    plan.replicas = c.ensemble.replicas;
    plan.paths = std::uint32_t(c.record.paths);
    plan.model = std::move(model);
    plan.variables = recorded_variables(plan.shape, record);
    plan.block_size = block_size(8 * doubles_per_replica(with_everything(plan.shape, *plan.model)), plan.shape.last());
    return plan;
}

void run_ensemble(const EnsemblePlan& plan, const Machinery& machinery, const std::vector<BlockJob>& jobs, bool packed,
                  const std::function<void(const BlockJob&, const ComputedBlock&)>& accept, const std::function<bool()>& stop) {
    const auto kernel = plan.model->kernel(machinery.isa, machinery.lanes);
    std::vector<ComputedBlock> slots(pipeline_slots(machinery.threads));
    run_blocks(
        machinery.threads, jobs, [&](const BlockJob& job) { compute_block(plan, *kernel, job, packed, slots[job.slot]); },
        [&](const BlockJob& job) { accept(job, slots[job.slot]); }, stop);
}

std::vector<double> simulate_paths(const EnsemblePlan& plan, const Machinery& machinery, Order order) {
    Shape shape;
    shape.seed = plan.shape.seed;
    shape.dimension = plan.shape.dimension;
    shape.starts = plan.shape.starts;
    shape.orders = {order};
    shape.closed_backward = plan.shape.closed_backward;
    shape.merge_tolerance = plan.shape.merge_tolerance;
    shape.steps = every_step_to(plan.shape.last(), false);
    BlockBuffers block(shape, plan.paths);
    plan.model->kernel(machinery.isa, machinery.lanes)->run(shape, 0, plan.paths, block);
    const std::size_t items = block.orders[0].state.size() / block.capacity;
    std::vector<double> path(items * plan.paths);
    for (std::size_t r = 0; r < plan.paths; ++r)
        for (std::size_t i = 0; i < items; ++i) path[r * items + i] = block.orders[0].state[i * block.capacity + r];
    return path;
}

}  // namespace foldback
