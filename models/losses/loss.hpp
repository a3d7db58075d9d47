#pragma once
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/model.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

// The vocabulary of losses: what models/sgd.hpp turns into a random map. A loss l = E l_xi is written over a scalar
// type like every model; xi is one mini-batch, and l_xi the mean of its samples' losses.
//
// To add a loss: write models/losses/NAME.hpp with a struct that satisfies Loss, a test tests/models/test_sgd_NAME.cpp
// that calls the law battery on Sgd<Name>, and one line in models/losses/registry.def.
namespace foldback {

class Settings;
struct MeanLoss;
struct SgdPlan;

/// How mini-batches are drawn.
struct Sampling {
    std::uint32_t batch = 1;
    /// Without replacement within epochs of floor(m / batch) batches; what is left of m samples sits the epoch out.
    bool reshuffled = false;
    /// Every batch holds all m samples, in their order: gradient descent. Then batch = m and reshuffled are set as well.
    bool full = false;
};

/// Bounds on the eigenvalues of hess l_xi(theta), whatever theta is: l_xi is lower-strongly convex and upper-smooth.
template <class R>
struct Curvature {
    R lower, upper;
};

// X is the scalar of theta: R, or a dual number over R.
//
// | expression                          | type         | law                                                        |
// |-------------------------------------|--------------|------------------------------------------------------------|
// | L::from(model, sampling)            | L            | reads [model.loss] and [model.data] of the [model] table   |
// | l.parameters()                      | NamedArray's | what /model of a file keeps                                |
// | l.dimension()                       | size_t       | of theta                                                   |
// | l.consumption()                     | Consumption  | packed items of one mini-batch                             |
// | l.batch<R>(), l.draw(w, batch)      | Batch<R>     | room for a mini-batch; pure in w's address                 |
// | l.resample(sampling)                |              | the same loss, its mini-batches drawn in another way       |
// | l.scratch_size()                    | size_t       | scalars that the next two need, for a drawn batch          |
// | l.prepare(batch, x, s)              | void         | all of grad l_xi(x) that depends on several components     |
// | l.each_gradient(batch, x, s, sink)  | void         | sink(j, g_j) once for each j, g = grad l_xi(x); reads x[j] |
// |                                     |              | before and never after it: sink may change x[j]. May spoil |
// |                                     |              | what prepare left in s                                     |
// | l.truth(plan)                       | Truth        | of SGD on it (models/losses/sgd_truth.hpp)                 |
// | l.curvature(batch)                  | Curvature<R> | optional: unlocks Lipschitz constants                      |
// | l.centre()                          | const double* | optional: th*, null if there is none; unlocks the control  |
// | l.glorot(seed)                      | vector       | optional: a start by the name of "glorot"                  |
// | l.orthogonal(seed, scale)           | vector       | optional: a start by the name of "orthogonal"              |
// | l.differentiable()                  | bool         | optional: whether x -> grad l_xi(x) is; else it is         |
// | l.memory(), l.remember(s, x)        | size_t, void | optional: numbers behind theta that l.prepare reads of x,  |
// |                                     |              | 0 at a start, and which remember renews after a step       |
// | L::Passes<R> o(l), l.operators(), o.observe(l, batch, x, room) | | optional, of chains: sim/random_map.hpp's       |
// |                                     |              | ObservesPasses, for a mini-batch                           |
template <class L, class R>
concept Loss = requires(L& changed, const L& l, Settings& table, Sampling sampling, Noise<R>& w,
                        typename L::template Batch<R>& batch, const R* x, R* scratch, const SgdPlan& plan) {
    { L::from(table, sampling) } -> std::same_as<L>;
    { L::kind } -> std::convertible_to<const char*>;
    { L::summary } -> std::convertible_to<const char*>;
    { L::example } -> std::convertible_to<const char*>;
    { l.parameters() } -> std::same_as<std::vector<NamedArray>>;
    { l.dimension() } -> std::convertible_to<std::size_t>;
    { l.consumption() } -> std::same_as<Consumption>;
    { l.template batch<R>() } -> std::same_as<typename L::template Batch<R>>;
    l.draw(w, batch);
    changed.resample(sampling);
    { l.scratch_size() } -> std::convertible_to<std::size_t>;
    l.prepare(batch, x, scratch);
    l.each_gradient(batch, x, scratch, [](std::size_t, const R&) {});
    { l.truth(plan) } -> std::same_as<Truth>;
};

template <class L>
concept HasCentre = requires(const L& l) {
    { l.centre() } -> std::same_as<const double*>;
};

template <class L>
concept HasGlorot = requires(const L& l) {
    { l.glorot(std::uint64_t{}) } -> std::same_as<std::vector<double>>;
};

template <class L>
concept HasOrthogonal = requires(const L& l) {
    { l.orthogonal(std::uint64_t{}, 1.0) } -> std::same_as<std::vector<double>>;
};

template <class L>
concept HasMemory = requires(const L& l) {
    { l.memory() } -> std::same_as<std::size_t>;
};

template <class L>
concept HasOperators = requires(const L& l) {
    { l.operators() } -> std::same_as<std::size_t>;
};

struct NoPasses {};
template <class L, class R>
struct PassesOfLoss {
    using Type = NoPasses;
};
template <HasOperators L, class R>
struct PassesOfLoss<L, R> {
    using Type = typename L::template Passes<R>;
};
/// L::Passes<R>, or nothing.
template <class L, class R>
using PassesOf = typename PassesOfLoss<L, R>::Type;

template <class L, class R>
concept HasCurvature = requires(const L& l, const typename L::template Batch<R>& batch) {
    { l.curvature(batch) } -> std::same_as<Curvature<R>>;
};

}  // namespace foldback
