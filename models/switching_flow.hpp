#pragma once
#include "models/laws/choice.hpp"
#include "models/laws/flow_family.hpp"
#include "models/laws/flow_map.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback {

/// The flow, for a time `time`, of a field chosen at random from a list, integrated by `substeps` steps of
/// Boost.Odeint's classical Runge-Kutta scheme. With h = time / substeps:
///
/// | field       | dx/dt                | contraction                                                                |
/// |-------------|----------------------|----------------------------------------------------------------------------|
/// | linear      | -rate (x - c_j)      | exactly R(-rate h)^substeps, R(z) = 1 + z + z^2/2 + z^3/6 + z^4/24: affine |
/// | double_well | rate (x - x^3) + c_j | on `region` only, proved with interval arithmetic; one-dimensional         |
///
/// c_j may be a vector (linear only); fields without a weight are equally likely. The region of the double well is its
/// state space: given as region = [lower, upper], or derived around its right well.
struct SwitchingFlow {
    static constexpr const char* kind = "switching_flow";
    static constexpr const char* summary =
        "the flow of a randomly chosen field, linear or a tilted double well, by Runge-Kutta steps";
    static constexpr const char* example =
        "[model]\nkind     = \"switching_flow\"\nfield    = \"linear\"\nrate     = 1.0\ntime     = 0.7\nsubsteps = 4\n"
        "fields   = [ { c = [0.0, 0.0] }, { c = [1.0, 0.0] }, { c = [0.0, 1.0] } ]\n";
    static constexpr Bits bits = Bits::portable;

    FlowFamily family;

    static SwitchingFlow from(Settings& table) { return {FlowFamily::from(table)}; }
    std::vector<NamedArray> parameters() const { return family.parameters(); }
    void check_start(std::span<const double> x) const { family.check_start(x); }
    int dimension() const { return family.dimension(); }
    Consumption consumption() const { return {.uniforms = 1}; }
    Truth truth() const { return family.truth(); }

    template <class R>
    struct Parameter {
        Workspace<R> c;  ///< (dim)
        R lipschitz;
    };
    template <class R>
    Parameter<R> parameter() const {
        return {Workspace<R>(std::size_t(family.dimension())), R(0.0)};
    }
    template <class R>
    void draw(Noise<R>& w, Parameter<R>& p) const {
        const auto d = std::size_t(family.dimension()), count = family.size();
        const auto index = choose(family.cumulated_weights(), count, w.uniform());
        for (std::size_t i = 0; i < d; ++i) p.c[i] = gather(family.table() + i * count, index);
        p.lipschitz = gather(family.table() + d * count, index);
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        const R rate(family.rate()), step(family.step());
        for (std::size_t i = 0; i < x.size(); ++i)
            for (int n = 0; n < family.substeps(); ++n) flow_step(family.field(), rate, R(p.c[i]), step, x[i]);
    }
    /// On the region, for the double well.
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return p.lipschitz;
    }
};

}  // namespace foldback
