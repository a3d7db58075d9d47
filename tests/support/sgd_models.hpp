#pragma once
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "sim/elementary.hpp"
#include "sim/model.hpp"
#include "sim/random_map.hpp"
#include "sim/settings.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::test {

/// SGD on a quadratic in the plane, noise in the gradient only: theta_i <- theta_i - h (lambda_i theta_i + s_i N). The
/// components are AR(1): Cov_ii = h s_i^2/(lambda_i (2 - h lambda_i)) exactly, S0_ii = s_i^2/(2 lambda_i).
struct NoisyQuadratic {
    static constexpr const char* kind = "noisy_quadratic";
    static constexpr const char* summary = "theta - h (lambda theta + s N), of the plane";
    static constexpr const char* example = "[model]\nkind = \"noisy_quadratic\"\nstep = 0.1\n";
    static constexpr Bits bits = Bits::portable;
    double h = 0.1, lambda[2] = {1, 0.5}, s[2] = {1, 2};

    static NoisyQuadratic from(Settings& table) {
        NoisyQuadratic model;
        model.h = table.number("step", Range::positive());
        model.s[0] = table.number("noise", 1.0, Range::positive());
        return model;
    }
    std::vector<NamedArray> parameters() const { return {{"step", {}, {h}}, {"noise", {}, {s[0]}}}; }

    int dimension() const { return 2; }
    template <class R>
    struct Parameter {
        R noise[2];
    };
    Consumption consumption() const { return {.normals = 2}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        const R first = w.normal();
        return {{first, w.normal()}};
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        for (std::size_t i = 0; i < 2; ++i) x[i] = R(1 - h * lambda[i]) * x[i] - R(h * s[i]) * p.noise[i];
    }
    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(contraction());
    }

    double contraction() const { return std::max(std::abs(1 - h * lambda[0]), std::abs(1 - h * lambda[1])); }
    double covariance(std::size_t i) const { return h * s[i] * s[i] / (lambda[i] * (2 - h * lambda[i])); }
    double rate(std::size_t i) const { return s[i] * s[i] / (2 * lambda[i]); }

    Truth truth() const {
        Truth t;
        t.lipschitz_moment = [rho = contraction()](double p) -> std::optional<Fact> { return Fact{std::pow(rho, p)}; };
        SgdTruth sgd;
        sgd.step = h;
        sgd.strong_convexity = Fact{std::min(lambda[0], lambda[1])};
        sgd.smoothness = Fact{std::max(lambda[0], lambda[1])};
        sgd.optimum = {0, 0};
        sgd.hessian = {lambda[0], 0, 0, lambda[1]};
        sgd.covariance = {s[0] * s[0], 0, 0, s[1] * s[1]};
        sgd.quadratic = true;
        t.sgd = std::make_shared<const SgdTruth>(std::move(sgd));
        return t;
    }
};

/// SGD in the plane on l_xi = sum_i ridge x_i^2/2 + w (log(1 + e^{x_i + a_i}) - sigma(a_i) x_i) - s xi_i x_i, xi
/// standard normal: convex with th* = 0, its third derivative there is not 0. Components are independent, so that every
/// constant of theory.md, section B, is a formula in one variable.
struct SoftSgd {
    double h = 0.1, ridge = 0.2, w = 2, s = 1, a[2] = {1, -0.5};
    double drift = 0;        ///< added to the gradient: th* moves, and the truth does not know
    double third_ratio = 1;  ///< of the third derivative that the truth believes in

    int dimension() const { return 2; }
    template <class R>
    struct Parameter {
        R noise[2];
    };
    Consumption consumption() const { return {.normals = 2}; }
    template <class R>
    Parameter<R> draw(Noise<R>& n) const {
        const R first = n.normal();
        return {{R(s) * first, R(s) * n.normal()}};
    }
    static double sigma(double x) { return 1 / (1 + std::exp(-x)); }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        for (std::size_t i = 0; i < 2; ++i) {
            const R slope = R(1.0) / (R(1.0) + elementary::exp(-x[i] - R(a[i]))) - R(sigma(a[i]));
            x[i] -= R(h) * (R(ridge) * x[i] + R(w) * slope - p.noise[i] + R(drift));
        }
    }
    bool has_control() const { return true; }
    template <class P, class R>
    void apply_control(const P& p, R* y) const {
        for (std::size_t i = 0; i < 2; ++i) y[i] -= R(h) * (R(curvature(i)) * y[i] - p.noise[i]);
    }

    double curvature(std::size_t i) const { return ridge + w * sigma(a[i]) * (1 - sigma(a[i])); }
    double third(std::size_t i) const {
        return third_ratio * w * sigma(a[i]) * (1 - sigma(a[i])) * (1 - 2 * sigma(a[i]));
    }
    /// (E Z - th*)/h for h -> 0.
    double bias(std::size_t i) const { return -third(i) * s * s / (4 * curvature(i) * curvature(i)); }

    Truth truth() const {
        Truth t;
        SgdTruth sgd;
        sgd.step = h;
        sgd.strong_convexity = Fact{ridge};
        sgd.smoothness = Fact{ridge + w / 4};
        sgd.optimum = {0, 0};
        sgd.hessian = {curvature(0), 0, 0, curvature(1)};
        sgd.covariance = {s * s, 0, 0, s * s};
        sgd.third = [c0 = third(0), c1 = third(1)](std::span<const double>, std::span<const double> P) {
            return std::vector<double>{c0 * P[0], c1 * P[3]};
        };
        t.sgd = std::make_shared<const SgdTruth>(std::move(sgd));
        return t;
    }
};

}  // namespace foldback::test
