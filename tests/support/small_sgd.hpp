#pragma once
#include <cmath>
#include <memory>
#include <span>

#include "sim/random_map.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::test {

/// SGD in the plane on l_xi(x) = (x - t)^T A_xi (x - t)/2 + kappa x_0^3/3 - e_xi . x, t = (1, -2): A_xi one of two
/// matrices that do not commute, fair, e_xi standard normal in the first component. Without kappa everything is exact.
struct SmallSgd {
    double h = 0.1, kappa = 0;
    static constexpr double A[2][3] = {{2, 0.5, 1}, {1, -0.25, 3}};  ///< A_00, A_01, A_11
    static constexpr double t[2] = {1, -2};

    int dimension() const { return 2; }
    Consumption consumption() const { return {.coins = 1, .normals = 1}; }
    template <class R>
    struct Parameter {
        R a00, a01, a11, e;
    };
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const auto first = w.coin() > R(0.0);
        const auto entry = [&](int i) { return select(first, R(A[0][i]), R(A[1][i])); };
        return {entry(0), entry(1), entry(2), w.normal()};
    }

    double step_size() const { return h; }
    template <class P, class R>
    void gradient(const P& p, const R* x, R* g) const {
        const R u = x[0] - R(t[0]), v = x[1] - R(t[1]);
        g[0] = p.a00 * u + p.a01 * v - p.e + R(kappa) * x[0] * x[0];
        g[1] = p.a01 * u + p.a11 * v;
    }
    template <class P, class R>
    void hessian_product(const P& p, const R* x, const R* v, R* out) const {
        out[0] = (p.a00 + R(2 * kappa) * x[0]) * v[0] + p.a01 * v[1];
        out[1] = p.a01 * v[0] + p.a11 * v[1];
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        R g[2];
        gradient(p, x.data(), g);
        for (int i = 0; i < 2; ++i) x[std::size_t(i)] -= R(h) * g[i];
    }

    bool has_control() const { return true; }
    /// Linearised at t, which is th* without kappa.
    template <class P, class R>
    void apply_control(const P& p, R* y) const {
        const R u = y[0] - R(t[0]), v = y[1] - R(t[1]);
        y[0] -= R(h) * (p.a00 * u + p.a01 * v - p.e);
        y[1] -= R(h) * (p.a01 * u + p.a11 * v);
    }

    /// Stand-ins with closed forms: train_loss |x - t|^2/2, gradient_norm |x_0|, optimum_distance |x - t|.
    LossObservables observables() const {
        using Q = LossObservable;
        return LossObservables{}.with(Q::train_loss).with(Q::gradient_norm).with(Q::optimum_distance);
    }
    template <class R>
    struct Observer {
        explicit Observer(const SmallSgd&) {}
        void observe(const SmallSgd&, LossObservables wanted, const R* x, R* out) {
            const R u = x[0] - R(t[0]), v = x[1] - R(t[1]), square = u * u + v * v;
            using Q = LossObservable;
            if (wanted.has(Q::train_loss)) out[unsigned(Q::train_loss)] = R(0.5) * square;
            if (wanted.has(Q::gradient_norm)) out[unsigned(Q::gradient_norm)] = abs(x[0]);
            if (wanted.has(Q::optimum_distance)) out[unsigned(Q::optimum_distance)] = sqrt(square);
        }
    };
};

/// SGD on the line on l_xi(x) = a_xi x^2/2 - s e_xi x: a_xi either 0 or L, fair, e_xi standard normal. Two paths meet
/// in mean square exactly at the rate of sgd-mean-square, and each map has exactly the constant of sgd-lipschitz.
struct FlatOrCurved {
    double h = 0.1, L = 1, s = 1;
    double mu() const { return L / 2; }

    Consumption consumption() const { return {.coins = 1, .normals = 1}; }
    template <class R>
    struct Parameter {
        R a, e;
    };
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {select(w.coin() > R(0.0), R(0.0), R(L)), R(s) * w.normal()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x -= R(h) * (p.a * x - p.e);
    }
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return abs(R(1.0) - R(h) * p.a);
    }

    LossObservables observables() const { return LossObservables{}.with(LossObservable::optimum_distance); }
    template <class R>
    struct Observer {
        explicit Observer(const FlatOrCurved&) {}
        void observe(const FlatOrCurved&, LossObservables, const R* x, R* out) {
            out[unsigned(LossObservable::optimum_distance)] = abs(x[0]);
        }
    };

    Truth truth() const {
        Truth t;
        t.lipschitz_sure = Fact{1};
        t.lipschitz_moment = [c = 1 - h * L](double p) { return Fact{(1 + std::pow(std::abs(c), p)) / 2}; };
        SgdTruth sgd;
        sgd.step = h;
        sgd.strong_convexity = Fact{mu()};
        sgd.smoothness = Fact{L};
        sgd.gradient_noise = Fact{s * s};
        sgd.optimum = {0};
        t.sgd = std::make_shared<const SgdTruth>(sgd);
        return t;
    }
};

/// SGD on the line on l_xi(x) = (x - e_xi)^2/2, e_xi = +1 or -1, fair: l = (x^2 + 1)/2, th* = 0, every constant exact
/// and sure. Negative steps climb away from th*.
struct CoinTargets {
    double h = 0.2;

    Consumption consumption() const { return {.coins = 1}; }
    template <class R>
    struct Parameter {
        R e;
    };
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {w.coin()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x -= R(h) * (x - p.e);
    }
    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(std::abs(1 - h));
    }

    LossObservables observables() const {
        return LossObservables{}.with(LossObservable::train_loss).with(LossObservable::gradient_norm);
    }
    template <class R>
    struct Observer {
        explicit Observer(const CoinTargets&) {}
        void observe(const CoinTargets&, LossObservables, const R* x, R* out) {
            out[unsigned(LossObservable::train_loss)] = R(0.5) * (x[0] * x[0] + R(1.0));
            out[unsigned(LossObservable::gradient_norm)] = abs(x[0]);
        }
    };

    Truth truth() const {
        Truth t;
        const double l = std::abs(1 - h);
        t.lipschitz_sure = Fact{l};
        t.lipschitz_moment = [l](double p) { return Fact{std::pow(l, p)}; };
        t.displacement = [h = h](std::span<const double> x, double) { return Fact{h * (std::abs(x[0]) + 1)}; };
        SgdTruth sgd;
        sgd.step = h;
        sgd.strong_convexity = sgd.smoothness = sgd.curvature = sgd.gradient_noise = Fact{1};
        sgd.optimum = {0};
        t.sgd = std::make_shared<const SgdTruth>(sgd);
        return t;
    }
};

}  // namespace foldback::test
