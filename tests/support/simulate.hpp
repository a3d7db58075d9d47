#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "analysis/claim.hpp"
#include "analysis/memory_evidence.hpp"
#include "sim/error.hpp"
#include "sim/kernel.hpp"
#include "sim/model_of.hpp"

// Evidence for the tests of claims: real kernels, small ensembles, nothing but a model struct and a description.
namespace foldback::test {

/// The ensemble of a test. Every observable that is cheap is on; `assume` changes the setup first (a wrong constant, ...).
struct Ensemble {
    std::uint64_t seed = 0;
    std::size_t replicas = 0;
    std::vector<std::vector<double>> starts;
    std::vector<std::uint32_t> steps;
    std::vector<Order> orders{Order::forward, Order::backward};
    bool states = true;       ///< keep the states of every replica
    bool observables = true;  ///< increments, spreads, Lipschitz products, next displacements, rounding radii
    bool path_mean = false;
    bool loss = false;               ///< every loss quantity that the model offers
    std::uint32_t window = 0;
    bool control = false;            ///< and its path mean
    bool order_sensitivity = false;
    bool passes = false;             ///< everything that perturbed passes show
    bool descent = false;            ///< mean square gradients, and the errors of perturbed passes in the weights
    bool closed_backward = false;
    double merge_tolerance = 0;
    std::optional<Shape::Stop> stop{};
    std::size_t block_size = 1024;
    std::function<void(Setup&)> assume{};
};

template <class M>
Setup setup_of(const M& model, const Ensemble& e) {
    Setup s;
    if constexpr (requires { M::kind; }) s.kind = M::kind; else s.kind = "test";
    if constexpr (requires { M::metric; }) s.metric = M::metric; else s.metric = "euclidean";
    s.dimension = dimension_of<Lanes<1>>(model);
    s.has_lipschitz = HasLipschitz<M, Lanes<1>>;
    if constexpr (requires { model.truth(); }) s.truth = model.truth();
    s.seed = e.seed;
    s.replicas = e.replicas;
    s.starts = e.starts;
    s.steps = e.steps;
    s.orders = e.orders;
    s.closed_backward = e.closed_backward;
    s.merge_tolerance = e.merge_tolerance;
    s.stop = e.stop;
    s.states = e.states;
    s.window = e.window;
    s.offers = [model](Quantity q) { return offered_by(model, q); };
    s.distance = [model](std::span<const double> x, std::span<const double> y) {
        std::vector<Lanes<1>> a(x.begin(), x.end()), b(y.begin(), y.end());
        return distance_between(model, a.data(), b.data())[0];
    };
    if (e.assume) e.assume(s);
    return s;
}

inline Shape shape_of(const Setup& setup, const Ensemble& e) {
    Shape shape;
    shape.seed = e.seed;
    shape.dimension = setup.dimension;
    for (const auto& x : e.starts) shape.starts.insert(shape.starts.end(), x.begin(), x.end());
    shape.steps = e.steps;
    shape.orders = e.orders;
    shape.closed_backward = e.closed_backward;
    shape.merge_tolerance = e.merge_tolerance;
    shape.increment = shape.next_displacement = shape.spread = e.observables;
    shape.lipschitz_product = shape.rounding_radius = e.observables && setup.has_lipschitz;
    shape.path_mean = e.path_mean;
    shape.window = e.window;
    shape.control = shape.control_path_mean = e.control;
    shape.order_sensitivity = e.order_sensitivity;
    shape.stop = e.stop;
    return shape;
}

/// Runs the widest kernel of this unit over all blocks.
template <class M>
MemoryEvidence simulate(const M& model, const Ensemble& e) {
    Setup setup = setup_of(model, e);
    Shape shape = shape_of(setup, e);
    if constexpr (ObservesLoss<M, Lanes<1>>) {
        if (e.loss) shape.loss = model.observables();
        shape.mean_square_gradient = e.descent;
    }
    if constexpr (ObservesPasses<M, Lanes<1>>) {
        shape.operators = model.operators();
        if (e.descent)
            shape.passes = PassObservables{}.with(PassObservable::gradient_error).with(PassObservable::gradient_rounding);
        for (unsigned q = 0; e.passes && q < pass_observable_count; ++q) shape.passes = shape.passes.with(PassObservable(q));
    }
    const std::unique_ptr<BlockKernel> kernel(new_kernel<M>(model, 0));
    BlockBuffers block(shape, e.block_size);
    MemoryEvidence evidence(std::move(setup), shape, e.block_size);
    for (std::size_t first = 0; first < e.replicas; first += e.block_size) {
        const std::size_t count = std::min(e.block_size, e.replicas - first);
        kernel->run(shape, std::uint32_t(first), std::uint32_t(count), block);
        evidence.accept(first, count, block);
    }
    return evidence;
}

inline const Claim& registered(const std::string& id) {
    for (const Claim* claim : all_claims())
        if (claim->info().id == id) return *claim;
    throw InternalError("no claim is called '" + id + "'");
}

/// Plans and evaluates one claim as a family of its own.
inline ClaimResult judge(const std::string& id, const Evidence& evidence, double alpha = 1e-3) {
    const Claim& claim = registered(id);
    const ClaimPlan plan = claim.plan(evidence.setup());
    return evaluate_claim(claim, plan, evidence, alpha, plan.tests);
}

}  // namespace foldback::test
