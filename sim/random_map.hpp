#pragma once
#include <concepts>
#include <cstdint>
#include <span>

#include "sim/lanes.hpp"
#include "sim/loss_observables.hpp"
#include "sim/noise.hpp"
#include "sim/pass_observables.hpp"

// The vocabulary: what a random map is, and what more it may offer. A model is written once, over a scalar type R:
// `double` (the specification), `Lanes<W>` (W replicas at once, the same bits), a dual number (Jacobians).
//
// To add a model: write models/NAME.hpp with a struct that satisfies RandomMap (models/README.md shows one), a test
// tests/models/test_NAME.cpp that calls the law battery, and one line in models/registry.def.
namespace foldback::inline FOLDBACK_ISA {

template <class M, class R>
using ParameterOf = typename M::template Parameter<R>;

/// | expression              | type          | law                                                                        |
/// |-------------------------|---------------|----------------------------------------------------------------------------|
/// | f.consumption()         | Consumption   | packed items read per step, the same at every step                         |
/// | f.draw(w)               | Parameter<R>  | pure in w's address: equal (seed, replica, step) give equal parameters     |
/// | f.draw(w, p)            | void          | the same, filling a parameter made by f.parameter<R>(); for sizes that are  |
/// |                         |               | known at run-time only                                                     |
/// | f.apply(p, x)           | void          | x <- f_p(x), pure in (p, x); x is R& (ScalarMap) or std::span<R> (VectorMap) |
/// | f.dimension()           | int           | length of x; not needed for a ScalarMap, where it is 1                     |
template <class M, class R>
concept DrawsByValue = requires(const M& f, Noise<R>& w) { { f.draw(w) } -> std::same_as<ParameterOf<M, R>>; };

template <class M, class R>
concept DrawsInPlace = requires(const M& f, Noise<R>& w, ParameterOf<M, R>& p) {
    { f.template parameter<R>() } -> std::same_as<ParameterOf<M, R>>;
    f.draw(w, p);
};

template <class M, class R>
concept ScalarMap = requires(const M& f, const ParameterOf<M, R>& p, R& x) { f.apply(p, x); };

template <class M, class R>
concept VectorMap = requires(const M& f, const ParameterOf<M, R>& p, std::span<R> x) {
    f.apply(p, x);
    { f.dimension() } -> std::convertible_to<int>;
};

template <class M, class R>
concept RandomMap = (DrawsByValue<M, R> || DrawsInPlace<M, R>) && (ScalarMap<M, R> || VectorMap<M, R>) &&
                    requires(const M& f) { { f.consumption() } -> std::same_as<Consumption>; };

// What a model may offer besides; each member unlocks observables and claims.

/// `f.lipschitz(p) -> R`: the Lipschitz constant of the drawn map, in the model's metric, or a bound for it.
/// Law: distance(f_p(x), f_p(y)) <= lipschitz(p) distance(x, y) for all x, y in the state space.
template <class M, class R>
concept HasLipschitz = requires(const M& f, const ParameterOf<M, R>& p) { { f.lipschitz(p) } -> std::convertible_to<R>; };

/// `M::Gain<R>`, default-constructed for no maps at all; `g.append(f, p)` and `g.value() -> R`: a bound for
/// Lip(f_1 o ... o f_n) and Lip(f_n o ... o f_1), drawn maps appended in the order 1, 2, ...; without it, the product
/// of lipschitz(p). Law: value() never exceeds that product.
template <class M, class R>
concept HasGain = requires(const M& f, const ParameterOf<M, R>& p, typename M::template Gain<R>& g) {
    g.append(f, p);
    { g.value() } -> std::convertible_to<R>;
};

/// `f.distance(x, y) -> R` and `f.magnitude(x) -> R`: a metric other than the Euclidean one, and the factor by which a
/// relative error of x turns into a distance (|x| in the Euclidean metric, 1 in the logarithmic one).
template <class M, class R>
concept HasMetric = requires(const M& f, const R& x) {
    { f.distance(x, x) } -> std::convertible_to<R>;
    { f.magnitude(x) } -> std::convertible_to<R>;
};

/// `M::Composition<R>`: closed under composition. `c = f.template identity<R>()`, `f.compose(c, p)`: c <- c o f_p,
/// `f.evaluate(c, x)`: x <- c(x). Law: equals applying the maps one by one, but for rounding.
template <class M, class R>
concept HasComposition = requires(const M& f, const ParameterOf<M, R>& p, typename M::template Composition<R>& c) {
    { f.template identity<R>() } -> std::same_as<typename M::template Composition<R>>;
    f.compose(c, p);
};

/// What a model of a loss observes besides its states, at the checkpoints of every order (loss_observables.hpp).
///
/// | expression                  | type            | law                                                                    |
/// |-----------------------------|-----------------|------------------------------------------------------------------------|
/// | f.observables()             | LossObservables | which there are: no test_loss without test data, ...                   |
/// | M::Observer<R> o(f)         |                 | scratch space, made once for a block of replicas; f outlives it        |
/// | o.observe(f, wanted, x, out) | void           | out[unsigned(q)] for every q of `wanted`, a subset of                  |
/// |                             |                 | f.observables(); x: const R*, out: R*. Pure in x: no trace of earlier  |
/// |                             |                 | calls, and the bits of one do not depend on which others are wanted    |
template <class M, class R>
concept ObservesLoss = std::constructible_from<typename M::template Observer<R>, const M&> &&
                       requires(const M& f, typename M::template Observer<R>& o, LossObservables wanted, const R* x, R* out) {
                           { f.observables() } -> std::same_as<LossObservables>;
                           o.observe(f, wanted, x, out);
                       };

/// Where the passes of one step at one state put what they show: null, or room for as many numbers as the observable has.
template <class R>
struct PassRoom {
    R* at[pass_observable_count] = {};
    R* of(PassObservable q) const { return at[unsigned(q)]; }
};

/// What a model of perturbed forward-backward passes shows of a drawn step at a state (pass_observables.hpp).
///
/// | expression              | type   | law                                                                            |
/// |-------------------------|--------|--------------------------------------------------------------------------------|
/// | f.operators()           | size_t | N; 0: this model is no chain, and shows nothing                                |
/// | M::Passes<R> o(f)       |        | scratch space, made once for a block of replicas; f outlives it                |
/// | o.observe(f, p, x, out) | void   | fills what `out`, a PassRoom<R>, has room for. Pure in (p, x); x: const R*     |
template <class M, class R>
concept ObservesPasses = std::constructible_from<typename M::template Passes<R>, const M&> &&
                         requires(const M& f, typename M::template Passes<R>& o, const ParameterOf<M, R>& p, const R* x, const PassRoom<R>& out) {
                             { f.operators() } -> std::convertible_to<std::size_t>;
                             o.observe(f, p, x, out);
                         };

/// `f.apply_control(p, y)`: the linear twin of f_p, on the same noise: y <- f_p(th*) + D f_p(th*) (y - th*), y: R*. Law: pure in
/// (p, y), affine in y, and the mean of its stationary law is known. `f.has_control() -> bool`: whether th* is.
template <class M, class R>
concept HasControl = requires(const M& f, const ParameterOf<M, R>& p, R* y) {
    { f.has_control() } -> std::same_as<bool>;
    f.apply_control(p, y);
};

/// `f.keeps_non_finite() -> bool`: whether no map makes a finite state of one that is not, so that divergence need not be
/// looked for after every step; without it, it is. Law: every f_p leaves an infinite or NaN component where there is one.
template <class M>
concept KnowsNonFinite = requires(const M& f) { { f.keeps_non_finite() } -> std::same_as<bool>; };

/// `f.gradient(p, x, g)`: g <- grad l_p(x); `f.hessian_product(p, x, v, out)`: out <- hess l_p(x) v, all of them (const) R* of
/// f.dimension() scalars that do not overlap; `f.step_size() -> double`. Law: f_p(x) = x - step_size grad l_p(x) but for
/// rounding; a step_size of 0 says that the maps are no such steps (momentum).
template <class M, class R>
concept HasGradient = requires(const M& f, const ParameterOf<M, R>& p, const R* x, const R* v, R* g) {
    f.gradient(p, x, g);
    f.hessian_product(p, x, v, g);
    { f.step_size() } -> std::convertible_to<double>;
};

// One way to call each, whatever form the model chose.

template <class R, class M>
constexpr bool is_scalar = ScalarMap<M, R>;

template <class R, class M>
int dimension_of(const M& f) {
    if constexpr (is_scalar<R, M>) return 1; else return f.dimension();
}

template <class M>
bool keeps_non_finite(const M& f) {
    if constexpr (KnowsNonFinite<M>) return f.keeps_non_finite(); else return false;
}

template <class R, class M>
ParameterOf<M, R> make_parameter(const M& f) {
    if constexpr (DrawsInPlace<M, R>) return f.template parameter<R>(); else return ParameterOf<M, R>{};
}

template <class R, class M>
void draw_into(const M& f, Noise<R>& w, ParameterOf<M, R>& p) {
    if constexpr (DrawsInPlace<M, R>) f.draw(w, p); else p = f.draw(w);
}

/// x points to dimension_of(f) scalars.
template <class R, class M>
void apply_to(const M& f, const ParameterOf<M, R>& p, R* x) {
    if constexpr (is_scalar<R, M>) f.apply(p, *x); else f.apply(p, std::span<R>(x, std::size_t(f.dimension())));
}

/// The model's distance; Euclidean by default, summed in the order of the components.
template <class R, class M>
R distance_between(const M& f, const R* x, const R* y) {
    if constexpr (HasMetric<M, R>) {
        return f.distance(*x, *y);
    } else if constexpr (is_scalar<R, M>) {
        return abs(*x - *y);
    } else {
        R sum(0.0);
        for (int i = 0; i < f.dimension(); ++i) sum = fma(x[i] - y[i], x[i] - y[i], sum);
        return sqrt(sum);
    }
}

/// What a relative error of one ulp of x amounts to, in ulps of 1, in the model's metric.
template <class R, class M>
R magnitude_of(const M& f, const R* x) {
    if constexpr (HasMetric<M, R>) {
        return f.magnitude(*x);
    } else if constexpr (is_scalar<R, M>) {
        return abs(*x);
    } else {
        R sum(0.0);
        for (int i = 0; i < f.dimension(); ++i) sum = fma(x[i], x[i], sum);
        return sqrt(sum);
    }
}

}  // namespace foldback::inline FOLDBACK_ISA
