#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/composite_truth.hpp"
#include "sim/elementary.hpp"
#include "sim/random_map.hpp"

namespace foldback::test {

enum class Bend { linear, tanh, relu };

/// SGD on a chain of N operators in the plane, one training row: x_n = phi(W_n x_{n-1}), n < N, and the last one either
/// c . x or |x - t|^2/2. The weights are the entries of W_1, ..., W_{N-1}. Gaussian noise, or +-s in every coordinate.
template <std::size_t N>
struct SmallChain {
    Bend bend = Bend::linear;
    bool squared = false, bounded = false;
    double forward = 0, backward = 0;              ///< standard deviations of a coordinate
    double forward_shift = 0, backward_shift = 0;  ///< what is wrong with noise that should have mean 0
    double eta = 0;
    double constants = 1;  ///< a factor on all Lipschitz constants

    static constexpr double input[2] = {1.2, -0.5}, readout[2] = {0.8, -0.6}, target[2] = {0.3, 0.4};
    static constexpr double k = 0.76980035891950105;  ///< 4/(3 sqrt 3), max |tanh''|
    static constexpr std::size_t inner = N - 1;

    /// W_n = a times a rotation.
    static std::vector<double> rotations(double a) {
        std::vector<double> w;
        for (std::size_t n = 1; n < N; ++n) {
            const double c = a * std::cos(0.7 * double(n)), s = a * std::sin(0.7 * double(n));
            w.insert(w.end(), {c, -s, s, c});
        }
        return w;
    }

    int dimension() const { return int(4 * inner); }
    std::size_t operators() const { return N; }
    Consumption consumption() const {
        const auto all = std::uint32_t(4 * inner);
        return {.coins = bounded ? all : 0, .normals = bounded ? 0 : all};
    }

    template <class R>
    struct Parameter {
        R eps[inner][2], zeta[inner][2];  ///< of x_1, u_1, ...
    };
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        Parameter<R> p;
        for (auto& rows : {p.eps, p.zeta})
            for (std::size_t n = 0; n < inner; ++n)
                for (std::size_t i = 0; i < 2; ++i) rows[n][i] = bounded ? w.coin() : w.normal();
        return p;
    }

    template <class R>
    struct Trace {
        R x[N][2], u[N][2], slope[N][2], g[inner][4], loss;
    };

    template <class R>
    Trace<R> pass(const Parameter<R>& p, const R* w, double sign, bool perturbed) const {
        Trace<R> t;
        const R f(perturbed ? sign * forward : 0), b(perturbed ? sign * backward : 0);
        const R f0(perturbed ? forward_shift : 0), b0(perturbed ? backward_shift : 0);
        for (std::size_t i = 0; i < 2; ++i) t.x[0][i] = R(input[i]);
        for (std::size_t n = 1; n < N; ++n)
            for (std::size_t i = 0; i < 2; ++i) {
                const R* row = w + 4 * (n - 1) + 2 * i;
                const R z = row[0] * t.x[n - 1][0] + row[1] * t.x[n - 1][1];
                const R y = bend == Bend::tanh ? elementary::tanh(z) : z;
                const auto off = bend == Bend::relu ? z < R(0.0) : R(1.0) < R(0.0);
                t.slope[n][i] = bend == Bend::tanh ? R(1.0) - y * y : select(off, R(0.0), R(1.0));
                t.x[n][i] = select(off, R(0.0), y) + f * p.eps[n - 1][i] + f0;
            }
        t.loss = R(0.0);
        for (std::size_t i = 0; i < 2; ++i) {
            const R miss = t.x[inner][i] - R(target[i]);
            t.loss += squared ? R(0.5) * miss * miss : R(readout[i]) * t.x[inner][i];
            t.u[inner][i] = (squared ? miss : R(readout[i])) + b * p.zeta[inner - 1][i] + b0;
        }
        for (std::size_t n = inner; n > 0; --n) {
            const R v[2] = {t.slope[n][0] * t.u[n][0], t.slope[n][1] * t.u[n][1]};
            for (std::size_t i = 0; i < 4; ++i) t.g[n - 1][i] = v[i / 2] * t.x[n - 1][i % 2];
            if (n == 1) continue;
            for (std::size_t i = 0; i < 2; ++i)
                t.u[n - 1][i] = w[4 * (n - 1) + i] * v[0] + w[4 * (n - 1) + 2 + i] * v[1] + b * p.zeta[n - 2][i] + b0;
        }
        return t;
    }

    template <class P, class R>
    void apply(const P& p, std::span<R> w) const {
        const auto t = pass(p, w.data(), 1, true);
        for (std::size_t i = 0; i < 4 * inner; ++i) w[i] -= R(eta) * t.g[i / 4][i % 4];
    }

    template <class R, std::size_t D>
    static R norm(const R (&x)[D]) {
        R sum(0.0);
        for (std::size_t i = 0; i < D; ++i) sum = fma(x[i], x[i], sum);
        return sqrt(sum);
    }
    template <class R, std::size_t D>
    static R distance(const R (&x)[D], const R (&y)[D]) {
        R d[D];
        for (std::size_t i = 0; i < D; ++i) d[i] = x[i] - y[i];
        return norm(d);
    }
    /// |W|, the largest singular value.
    template <class R>
    static R spectral(const R* w) {
        const R f = w[0] * w[0] + w[1] * w[1] + w[2] * w[2] + w[3] * w[3], det = w[0] * w[3] - w[1] * w[2];
        const R rest = f * f - R(4.0) * det * det;
        return sqrt(R(0.5) * (f + sqrt(select(rest > R(0.0), rest, R(0.0)))));
    }

    template <class R>
    struct Passes {
        explicit Passes(const SmallChain&) {}
        void observe(const SmallChain& f, const Parameter<R>& p, const R* w, const PassRoom<R>& out) {
            const Trace<R> exact = f.pass(p, w, 1, false), noisy = f.pass(p, w, 1, true),
                           mirrored = f.pass(p, w, -1, true);
            f.show(p, w, exact, noisy, out);
            R square(0.0), length(0.0), dot(0.0), noisy_length(0.0);
            for (std::size_t i = 0; i < 4 * inner; ++i) {
                const R g = exact.g[i / 4][i % 4], h = noisy.g[i / 4][i % 4], m = mirrored.g[i / 4][i % 4];
                put(out, PassObservable::gradient_deviation, i, h - g);
                put(out, PassObservable::antithetic_deviation, i, R(0.5) * ((h - g) + (m - g)));
                square += (h - g) * (h - g);
                length += g * g;
                noisy_length += h * h;
                dot += g * h;
            }
            put(out, PassObservable::gradient_relative_error, 0, sqrt(square / length));
            put(out, PassObservable::gradient_cosine, 0, dot / sqrt(length * noisy_length));
        }
    };

    template <class R>
    static void put(const PassRoom<R>& out, PassObservable q, std::size_t i, const R& value) {
        if (out.of(q)) out.of(q)[i] = value;
    }

    template <class R>
    void show(const Parameter<R>& p, const R* w, const Trace<R>& exact, const Trace<R>& noisy,
              const PassRoom<R>& out) const {
        using Q = PassObservable;
        R e[N + 1], r[N + 1], eps[inner], zeta[inner];
        e[0] = r[N] = R(0.0);
        for (std::size_t n = 1; n < N; ++n) {
            e[n] = distance(noisy.x[n], exact.x[n]);
            r[n] = distance(noisy.u[n], exact.u[n]);
            R moved[2], pulled[2];
            for (std::size_t i = 0; i < 2; ++i) {
                moved[i] = R(forward) * p.eps[n - 1][i] + R(forward_shift);
                pulled[i] = R(backward) * p.zeta[n - 1][i] + R(backward_shift);
            }
            eps[n - 1] = norm(moved);
            zeta[n - 1] = norm(pulled);
        }
        e[N] = abs(noisy.loss - exact.loss);
        const auto lip = [&](std::size_t n) {
            return R(constants) * (n < N ? spectral(w + 4 * (n - 1)) : R(squared ? nan : 1));
        };
        // No Lipschitz constant of a derivative: no bound where there is an error to be multiplied.
        const auto bent = [&](const R& c, const R& error) {
            return bend == Bend::relu ? select(error == R(0.0), R(0.0), R(nan)) : R(constants) * c * error;
        };
        const R none(0.0);
        for (std::size_t n = 1; n <= N; ++n) {
            const R size = R(64 * eps_of_double) * (n < N ? norm(noisy.x[n]) + e[n] : abs(noisy.loss) + e[n] + R(1.0));
            put(out, Q::forward_error, n - 1, e[n]);
            put(out, Q::forward_bound, n - 1, lip(n) * e[n - 1] + (n < N ? eps[n - 1] : none));
            put(out, Q::forward_rounding, n - 1, size);
            R c = bend == Bend::tanh ? R(k) * lip(n + 1 < N ? n + 1 : 1) * lip(n + 1 < N ? n + 1 : 1) : none;
            const bool last = n + 1 == N;
            const R u_next = n + 1 < N ? norm(exact.u[n + 1]) : R(1.0);
            const R curved = last ? (squared ? R(constants) * e[n] : none) : n < N ? bent(c, e[n]) * u_next : none;
            const R carried = last || n == N ? none : lip(n + 1) * r[n + 1];
            put(out, Q::backward_error, n - 1, r[n]);
            put(out, Q::backward_bound, n - 1, n < N ? carried + curved + zeta[n - 1] : none);
            put(out, Q::backward_rounding, n - 1, n < N ? R(64 * eps_of_double) * (norm(noisy.u[n]) + r[n]) : none);
            if (n == N) break;
            const R b = R(constants) * norm(noisy.x[n - 1]);
            const R d = bend == Bend::tanh ? R(k) * lip(n) * norm(noisy.x[n - 1]) + R(1.0) : R(1.0);
            const R g_size = norm(noisy.u[n]) * norm(noisy.x[n - 1]);
            put(out, Q::gradient_error, n - 1, distance(noisy.g[n - 1], exact.g[n - 1]));
            put(out, Q::gradient_bound, n - 1, b * r[n] + bent(d, e[n - 1]) * norm(exact.u[n]));
            put(out, Q::gradient_rounding, n - 1, R(64 * eps_of_double) * g_size);
        }
        for (const Q q : {Q::gradient_error, Q::gradient_bound, Q::gradient_rounding}) put(out, q, N - 1, none);
    }

    static constexpr double eps_of_double = 0x1p-52, nan = std::numeric_limits<double>::quiet_NaN();

    Truth truth() const;
};

/// A symmetric 2 x 2 matrix: covariances along a chain.
struct Cov {
    double xx = 0, xy = 0, yy = 0;
    double trace() const { return xx + yy; }
    /// w C w^T, or w^T C w.
    Cov through(const double* w, bool transposed) const {
        const double a = w[0], b = transposed ? w[2] : w[1], c = transposed ? w[1] : w[2], d = w[3];
        return {a * a * xx + 2 * a * b * xy + b * b * yy, a * c * xx + (a * d + b * c) * xy + b * d * yy,
                c * c * xx + 2 * c * d * xy + d * d * yy};
    }
    Cov plus(double variance) const { return {xx + variance, xy, yy + variance}; }
};

template <std::size_t N>
Truth SmallChain<N>::truth() const {
    CompositeTruth t;
    for (std::size_t n = 1; n < N; ++n)
        t.operators.push_back({std::string(bend == Bend::linear ? "linear"
                                           : bend == Bend::tanh ? "tanh"
                                                                : "relu") +
                                   " 2 -> 2",
                               4 * (n - 1), 4, bend == Bend::linear, bend != Bend::relu});
    t.operators.push_back({squared ? "squared loss" : "readout", 4 * inner, 0, !squared, true});
    t.step = eta;
    const auto describe = [&](CompositeTruth::Pass& one, double s, const char* name) {
        one.perturbed = s > 0;
        one.deviation.assign(N, s);
        one.sure_norm.assign(N, bounded ? s * std::sqrt(2.0) * (1 + 1e-12) : infinity);
        one.biased_by = name;
    };
    describe(t.forward, forward, "perturbations.0");
    describe(t.backward, backward, "perturbations.1");
    if (bend == Bend::linear) {
        t.forward_error_square = [*this](std::span<const double> w) {
            std::vector<double> squares;
            Cov c;
            for (std::size_t n = 1; n < N; ++n) {
                c = c.through(w.data() + 4 * (n - 1), false).plus(forward * forward);
                squares.push_back(c.trace());
            }
            const double* a = readout;
            squares.push_back(squared ? nan : a[0] * a[0] * c.xx + 2 * a[0] * a[1] * c.xy + a[1] * a[1] * c.yy);
            return squares;
        };
        // x~ and u~ are independent and right in the mean: E|u~ x~^T - u x^T|^2 = E|u~|^2 E|x~|^2 - |u|^2 |x|^2.
        const auto gradient = [*this](std::span<const double> w, bool errors) {
            const auto exact = pass(Parameter<double>{}, w.data(), 1, false);
            Cov x[N], u[N];
            for (std::size_t n = 1; n < N; ++n)
                x[n] = x[n - 1].through(w.data() + 4 * (n - 1), false).plus(forward * forward);
            u[inner] = u[inner].plus(backward * backward);
            for (std::size_t n = inner; n > 1; --n)
                u[n - 1] = u[n].through(w.data() + 4 * (n - 1), true).plus(backward * backward);
            std::vector<double> squares;
            for (std::size_t n = 1; n < N; ++n) {
                const double xx = std::pow(norm(exact.x[n - 1]), 2), uu = std::pow(norm(exact.u[n]), 2);
                squares.push_back(errors ? (uu + u[n].trace()) * (xx + x[n - 1].trace()) - uu * xx : uu * xx);
            }
            squares.push_back(0);
            return squares;
        };
        if (!squared || forward == 0)
            t.gradient_error_square = [gradient](std::span<const double> w) { return gradient(w, true); };
        t.gradient_square = [gradient](std::span<const double> w) { return gradient(w, false); };
    }
    if (bend == Bend::tanh && bounded)
        t.uniform = [*this](std::span<const double> w) -> std::optional<CompositeTruth::Uniform> {
            const auto exact = pass(Parameter<double>{}, w.data(), 1, false);
            CompositeTruth::Uniform all;
            all.b = std::max(norm(exact.x[0]), std::sqrt(2.0) * (1 + forward));
            for (std::size_t n = 1; n < N; ++n) {
                all.a = std::max(all.a, spectral(w.data() + 4 * (n - 1)));
                all.u = std::max(all.u, norm(exact.u[n]));
            }
            all.u = std::max(all.u, 1.0);
            all.a *= constants;
            all.c = std::max(k * all.a * all.a, squared ? 1.0 : 0.0);
            all.d = k * all.a * all.b + 1;
            return all;
        };
    Truth truth;
    truth.composite = std::make_shared<const CompositeTruth>(std::move(t));
    return truth;
}

}  // namespace foldback::test
