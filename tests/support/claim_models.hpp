#pragma once
#include <cmath>
#include <span>
#include <vector>

#include "sim/elementary.hpp"
#include "sim/random_map.hpp"
#include "sim/truth.hpp"

// Small models whose every constant is known, for the tests of claims.
namespace foldback::test {

/// x -> a x + c + s N: stationary N(c/(1 - a), s^2/(1 - a^2)).
struct GaussianAr {
    double a = 0.5, s = 1, c = 0;
    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {R(s) * w.normal() + R(c)};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = R(a) * x + p.shift;
    }
    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(std::abs(a));
    }

    Truth truth() const {
        const double l = std::abs(a), mean = c / (1 - a), sd = s / std::sqrt(1 - a * a);
        Truth t;
        t.lipschitz_moment = [l](double p) -> std::optional<Fact> { return Fact{std::pow(l, p)}; };
        t.lipschitz_sure = Fact{l};
        t.chi = t.lyapunov = Fact{std::log(l)};
        t.log_lipschitz_variance = Fact{0};
        t.displacement = [*this](std::span<const double> x, double p) -> std::optional<Fact> {
            const double drift = (a - 1) * x[0] + c;
            if (p == 2) return Fact{std::hypot(drift, s)};
            if (p == 1)
                return Fact{s * std::sqrt(2 / M_PI) * std::exp(-drift * drift / (2 * s * s)) +
                            drift * std::erf(drift / (s * M_SQRT2))};
            return std::nullopt;
        };
        t.affine = AffineLaw{{a},
                             {c},
                             {c * c + s * s},
                             [a2 = a * a](std::span<const double> m) { return std::vector<double>{a2 * m[0]}; },
                             [ac = a * c](std::span<const double> m) { return std::vector<double>{ac * m[0]}; }};
        t.mean = {mean};
        t.covariance = {sd * sd};
        t.marginals = {{"normal",
                        [mean, sd](double x) { return 0.5 * std::erfc((mean - x) / (sd * M_SQRT2)); },
                        {},
                        {},
                        infinity}};
        return t;
    }
};

/// x -> a x + N w, w_i = 1 - i/d, in more dimensions than a claim looks at one by one; what it observes of a "loss" are
/// |x|^2/2 and whether x_0 > 0.
struct Wide {
    double a = 0.5;
    static constexpr int d = 65;
    int dimension() const { return d; }
    template <class R>
    struct Parameter {
        R n;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {w.normal()};
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        for (int i = 0; i < d; ++i) x[std::size_t(i)] = R(a) * x[std::size_t(i)] + R(1 - double(i) / d) * p.n;
    }

    LossObservables observables() const {
        return LossObservables{}.with(LossObservable::test_loss).with(LossObservable::test_accuracy);
    }
    template <class R>
    struct Observer {
        explicit Observer(const Wide&) {}
        void observe(const Wide&, LossObservables, const R* x, R* out) {
            R square(0.0);
            for (int i = 0; i < d; ++i) square += x[i] * x[i];
            out[unsigned(LossObservable::test_loss)] = R(0.5) * square;
            out[unsigned(LossObservable::test_accuracy)] = select(x[0] > R(0.0), R(1.0), R(0.0));
        }
    };
};

/// x -> exp(m + s N) x + 1: log-normal gains; E a^p = exp(p m + p^2 s^2/2), tail index -2 m/s^2.
struct Kesten {
    double m = -0.5, s = 0.7;
    template <class R>
    struct Parameter {
        R gain;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {elementary::exp(R(s) * w.normal() + R(m))};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = p.gain * x + R(1.0);
    }
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return p.gain;
    }

    Truth truth() const {
        Truth t;
        const auto moment = [*this](double p) { return std::exp(p * m + p * p * s * s / 2); };
        t.lipschitz_moment = [moment](double p) -> std::optional<Fact> { return Fact{moment(p)}; };
        t.chi = t.lyapunov = Fact{m};
        t.log_lipschitz_variance = Fact{s * s};
        t.tail_index = Fact{-2 * m / (s * s)};
        t.displacement = [moment](std::span<const double> x, double p) -> std::optional<Fact> {
            if (p == 2)
                return Fact{std::sqrt((moment(2) - 2 * moment(1) + 1) * x[0] * x[0] + 2 * (moment(1) - 1) * x[0] + 1)};
            if (p == 1 && x[0] == 0) return Fact{1.0};
            return std::nullopt;
        };
        t.affine = AffineLaw{{moment(1)},
                             {1},
                             {1},
                             [m2 = moment(2)](std::span<const double> x) { return std::vector<double>{m2 * x[0]}; },
                             [m1 = moment(1)](std::span<const double> x) { return std::vector<double>{m1 * x[0]}; }};
        return t;
    }
};

/// The plane: one of two affine maps, fair, A_k = r Q(angle_k), and Gaussian noise s N in the first component; A and b
/// dependent.
struct TwoSpirals {
    double r = 0.6, angle[2] = {0.5, -1.1}, b[2][2] = {{1, 0}, {-1, 0.5}}, s = 0.3;
    int dimension() const { return 2; }
    template <class R>
    struct Parameter {
        R c, n, b0, b1;
    };
    Consumption consumption() const { return {.coins = 1, .normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const auto first = w.coin() > R(0.0);
        const auto pick = [&](double u, double v) { return select(first, R(u), R(v)); };
        return {pick(r * std::cos(angle[0]), r * std::cos(angle[1])),
                pick(r * std::sin(angle[0]), r * std::sin(angle[1])), pick(b[0][0], b[1][0]) + R(s) * w.normal(),
                pick(b[0][1], b[1][1])};
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        const R x0 = x[0], x1 = x[1];
        x[0] = p.c * x0 - p.n * x1 + p.b0;
        x[1] = p.n * x0 + p.c * x1 + p.b1;
    }
    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(r);
    }

    std::vector<double> matrix(int k) const {
        const double c = r * std::cos(angle[k]), n = r * std::sin(angle[k]);
        return {c, -n, n, c};
    }
    Truth truth() const {
        Truth t;
        t.lipschitz_moment = [r = r](double p) -> std::optional<Fact> { return Fact{std::pow(r, p)}; };
        t.lipschitz_sure = Fact{r};
        t.chi = Fact{std::log(r)};
        t.log_lipschitz_variance = Fact{0};
        t.displacement = [*this](std::span<const double> x, double p) -> std::optional<Fact> {
            if (p > 2) return std::nullopt;
            double sum = s * s;
            for (int k : {0, 1}) {
                const auto A = matrix(k);
                sum += 0.5 * (std::pow(A[0] * x[0] + A[1] * x[1] + b[k][0] - x[0], 2) +
                              std::pow(A[2] * x[0] + A[3] * x[1] + b[k][1] - x[1], 2));
            }
            return Fact{std::sqrt(sum), p == 2 ? Label::exact : Label::bound};
        };
        AffineLaw law{std::vector<double>(4), std::vector<double>(2), {s * s, 0, 0, 0}, {}, {}};
        for (int k : {0, 1})
            for (std::size_t i = 0; i < 2; ++i) {
                law.mean_b[i] += b[k][i] / 2;
                for (std::size_t j = 0; j < 2; ++j) {
                    law.mean_A[2 * i + j] += matrix(k)[2 * i + j] / 2;
                    law.mean_bb[2 * i + j] += b[k][i] * b[k][j] / 2;
                }
            }
        law.conjugate = [*this](std::span<const double> S) {
            std::vector<double> out(4);
            for (int k : {0, 1}) {
                const auto A = matrix(k);
                for (std::size_t i = 0; i < 2; ++i)
                    for (std::size_t j = 0; j < 2; ++j)
                        for (std::size_t u = 0; u < 2; ++u)
                            for (std::size_t v = 0; v < 2; ++v)
                                out[2 * i + j] += 0.5 * A[2 * i + u] * S[2 * u + v] * A[2 * j + v];
            }
            return out;
        };
        law.cross = [*this](std::span<const double> m) {
            std::vector<double> out(4);
            for (int k : {0, 1}) {
                const auto A = matrix(k);
                for (std::size_t i = 0; i < 2; ++i)
                    for (std::size_t j = 0; j < 2; ++j)
                        out[2 * i + j] += 0.5 * (A[2 * i] * m[0] + A[2 * i + 1] * m[1]) * b[k][j];
            }
            return out;
        };
        t.affine = std::move(law);
        return t;
    }
};

}  // namespace foldback::test
