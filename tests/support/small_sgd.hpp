#pragma once
#include <cmath>
#include <span>

#include "sim/random_map.hpp"
#include "sim/truth.hpp"

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

}  // namespace foldback::test
