#pragma once
#include <cmath>
#include <utility>
#include <vector>

#include "sim/sgd_truth.hpp"

// Losses so small that everything about SGD on them is known: closed derivatives, and the law of F_n by listing every
// sequence of samples.
namespace foldback::test {

/// l_i(theta) = log(1 + exp(-z_i . theta)) + (ridge/2)|theta|^2 with one sample z_i (label times features) per step,
/// drawn uniformly.
struct SmallLogistic {
    std::vector<std::vector<double>> z;
    double ridge = 0, step = 0.1;

    std::size_t dimension() const { return z[0].size(); }
    double margin(std::size_t i, std::span<const double> theta) const {
        double sum = 0;
        for (std::size_t k = 0; k < theta.size(); ++k) sum += z[i][k] * theta[k];
        return sum;
    }
    std::vector<double> sample_gradient(std::size_t i, std::span<const double> theta) const {
        std::vector<double> g(theta.begin(), theta.end());
        const double weight = -1 / (1 + std::exp(margin(i, theta)));
        for (std::size_t k = 0; k < g.size(); ++k) g[k] = ridge * theta[k] + weight * z[i][k];
        return g;
    }

    SgdTruth truth() const {
        SgdTruth t;
        t.step = step;
        t.loss = [*this](std::span<const double> theta) {
            double sum = 0, square = 0;
            for (std::size_t i = 0; i < z.size(); ++i) sum += std::log1p(std::exp(-margin(i, theta)));
            for (double x : theta) square += x * x;
            return sum / double(z.size()) + ridge / 2 * square;
        };
        t.gradient = [*this](std::span<const double> theta) {
            std::vector<double> sum(theta.size());
            for (std::size_t i = 0; i < z.size(); ++i) {
                const auto g = sample_gradient(i, theta);
                for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += g[k] / double(z.size());
            }
            return sum;
        };
        t.hessian_at = [*this](std::span<const double> theta) {
            const std::size_t d = theta.size();
            std::vector<double> h(d * d);
            for (std::size_t k = 0; k < d; ++k) h[k * d + k] = ridge;
            for (std::size_t i = 0; i < z.size(); ++i) {
                const double s = 1 / (1 + std::exp(-margin(i, theta)));
                for (std::size_t k = 0; k < d * d; ++k)
                    h[k] += s * (1 - s) * z[i][k / d] * z[i][k % d] / double(z.size());
            }
            return h;
        };
        t.covariance_at = [*this](std::span<const double> theta) {
            const std::size_t d = theta.size();
            const auto mean = truth().gradient(theta);
            std::vector<double> c(d * d);
            for (std::size_t i = 0; i < z.size(); ++i) {
                const auto g = sample_gradient(i, theta);
                for (std::size_t k = 0; k < d * d; ++k)
                    c[k] += (g[k / d] - mean[k / d]) * (g[k % d] - mean[k % d]) / double(z.size());
            }
            return c;
        };
        t.third = [*this](std::span<const double> theta, std::span<const double> P) {
            const std::size_t d = theta.size();
            std::vector<double> sum(d);
            for (std::size_t i = 0; i < z.size(); ++i) {
                const double s = 1 / (1 + std::exp(-margin(i, theta)));
                double zPz = 0;
                for (std::size_t k = 0; k < d * d; ++k) zPz += z[i][k / d] * P[k] * z[i][k % d];
                for (std::size_t k = 0; k < d; ++k)
                    sum[k] += s * (1 - s) * (1 - 2 * s) * zPz * z[i][k] / double(z.size());
            }
            return sum;
        };
        return t;
    }

    /// Mean and covariance of F_n(start), over all sequences of n samples.
    std::pair<std::vector<double>, std::vector<double>> exact_moments(const std::vector<double>& start, int n) const {
        std::vector<std::vector<double>> states{start};
        for (int k = 0; k < n; ++k) {
            std::vector<std::vector<double>> next;
            for (const auto& theta : states)
                for (std::size_t i = 0; i < z.size(); ++i) {
                    next.push_back(theta);
                    const auto g = sample_gradient(i, theta);
                    for (std::size_t c = 0; c < theta.size(); ++c) next.back()[c] -= step * g[c];
                }
            states = std::move(next);
        }
        const std::size_t d = start.size();
        const double count = double(states.size());
        std::vector<double> mean(d), covariance(d * d);
        for (const auto& theta : states)
            for (std::size_t k = 0; k < d; ++k) mean[k] += theta[k] / count;
        for (const auto& theta : states)
            for (std::size_t k = 0; k < d * d; ++k)
                covariance[k] += (theta[k / d] - mean[k / d]) * (theta[k % d] - mean[k % d]) / count;
        return {mean, covariance};
    }
};

/// l_xi(theta) = (1/2) theta^T H theta - xi . theta with Cov xi = C, xi independent of theta.
inline SgdTruth quadratic_truth(std::vector<double> hessian, std::vector<double> covariance, double step) {
    SgdTruth t;
    t.step = step;
    t.quadratic = true;
    t.gradient = [hessian](std::span<const double> theta) {
        std::vector<double> g(theta.size());
        for (std::size_t k = 0; k < hessian.size(); ++k) g[k / g.size()] += hessian[k] * theta[k % g.size()];
        return g;
    };
    t.hessian_at = [hessian](std::span<const double>) { return hessian; };
    t.covariance_at = [covariance](std::span<const double>) { return covariance; };
    t.optimum.assign(std::size_t(std::lround(std::sqrt(double(hessian.size())))), 0.0);
    return t;
}

}  // namespace foldback::test
