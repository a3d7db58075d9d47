#pragma once
#include <cmath>
#include <limits>

#include "models/composite/spectral_norm.hpp"
#include "models/composite/operator.hpp"

namespace foldback::inline FOLDBACK_ISA::composite {

inline constexpr double no_bound = std::numeric_limits<double>::quiet_NaN();

/// sup |D^2 v/sqrt(1 + |v|^2)| = (3/2) (5/4)^(-5/2), at |v| = 1/2, rounded up.
inline constexpr double curvature_of_normalisation = 0.85866;

/// a, b, c, d of an operator (operator.hpp) where |x~| arrives, and how large its own rounding is at most, in units of 2^-52:
/// `rounding` |what comes in| in either pass; that of its slopes, which depend on the rounded x, `slope_rounding` |x| in units
/// of c and d; `terms` relative to a norm. `ones`: what a bias adds to the |x| of both passes.
template <class R>
struct PathConstants {
    R a{0.0}, b{0.0}, c{0.0}, d{0.0}, rounding{0.0}, slope_rounding{0.0}, ones{0.0}, terms{0.0};
};

template <class R>
R frobenius(const R* w, std::size_t count) {
    R square(0.0);
    for (std::size_t i = 0; i < count; ++i) square = fma(w[i], w[i], square);
    return sqrt(square);
}

/// Of a dense operator. `x`: |x~_(n-1)|.
template <class R>
PathConstants<R> dense_constants(const Operator& f, std::size_t rows, const R* w, const R& x, R* room) {
    const double k = f.kind == OperatorKind::softplus ? 0.25 : 4 / (3 * std::sqrt(3.0));
    const R g(f.gain);
    R norm, size;
    if (f.matrix.empty()) {
        norm = spectral_norm_bound<R>([w](std::size_t i) { return w[i]; }, f.out, f.in, f.stride(), room);
        size = frobenius(w, f.weights());
    } else {
        norm = spectral_norm_bound<R>([m = f.matrix.data()](std::size_t i) { return m[i]; }, f.out, f.in, f.in, room);
        size = norm * R(std::sqrt(double(f.in < f.out ? f.in : f.out)));
    }
    const R arrives = f.bias ? sqrt(fma(x, x, R(double(rows)))) : x;
    PathConstants<R> p;
    p.a = g * norm;
    p.rounding = R(double(f.in + f.out + 16)) * (g * size + R(1.0));
    // |W|_F <= sqrt(smaller side) |W|.
    p.slope_rounding = R(double(f.in + 16) * std::sqrt(double(f.in < f.out ? f.in : f.out)));
    p.ones = R(f.bias ? 2 * std::sqrt(double(rows)) : 0.0);
    p.b = f.weights() > 0 ? g * arrives : R(0.0);
    p.d = f.weights() > 0 ? g : R(0.0);
    if (f.kind == OperatorKind::linear) return p;
    if (f.kind == OperatorKind::relu) {
        p.c = p.d = R(no_bound);
        return p;
    }
    p.c = R(k) * p.a * p.a;
    p.d = fma(R(k) * g * p.a, arrives, g);
    if (f.kind == OperatorKind::residual) p.a += R(1.0);
    return p;
}

template <class R>
PathConstants<R> constants_at(const Operator& f, std::size_t rows, const R* w, const R& x, R* room) {
    const double n = double(rows);
    PathConstants<R> p;
    p.rounding = R(double(16 + f.in) + n);
    if (f.idle) {
        p.a = R(1.0);
        p.rounding = R(0.0);
        return p;
    }
    switch (f.kind) {
        case OperatorKind::normalisation:
            p.a = R(1 / std::sqrt(f.epsilon));
            p.c = R(curvature_of_normalisation / (f.epsilon * std::sqrt(double(f.in))));
            p.rounding = R(double(f.in + 16)) * (p.a + R(1.0));
            p.slope_rounding = R(double(f.in + 16));
            return p;
        case OperatorKind::readout: {
            double square = 0;
            for (double d : f.direction) square += d * d;
            p.a = R(std::sqrt(square / n));
            return p;
        }
        case OperatorKind::squared:
            p.a = R(no_bound);
            p.c = R(1 / n);
            return p;
        case OperatorKind::logistic:
            p.a = R(1 / std::sqrt(n));
            p.c = R(0.25 / n);
            return p;
        case OperatorKind::softmax:
            p.a = R(std::sqrt(2 / n));
            p.c = R(0.5 / n);
            return p;
        default: return dense_constants(f, rows, w, x, room);
    }
}

/// Of any operator on `rows` rows: losses are their means.
template <class R>
PathConstants<R> path_constants(const Operator& f, std::size_t rows, const R* w, const R& x, R* room) {
    PathConstants<R> p = constants_at(f, rows, w, x, room);
    p.terms = R(double(16 + rows * (f.in + f.out) + f.weights()));
    return p;
}

}  // namespace foldback::inline FOLDBACK_ISA::composite
