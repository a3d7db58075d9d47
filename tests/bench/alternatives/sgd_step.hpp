#pragma once
#include <cmath>
#include <cstddef>

constexpr std::size_t columns = 10;

/// d l / d z of one sample, z = x . theta; h is the step size of the loss.
struct LeastSquares {
    static constexpr double h = 0.05;
    static double residual(double z, double y) { return z - y; }
};
struct Logistic {
    static constexpr double h = 0.1;
    static double residual(double z, double y) { return 1 / (1 + std::exp(-z)) - y; }
};

/// Calls f with the loss of that name.
template <class F>
auto with_loss(bool logistic, F f) {
    return logistic ? f(Logistic{}) : f(LeastSquares{});
}

/// theta <- theta - h residual(x . theta, y) x.
template <class Loss>
inline void sgd_step(const double* x, double y, double* theta) {
    double z = 0;
    for (std::size_t i = 0; i < columns; ++i) z += x[i] * theta[i];
    const double r = Loss::h * Loss::residual(z, y);
    for (std::size_t i = 0; i < columns; ++i) theta[i] -= r * x[i];
}
