#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <type_traits>
#include <vector>

#include "models/losses/loss.hpp"
#include "models/losses/observer.hpp"
#include "models/losses/sgd_truth.hpp"
#include "models/losses/starts.hpp"
#include "sim/dual.hpp"
#include "sim/named_start.hpp"
#include "sim/random_map.hpp"
#include "sim/range.hpp"
#include "sim/workspace.hpp"

namespace foldback {

/// What SGD on any loss reads from its [model] table; `loss` is the kind that [model.loss] must name, `step` where a constant
/// step may lie.
SgdPlan read_sgd_plan(Settings& model, const char* loss, const Range& step);

/// SGD of step h, constant or falling with the number t of the map, on the loss L as a random map:
///     theta -> theta - h grad l_xi(theta),    xi a mini-batch
/// and with momentum beta > 0, on the enlarged state (theta, v), Polyak's heavy ball:
///     v -> beta v - h grad l_xi(theta),    theta -> theta + (the new v)
///
/// A loss whose passes use what earlier steps computed keeps that behind theta: the state is (theta, memory) or (theta, memory, v).
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
        // Passes can be looked at without moving.
        const SgdPlan plan = read_sgd_plan(model, L::kind, HasOperators<L> ? Range::non_negative() : Range::positive());
        Sgd sgd{plan, L::from(model, plan.sampling)};
        // What a full batch is, the data say.
        if constexpr (requires { sgd.loss.sampling.full; }) sgd.plan.sampling = sgd.loss.sampling;
        return sgd;
    }
    std::vector<NamedArray> parameters() const;
    /// Starts of its own; with momentum, at rest: (theta, 0).
    static std::vector<std::string> start_kinds();
    std::vector<double> named_start(const std::string& name, Settings& table, const ForwardRun<Sgd>& run) const;
    Truth truth() const {
        std::call_once(known->once, [this] {
            known->truth = loss.truth(plan);
            if (plan.falls()) known->truth = of_falling_steps(std::move(known->truth));
        });
        return known->truth;
    }

    int dimension() const { return int(loss.dimension() * (plan.momentum > 0 ? 2 : 1) + memory()); }
    /// Makes a start of a state: nothing was computed before it.
    void forget(std::vector<double>& state) const {
        for (std::size_t j = loss.dimension(); j < std::min(state.size(), loss.dimension() + memory()); ++j) state[j] = 0;
    }
    Consumption consumption() const { return loss.consumption(); }

    template <class R>
    struct Parameter {
        typename L::template Batch<R> batch;
        double step;  ///< h_t
        // No part of the value: room for what is computed with it.
        mutable Workspace<R> scratch;
        mutable Workspace<Dual<R, 1>> varied;
    };
    template <class R>
    Parameter<R> parameter() const {
        return {loss.template batch<R>(), plan.step_at(1), Workspace<R>(loss.scratch_size()),
                Workspace<Dual<R, 1>>(loss.dimension() + loss.scratch_size())};
    }
    template <class R>
    void draw(Noise<R>& w, Parameter<R>& p) const {
        if (plan.falls()) p.step = plan.step_at(w.address().step);
        loss.draw(w, p.batch);
    }

    // What a memory keeps is forgotten again.
    bool keeps_non_finite() const { return memory() == 0; }
    template <class P, class X>
    void apply(const P& p, std::span<X> x) const {
        if constexpr (std::is_same_v<decltype(p.scratch), Workspace<X>>) {
            descend(p, x.data(), p.scratch.data());
        } else {  // x of dual numbers
            Workspace<X> scratch(loss.scratch_size());
            descend(p, x.data(), scratch.data());
        }
    }

    /// f_p(x) = x - h grad l_p(x) but for rounding; 0 with momentum or memory, where it is not, and where no h is that of all p.
    double step_size() const {
        if constexpr (requires { loss.differentiable(); })
            if (!loss.differentiable()) return 0;
        return plan.momentum > 0 || plan.falls() || memory() > 0 ? 0 : plan.step;
    }
    /// g <- grad l_p(x), at x = theta.
    template <class R>
    void gradient(const Parameter<R>& p, const R* x, R* g) const {
        loss.prepare(p.batch, x, p.scratch.data());
        loss.each_gradient(p.batch, x, p.scratch.data(), [g](std::size_t j, const R& value) { g[j] = value; });
    }
    /// out <- hess l_p(x) v: the gradient's derivative along v. Not of losses with a memory.
    template <class R>
    void hessian_product(const Parameter<R>& p, const R* x, const R* v, R* out) const {
        along(
            p, [x](std::size_t j) { return x[j]; }, [v](std::size_t j) { return v[j]; },
            [out](std::size_t j, const Dual<R, 1>& g) { out[j] = g.slope[0]; });
    }

    LossObservables observables() const {
        const LossObservables all = LossObserver<L, Lanes<1>>::offered(loss);
        return knows_optimum() ? all.with(LossObservable::optimum_distance) : all;
    }
    template <class R>
    struct Observer {
        LossObserver<L, R> loss;

        explicit Observer(const Sgd& f) : loss(f.loss) {}
        void observe(const Sgd& f, LossObservables wanted, const R* x, R* out) {
            loss.observe(f.loss, wanted, x, out);
            if constexpr (HasCentre<L>)
                if (wanted.has(LossObservable::optimum_distance))
                    out[unsigned(LossObservable::optimum_distance)] = f.optimum_distance(x);
        }
    };

    /// Of losses that are chains: what their perturbed passes show. The velocity of a momentum deviates by nothing.
    template <class R>
    struct Passes {
        PassesOf<L, R> loss;
        explicit Passes(const Sgd& f) requires HasOperators<L> : loss(f.loss) {}
        void observe(const Sgd& f, const Parameter<R>& p, const R* x, const PassRoom<R>& room) {
            for (PassObservable q : {PassObservable::gradient_deviation, PassObservable::antithetic_deviation})
                for (std::size_t j = f.loss.dimension(); room.of(q) && j < std::size_t(f.dimension()); ++j) room.of(q)[j] = R(0.0);
            loss.observe(f.loss, p.batch, x, room);
        }
    };
    std::size_t operators() const requires HasOperators<L> { return loss.operators(); }

    /// Whether th* is known, the linear twin would have all that its passes need, and it has a stationary law.
    bool has_control() const { return knows_optimum() && memory() == 0 && !plan.falls(); }
    /// The twin of f_p that is linear: its gradient is grad l_p(th*) + hess l_p(th*) (theta - th*). On independent
    /// batches the mean of its stationary law is th*, exactly.
    template <class R>
    void apply_control(const Parameter<R>& p, R* y) const requires HasCentre<L> {
        const double* centre = loss.centre();
        const R step(-p.step), beta(plan.momentum);
        R* v = y + loss.dimension();
        const auto descend = [&](std::size_t j, const Dual<R, 1>& g) {
            const R slope = g.value + g.slope[0];
            if (plan.momentum > 0) {
                v[j] = fma(beta, v[j], step * slope);
                y[j] += v[j];
            } else {
                y[j] = fma(step, slope, y[j]);
            }
        };
        along(
            p, [centre](std::size_t j) { return R(centre[j]); }, [=](std::size_t j) { return y[j] - R(centre[j]); },
            descend);
    }

    template <class R>
    R lipschitz(const Parameter<R>& p) const requires HasCurvature<L, R> {
        const Curvature<R> bounds = loss.curvature(p.batch);
        return larger(norm_at(p.step, bounds.lower), norm_at(p.step, bounds.upper));
    }

  private:
    std::size_t memory() const {
        if constexpr (HasMemory<L>) return loss.memory(); else return 0;
    }
    bool knows_optimum() const {
        if constexpr (HasCentre<L>) return loss.centre() != nullptr; else return false;
    }
    template <class R>
    R optimum_distance(const R* theta) const {
        const double* centre = loss.centre();
        R square(0.0);
        for (std::size_t j = 0; j < loss.dimension(); ++j) {
            const R away = theta[j] - R(centre[j]);
            square = fma(away, away, square);
        }
        return sqrt(square);
    }

    /// sink(j, (g_j, its derivative along v)) for the gradient g of l_p at x.
    template <class R, class Point, class Direction, class Sink>
    void along(const Parameter<R>& p, Point x, Direction v, Sink sink) const {
        Dual<R, 1>* theta = p.varied.data();
        Dual<R, 1>* scratch = theta + loss.dimension();
        for (std::size_t j = 0; j < loss.dimension(); ++j) {
            theta[j] = Dual<R, 1>(x(j));
            theta[j].slope[0] = v(j);
        }
        const Dual<R, 1>* at = theta;
        loss.prepare(p.batch, at, scratch);
        loss.each_gradient(p.batch, at, scratch, sink);
    }

    template <class P, class X>
    void descend(const P& p, X* x, X* scratch) const {
        const X step(-p.step), beta(plan.momentum);
        X* v = x + loss.dimension() + memory();
        loss.prepare(p.batch, x, scratch);
        if (plan.momentum > 0)
            loss.each_gradient(p.batch, x, scratch, [=](std::size_t j, const X& g) {
                v[j] = fma(beta, v[j], step * g);
                x[j] += v[j];
            });
        else
            loss.each_gradient(p.batch, x, scratch, [=](std::size_t j, const X& g) { x[j] = fma(step, g, x[j]); });
        if constexpr (HasMemory<L>) loss.remember(scratch, x);
    }

    // step_norm, lane by lane.
    template <class R>
    R norm_at(double step, const R& curvature) const {
        const R a = fma(R(-step), curvature, R(1.0));
        if (plan.momentum == 0) return abs(a);
        const R beta(plan.momentum), T = a * a + (a - R(1.0)) * (a - R(1.0)) + R(2.0) * beta * beta;
        const R square = larger(R(0.0), (T - R(2.0) * beta) * (T + R(2.0) * beta));
        return sqrt((T + sqrt(square)) * R(0.5));
    }
};

template <class L>
std::vector<NamedArray> Sgd<L>::parameters() const {
    std::vector<NamedArray> all{{"step", {}, {plan.step_at(1)}},
                                {"batch", {}, {double(plan.sampling.batch)}},
                                {"reshuffled", {}, {double(plan.sampling.reshuffled)}},
                                {"full", {}, {double(plan.sampling.full)}},
                                {"momentum", {}, {plan.momentum}}};
    if (plan.falls()) all.push_back({"falling_step", {3}, {plan.step, plan.t0, plan.exponent}});  // c, t0, exponent
    for (NamedArray& array : loss.parameters()) all.push_back(std::move(array));
    return all;
}

template <class L>
std::vector<std::string> Sgd<L>::start_kinds() {
    std::vector<std::string> kinds{"trained"};
    if (HasCentre<L>) kinds.emplace_back("optimum");
    if (HasGlorot<L>) kinds.emplace_back("glorot");
    if (HasOrthogonal<L>) kinds.emplace_back("orthogonal");
    return kinds;
}

template <class L>
std::vector<double> Sgd<L>::named_start(const std::string& name, Settings& table, const ForwardRun<Sgd>& run) const {
    std::vector<double> theta;
    if (name == "trained") {
        const Training training = read_training(table);
        Sgd plain{training.plan, loss};
        plain.loss.resample(training.plan.sampling);
        const auto named = [&](Settings& from) {
            std::vector<double> state = start_from(plain, from, loss.dimension(), run);
            state.resize(loss.dimension());
            return state;
        };
        std::vector<double> origin = read_origin(table, loss.dimension(), named);
        origin.resize(std::size_t(plain.dimension()), 0.0);
        theta = run(plain, training.seed, training.steps, origin);
        check_trained(table, theta);
        theta.resize(loss.dimension());
    }
    if constexpr (HasCentre<L>)
        if (name == "optimum") theta = optimum_start(table, loss.centre(), loss.dimension());
    if constexpr (HasGlorot<L>)
        if (name == "glorot") theta = loss.glorot(read_start_seed(table));
    if constexpr (HasOrthogonal<L>)
        if (name == "orthogonal") theta = loss.orthogonal(read_start_seed(table), read_start_scale(table));
    theta.resize(std::size_t(dimension()), 0.0);
    return theta;
}

}  // namespace foldback
