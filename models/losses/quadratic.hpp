#pragma once
#include <vector>

#include "models/losses/loss.hpp"
#include "models/losses/observer.hpp"

namespace foldback {

/// A synthetic quadratic with independent noise, every constant and moment known:
///     l_xi(theta) = (1 + s e) (theta - th*)^T A (theta - th*) / 2 - z . (theta - th*),   e = +-1 fair, z ~ N(0, C)
///     grad l_xi = (1 + s e) A (theta - th*) - z,    hess l_xi = (1 + s e) A
/// that is (theta - c)^T A_xi (theta - c) / 2 but for a constant. A = sum_k spectrum_k q_k q_k^T, the rows q_k of
/// `rotation`: the axes when left out, or a random orthonormal basis by rotation_seed. C is `covariance`, or noise^2 I.
/// A mini-batch of b has one z ~ N(0, C / b) and the mean of b signs: the law of the mean of b samples.
struct Quadratic {
    static constexpr const char* kind = "quadratic";
    static constexpr const char* summary = "a quadratic of chosen spectrum, additive and multiplicative noise";
    static constexpr const char* example =
        "[model]\nkind  = \"sgd\"\nstep  = 0.5\nbatch = 2\n[model.loss]\nkind           = \"quadratic\"\n"
        "spectrum       = [1.0, 0.2]\nrotation_seed  = 1\nnoise          = 0.5\nmultiplicative = 0.3\n";

    Sampling sampling;
    std::vector<double> spectrum;    ///< ascending
    std::vector<double> A;           ///< (d, d)
    std::vector<double> optimum;     ///< th* (d)
    std::vector<double> covariance;  ///< C (d, d)
    std::vector<double> factor;      ///< F (d, d), F F^T = C / batch
    double multiplicative = 0;       ///< s, at most 1: all l_xi are convex
    bool noisy = false;              ///< C is not 0

    static Quadratic from(Settings& model, Sampling sampling);
    std::vector<NamedArray> parameters() const;
    Truth truth(const SgdPlan& plan) const;
    void resample(Sampling drawn);

    const double* centre() const { return optimum.data(); }
    std::size_t dimension() const { return optimum.size(); }
    std::size_t scratch_size() const { return 2 * dimension(); }
    Consumption consumption() const {
        return {.coins = multiplicative > 0 ? sampling.batch : 0, .normals = noisy ? unsigned(dimension()) : 0};
    }

    template <class R>
    struct Batch {
        Workspace<R> z;  ///< (d)
        R scale;         ///< 1 + s (mean of the signs)
    };
    template <class R>
    Batch<R> batch() const {
        return {Workspace<R>(dimension()), R(1.0)};
    }
    template <class R>
    void draw(Noise<R>& w, Batch<R>& b) const {
        const std::size_t d = dimension();
        for (std::size_t i = 0; i < d; ++i) b.z[i] = R(0.0);
        for (std::size_t k = 0; noisy && k < d; ++k) {
            const R n = w.normal();
            for (std::size_t i = 0; i < d; ++i) b.z[i] = fma(R(factor[i * d + k]), n, b.z[i]);
        }
        R signs(0.0);
        for (std::size_t k = 0; multiplicative > 0 && k < sampling.batch; ++k) signs += w.coin();
        b.scale = fma(R(multiplicative / sampling.batch), signs, R(1.0));
    }

    /// The gradient itself.
    template <class R, class X>
    void prepare(const Batch<R>& b, const X* theta, X* g) const {
        const std::size_t d = dimension();
        X* away = g + d;
        for (std::size_t i = 0; i < d; ++i) away[i] = theta[i] - X(optimum[i]);
        for (std::size_t i = 0; i < d; ++i) {
            X sum(0.0);
            for (std::size_t j = 0; j < d; ++j) sum = fma(X(A[i * d + j]), away[j], sum);
            g[i] = fma(X(b.scale), sum, X(-b.z[i]));
        }
    }
    template <class R, class X, class Sink>
    void each_gradient(const Batch<R>&, const X*, const X* g, Sink sink) const {
        for (std::size_t i = 0; i < dimension(); ++i) sink(i, g[i]);
    }
    template <class R>
    Curvature<R> curvature(const Batch<R>& b) const {
        return {b.scale * R(spectrum.front()), b.scale * R(spectrum.back())};
    }
    /// The loss itself, l = E l_xi.
    template <class R>
    Batch<R> average() const {
        Batch<R> b = batch<R>();
        for (std::size_t i = 0; i < dimension(); ++i) b.z[i] = R(0.0);
        return b;
    }
};

inline namespace FOLDBACK_ISA {

/// l = (theta - th*)^T A (theta - th*) / 2, and no data that could test.
template <class R>
class LossObserver<Quadratic, R> {
  public:
    explicit LossObserver(const Quadratic& loss) : average_(loss.average<R>()), gradient_(loss.scratch_size()) {}

    static LossObservables offered(const Quadratic&) {
        return LossObservables{}.with(LossObservable::train_loss).with(LossObservable::gradient_norm);
    }
    void observe(const Quadratic& loss, LossObservables wanted, const R* theta, R* out) {
        R value(0.0), square(0.0);
        loss.prepare(average_, theta, gradient_.data());
        for (std::size_t i = 0; i < loss.dimension(); ++i) {
            const R g = gradient_[i];
            value = fma(g, theta[i] - R(loss.optimum[i]), value);
            square = fma(g, g, square);
        }
        if (wanted.has(LossObservable::train_loss)) out[unsigned(LossObservable::train_loss)] = R(0.5) * value;
        if (wanted.has(LossObservable::gradient_norm)) out[unsigned(LossObservable::gradient_norm)] = sqrt(square);
    }

  private:
    Quadratic::Batch<R> average_;
    Workspace<R> gradient_;
};

}  // namespace FOLDBACK_ISA

}  // namespace foldback
