#pragma once
#include <cstddef>

#include "sim/lanes.hpp"

namespace foldback {

/// r(theta) = (ridge / 2) |theta|^2 + rho sum_j theta_j^2 / (1 + theta_j^2); the second part is not convex: its second
/// derivative lies between -rho/2, at theta_j = 1, and 2 rho, at 0.
struct Regulariser {
    double ridge = 0, rho = 0;

    bool none() const { return ridge == 0 && rho == 0; }

    /// d r / d theta_j.
    template <class X>
    X slope(const X& t) const {
        if (rho == 0) return X(ridge) * t;
        const X square = fma(t, t, X(1.0));
        return t * (X(ridge) + X(2 * rho) / (square * square));
    }
    template <class X>
    X value(const X* theta, std::size_t dimension) const {
        X squares(0.0), bumps(0.0);
        for (std::size_t i = 0; i < dimension; ++i) {
            const X square = theta[i] * theta[i];
            squares += square;
            if (rho != 0) bumps += square / (X(1.0) + square);
        }
        return fma(X(rho), bumps, X(ridge / 2) * squares);
    }
};

}  // namespace foldback
