#pragma once
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "analysis/evidence.hpp"
#include "sim/composite_truth.hpp"
#include "sim/random_map.hpp"

// Gradient steps with a known bias and a known noise, on losses of two separate weights: every constant of theory.md,
// sections C and D, is in sight.
namespace foldback::test {

/// l = sum_i lambda_i w_i^2/2.
struct Bowl {
    double lambda[2] = {1, 0.5};
    template <class R>
    R loss(std::size_t i, const R& w) const {
        return R(lambda[i] / 2) * w * w;
    }
    template <class R>
    R slope(std::size_t i, const R& w) const {
        return R(lambda[i]) * w;
    }
    double smoothness() const { return std::max(lambda[0], lambda[1]); }
    std::optional<Fact> pl() const { return Fact{std::min(lambda[0], lambda[1])}; }
};

/// l = sum_i lambda w_i^2/2 + rho w_i^2/(1 + w_i^2): not convex, inf l = 0.
struct Dented {
    double lambda = 0.02, rho = 1;
    template <class R>
    R loss(std::size_t, const R& w) const {
        return R(lambda / 2) * w * w + R(rho) * w * w / (R(1.0) + w * w);
    }
    template <class R>
    R slope(std::size_t, const R& w) const {
        const R d = R(1.0) + w * w;
        return R(lambda) * w + R(2 * rho) * w / (d * d);
    }
    double smoothness() const { return lambda + 2 * rho; }
    std::optional<Fact> pl() const { return std::nullopt; }
};

/// w <- w - eta (grad l(w) + b_t e_0 + n_t), n_t normal with E|n_t|^2 = noise^2, b_t = bias t^(-decay), and `spike` more
/// at the steps of `spikes`.
template <class Loss>
struct Training {
    Loss loss{};
    double eta = 0.1, bias = 0, decay = 0, noise = 0, spike = 0;
    std::vector<double> spikes{};
    bool full_batch = true;
    std::function<double(double t)> schedule{};  ///< eta_t; empty: eta

    double step_at(double t) const { return schedule ? schedule(t) : eta; }
    int dimension() const { return 2; }
    double bias_at(double t) const {
        double b = bias * std::pow(t, -decay);
        for (double s : spikes) b += s == t ? spike : 0;
        return b;
    }

    template <class R>
    struct Parameter {
        R added[2];
        double step;
    };
    Consumption consumption() const { return {.normals = 2}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R first = w.normal(), second = w.normal();
        const double deviation = noise / std::sqrt(2.0);
        return {{R(bias_at(w.address().step)) + R(deviation) * first, R(deviation) * second}, step_at(w.address().step)};
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        for (std::size_t i = 0; i < 2; ++i) x[i] -= R(p.step) * (loss.slope(i, x[i]) + p.added[i]);
    }

    LossObservables observables() const {
        return LossObservables{}.with(LossObservable::train_loss).with(LossObservable::gradient_norm);
    }
    template <class R>
    struct Observer {
        explicit Observer(const Training&) {}
        void observe(const Training& f, LossObservables, const R* x, R* out) {
            R l(0.0), square(0.0);
            for (std::size_t i = 0; i < 2; ++i) {
                l += f.loss.loss(i, x[i]);
                square += f.loss.slope(i, x[i]) * f.loss.slope(i, x[i]);
            }
            out[unsigned(LossObservable::train_loss)] = l;
            out[unsigned(LossObservable::gradient_norm)] = sqrt(square);
        }
    };

    std::size_t operators() const { return 1; }
    template <class R>
    struct Passes {
        explicit Passes(const Training&) {}
        void observe(const Training&, const Parameter<R>& p, const R*, const PassRoom<R>& out) {
            const R error = sqrt(p.added[0] * p.added[0] + p.added[1] * p.added[1]);
            if (R* to = out.of(PassObservable::gradient_error)) *to = error;
            if (R* to = out.of(PassObservable::gradient_rounding)) *to = R(0x1p-50) * error;
        }
    };

    CompositeTruth::Descent descent() const {
        CompositeTruth::Descent d;
        d.smoothness = Fact{loss.smoothness()};
        d.pl = loss.pl();
        d.infimum = Fact{0};
        d.bias = [f = *this](double t) { return std::abs(f.bias_at(t)); };
        d.noise_square = [s = noise](double) { return s * s; };
        d.step = [f = *this](double t) { return f.step_at(t); };
        d.spikes = !spikes.empty();
        d.spike_steps = spikes;
        d.full_batch = full_batch;
        return d;
    }
    Truth truth() const {
        CompositeTruth composite;
        composite.operators.resize(1);
        composite.step = eta;
        composite.descent = descent();
        Truth t;
        t.homogeneous = !schedule && spikes.empty() && (bias == 0 || decay == 0);
        t.composite = std::make_shared<const CompositeTruth>(std::move(composite));
        return t;
    }
};

/// Changes what claims are told of the descent.
inline std::function<void(Setup&)> believing(const std::function<void(CompositeTruth::Descent&)>& change) {
    return [change](Setup& setup) {
        CompositeTruth composite = *setup.truth.composite;
        change(*composite.descent);
        setup.truth.composite = std::make_shared<const CompositeTruth>(std::move(composite));
    };
}

}  // namespace foldback::test
