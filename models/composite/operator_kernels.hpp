#pragma once
#include <algorithm>

#include "models/composite/operator.hpp"
#include "models/losses/class_scores.hpp"
#include "models/losses/rows.hpp"
#include "sim/elementary.hpp"

// What an operator does, over a scalar type X: for one row at a time, x (in), z and y (out). Sums in a fixed order.
namespace foldback::inline FOLDBACK_ISA::composite {

/// z_j <- g (W x + v)_j; weight(k): number k of (W, v), row by row.
template <class X, class Weight>
void dense_values(const Operator& f, Weight weight, const X* x, X* z) {
    const std::size_t in = f.in, stride = f.stride();
    const X gain(f.gain);
    in_blocks(f.out, [&](auto block, std::size_t first) {
        constexpr std::size_t B = block.value;
        X sum[B];
        unrolled<B>([&](std::size_t k) { sum[k] = f.bias ? X(weight((first + k) * stride + in)) : X(0.0); });
        for (std::size_t i = 0; i < in; ++i) {
            const X here = x[i];
            unrolled<B>([&](std::size_t k) { sum[k] = fma(X(weight((first + k) * stride + i)), here, sum[k]); });
        }
        unrolled<B>([&](std::size_t k) { z[first + k] = gain * sum[k]; });
    });
}

/// The same of one unit for all rows at once: their sums run side by side.
template <class X, class Weight>
void single_values(const Operator& f, Weight weight, std::size_t count, const X* x, X* z) {
    const X gain(f.gain);
    in_blocks(count, [&](auto block, std::size_t first) {
        constexpr std::size_t B = block.value;
        X sum[B];
        unrolled<B>([&](std::size_t r) { sum[r] = f.bias ? X(weight(f.in)) : X(0.0); });
        for (std::size_t i = 0; i < f.in; ++i) {
            const X w = weight(i);
            unrolled<B>([&](std::size_t r) { sum[r] = fma(w, x[(first + r) * f.in + i], sum[r]); });
        }
        unrolled<B>([&](std::size_t r) { z[first + r] = gain * sum[r]; });
    });
}

/// Asks for memory that is read next, some lines at a time, while something else is computed: the weights of a register of
/// replicas are more than the first-level cache holds. No part of any value.
class Ahead {
  public:
    template <class X>
    Ahead(const X* from, std::size_t count) : at_(reinterpret_cast<const char*>(from)), size_(std::min(count * sizeof(X), most)) {}

    /// In that many parts.
    void split(std::size_t parts) { step_ = (size_ + parts - 1) / parts; }
    void ask() {
        const std::size_t now = std::min(step_, size_);
        for (std::size_t i = 0; i < now; i += 64) __builtin_prefetch(at_ + i);
        at_ += now;
        size_ -= now;
    }

  private:
    static constexpr std::size_t most = 16384;  // half of a usual cache
    const char* at_;
    std::size_t size_, step_ = 0;
};

/// y in place of z, and its derivative.
template <class X>
void activate(const Operator& f, const X* x, X* z, X* slope, Ahead ahead) {
    const X one(1.0), zero(0.0);
    ahead.split(f.out);
    for (std::size_t j = 0; j < f.out; ++j) {
        ahead.ask();
        if (f.kind == OperatorKind::tanh || f.kind == OperatorKind::residual) {
            const X t = elementary::tanh(z[j]);
            slope[j] = (one - t) * (one + t);
            z[j] = f.kind == OperatorKind::tanh ? t : x[j] + t;
        } else if (f.kind == OperatorKind::softplus) {
            slope[j] = one / (one + elementary::exp(-z[j]));
            z[j] = larger(z[j], zero) + elementary::log1p(elementary::exp(-abs(z[j])));
        } else {
            slope[j] = select(z[j] > zero, one, zero);
            z[j] = larger(z[j], zero);
        }
    }
}

/// slope[0] <- 1 / sqrt(|x|^2 / width + eps).
template <class X>
void normalise(const Operator& f, const X* x, X* y, X* slope) {
    X square(0.0);
    for (std::size_t i = 0; i < f.in; ++i) square = fma(x[i], x[i], square);
    slope[0] = X(1.0) / sqrt(square / X(double(f.in)) + X(f.epsilon));
    for (std::size_t i = 0; i < f.in; ++i) y[i] = x[i] * slope[0];
}

/// y <- f(x; w) for all rows, and what the backward pass needs into slope. weight(k): the operator's own.
template <class X, class Weight>
void apply_dense(const Operator& f, Weight weight, std::size_t count, const X* x, X* y, X* slope, Ahead ahead) {
    if (f.out == 1)
        single_values(f, weight, count, x, y);
    else
        for (std::size_t r = 0; r < count; ++r) dense_values(f, weight, x + r * f.in, y + r * f.out);
    for (std::size_t r = 0; f.kind != OperatorKind::linear && r < count; ++r)
        activate(f, x + r * f.in, y + r * f.out, slope + r * f.out, r == 0 ? ahead : Ahead(x, 0));
}

/// `ahead`: the weights of the operator that comes next.
template <class X>
void apply_operator(const Operator& f, std::size_t count, const X* w, const X* x, X* y, X* slope, Ahead ahead) {
    if (f.idle)
        for (std::size_t i = 0; i < count * f.in; ++i) y[i] = x[i];
    else if (f.kind == OperatorKind::normalisation)
        for (std::size_t r = 0; r < count; ++r) normalise(f, x + r * f.in, y + r * f.in, slope + r);
    else if (f.matrix.empty())
        apply_dense(f, [w](std::size_t k) { return w[k]; }, count, x, y, slope, ahead);
    else
        apply_dense(f, [m = f.matrix.data()](std::size_t k) { return m[k]; }, count, x, y, slope, ahead);
}

/// below <- (I - y y^T / width) u / rho, the symmetric Jacobian of a normalisation times u.
template <class X>
void normalise_back(const Operator& f, const X* x, const X* slope, const X* u, X* below) {
    X inner(0.0);
    for (std::size_t i = 0; i < f.in; ++i) inner = fma(x[i], u[i], inner);
    const X along = inner * slope[0] * slope[0] / X(double(f.in));
    for (std::size_t i = 0; i < f.in; ++i) below[i] = (u[i] - x[i] * along) * slope[0];
}

/// W^T delta added to below, unless that is null, and delta_j x_i to sink(number of the weight, it) once it has been read.
template <class X, class Weight, class Sink>
void dense_back(const Operator& f, Weight weight, const X* x, const X* delta, X* below, Sink sink) {
    const std::size_t stride = f.stride();
    in_blocks(f.in, [=, &f](auto block, std::size_t first) {
        constexpr std::size_t B = block.value;
        X sum[B], here[B];
        unrolled<B>([&](std::size_t k) {
            sum[k] = below ? below[first + k] : X(0.0);
            here[k] = x[first + k];
        });
        const std::size_t out = f.out;
        for (std::size_t j = 0; j < out; ++j) {
            const X d = delta[j];
            unrolled<B>([&](std::size_t k) {
                sum[k] = fma(X(weight(j * stride + first + k)), d, sum[k]);
                sink(j * stride + first + k, d * here[k]);
            });
        }
        if (below) unrolled<B>([&](std::size_t k) { below[first + k] = sum[k]; });
    });
    for (std::size_t j = 0; f.bias && j < f.out; ++j) sink(j * stride + f.in, delta[j]);
}

/// delta <- u slope g, the adjoint of W x; and what is handed on besides W^T delta into below.
template <class X>
void begin_back(const Operator& f, const X* slope, const X* u, X* delta, X* below) {
    const X gain(f.gain);
    const bool sloped = f.kind != OperatorKind::linear, residual = f.kind == OperatorKind::residual;
    for (std::size_t j = 0; j < f.out; ++j) delta[j] = (sloped ? u[j] * slope[j] : u[j]) * gain;
    for (std::size_t i = 0; below && i < f.in; ++i) below[i] = residual ? u[i] : X(0.0);
}

// Losses: means over the rows, x (row, in).

template <class Rows, class X>
X target_of(const Operator& f, const Rows& rows, std::size_t row, std::size_t i) {
    return f.features_target ? X(rows.x(row, i)) : X(rows.y(row));
}

/// u (row, in) <- d (mean loss) / d x. `scores`: room for in x rows.
template <class Rows, class X>
void loss_adjoint(const Operator& f, const Rows& rows, const X* x, X* u, X* scores) {
    const std::size_t count = rows.count(), in = f.in;
    const X share(1.0 / double(count)), one(1.0);
    if (f.kind == OperatorKind::softmax) {
        for (std::size_t r = 0; r < count; ++r)
            for (std::size_t k = 0; k < in; ++k) scores[k * count + r] = x[r * in + k];
        cross_entropy_residuals(rows, in, scores);
        for (std::size_t r = 0; r < count; ++r)
            for (std::size_t k = 0; k < in; ++k) u[r * in + k] = scores[k * count + r];
        return;
    }
    for (std::size_t r = 0; r < count; ++r)
        for (std::size_t i = 0; i < in; ++i) {
            const X here = x[r * in + i];
            if (f.kind == OperatorKind::readout) u[r * in + i] = X(f.direction[i]) * share;
            else if (f.kind == OperatorKind::squared) u[r * in + i] = (here - target_of<Rows, X>(f, rows, r, i)) * share;
            else u[r] = (one / (one + elementary::exp(-here)) - X(rows.y(r))) * share;
        }
}

/// Sums over the rows.
template <class Rows, class X>
Score<X> loss_score(const Operator& f, const Rows& rows, const X* x, X* scores) {
    const std::size_t count = rows.count(), in = f.in;
    const X zero(0.0), one(1.0);
    Score<X> sum{zero, zero};
    if (f.kind == OperatorKind::softmax) {
        for (std::size_t r = 0; r < count; ++r)
            for (std::size_t k = 0; k < in; ++k) scores[k * count + r] = x[r * in + k];
        return cross_entropy_score(rows, in, scores);
    }
    for (std::size_t r = 0; r < count; ++r)
        for (std::size_t i = 0; i < in; ++i) {
            const X here = x[r * in + i];
            if (f.kind == OperatorKind::readout) {
                sum.loss = fma(X(f.direction[i]), here, sum.loss);
            } else if (f.kind == OperatorKind::squared) {
                const X away = here - target_of<Rows, X>(f, rows, r, i);
                sum.loss = fma(X(0.5) * away, away, sum.loss);
            } else {
                const X y(rows.y(r)), below = elementary::log1p(elementary::exp(-abs(here)));
                sum.loss += fma(-y, here, larger(here, zero)) + below;
                sum.hits += select(select(here > zero, one, zero) == y, one, zero);
            }
        }
    return sum;
}

}  // namespace foldback::inline FOLDBACK_ISA::composite
