#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <type_traits>
#include <vector>

#include "models/losses/loss.hpp"
#include "models/losses/sgd_truth.hpp"
#include "sim/dual.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback {

/// What SGD on any loss reads from its [model] table; `loss` is the kind that [model.loss] must name.
SgdPlan read_sgd_plan(Settings& model, const char* loss);

/// SGD of constant step h on the loss L as a random map:
///     theta -> theta - h grad l_xi(theta),    xi a mini-batch
/// and with momentum beta > 0, on the enlarged state (theta, v), Polyak's heavy ball:
///     v -> beta v - h grad l_xi(theta),    theta -> theta + (the new v)
///
/// Lipschitz constants of l_xi's maps follow from the bounds of its Hessian's eigenvalues (theory.md, sgd-lipschitz): a
/// mini-batch is lower-convex and upper-smooth with the means of its samples' bounds, and step_norm is convex.
template <class L>
struct Sgd {
    static constexpr const char* kind = "sgd";
    static constexpr const char* summary = L::summary;
    static constexpr const char* example = L::example;
    static constexpr Bits bits = Bits::portable;

    struct Known {
        std::once_flag once;
        Truth truth;
    };

    SgdPlan plan;
    L loss;
    std::shared_ptr<Known> known = std::make_shared<Known>();  ///< found when it is first asked for

    static Sgd from(Settings& model) {
        const SgdPlan plan = read_sgd_plan(model, L::kind);
        return {plan, L::from(model, plan.sampling)};
    }
    std::vector<NamedArray> parameters() const;
    Truth truth() const {
        std::call_once(known->once, [this] { known->truth = loss.truth(plan); });
        return known->truth;
    }

    int dimension() const { return int(loss.dimension()) * (plan.momentum > 0 ? 2 : 1); }
    Consumption consumption() const { return loss.consumption(); }

    template <class R>
    struct Parameter {
        typename L::template Batch<R> batch;
        mutable Workspace<R> scratch;  ///< no part of the value
    };
    template <class R>
    Parameter<R> parameter() const {
        return {loss.template batch<R>(), Workspace<R>(loss.scratch_size())};
    }
    template <class R>
    void draw(Noise<R>& w, Parameter<R>& p) const {
        loss.draw(w, p.batch);
    }

    template <class P, class X>
    void apply(const P& p, std::span<X> x) const {
        if constexpr (std::is_same_v<decltype(p.scratch), Workspace<X>>) {
            descend(p, x.data(), p.scratch.data());
        } else {  // x of dual numbers
            Workspace<X> scratch(loss.scratch_size());
            descend(p, x.data(), scratch.data());
        }
    }

    template <class R>
    R lipschitz(const Parameter<R>& p) const requires HasCurvature<L, R> {
        const Curvature<R> bounds = loss.curvature(p.batch);
        return larger(norm_at(bounds.lower), norm_at(bounds.upper));
    }

  private:
    template <class P, class X>
    void descend(const P& p, X* x, X* scratch) const {
        const X step(-plan.step), beta(plan.momentum);
        X* v = x + loss.dimension();
        loss.prepare(p.batch, x, scratch);
        if (plan.momentum > 0)
            loss.each_gradient(p.batch, x, scratch, [=](std::size_t j, const X& g) {
                v[j] = fma(beta, v[j], step * g);
                x[j] += v[j];
            });
        else
            loss.each_gradient(p.batch, x, scratch, [=](std::size_t j, const X& g) { x[j] = fma(step, g, x[j]); });
    }

    // step_norm, lane by lane.
    template <class R>
    R norm_at(const R& curvature) const {
        const R a = fma(R(-plan.step), curvature, R(1.0));
        if (plan.momentum == 0) return abs(a);
        const R beta(plan.momentum), T = a * a + (a - R(1.0)) * (a - R(1.0)) + R(2.0) * beta * beta;
        const R square = larger(R(0.0), (T - R(2.0) * beta) * (T + R(2.0) * beta));
        return sqrt((T + sqrt(square)) * R(0.5));
    }
};

template <class L>
std::vector<NamedArray> Sgd<L>::parameters() const {
    std::vector<NamedArray> all{{"step", {}, {plan.step}},
                                {"batch", {}, {double(plan.sampling.batch)}},
                                {"reshuffled", {}, {double(plan.sampling.reshuffled)}},
                                {"momentum", {}, {plan.momentum}}};
    for (NamedArray& array : loss.parameters()) all.push_back(std::move(array));
    return all;
}

}  // namespace foldback
