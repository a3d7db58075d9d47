#pragma once
#include "models/composite/operator_kernels.hpp"
#include "models/composite/tape.hpp"
#include "models/losses/regulariser.hpp"

namespace foldback::inline FOLDBACK_ISA::composite {

/// Leaves every signal as it is.
struct Undisturbed {
    template <class X>
    void forward(std::size_t, X*, std::size_t) const {}
    template <class X>
    void backward(std::size_t, X*, std::size_t) const {}
};

// Where an operator's gradient goes, as types that do not depend on who asks for it: a backward pass is compiled for each.

/// Kept, unless `to` is null.
template <class X>
struct Into {
    X* to;
    void operator()(std::size_t k, const X& g) const {
        if (to) to[k] = g;
    }
};
/// Handed on under its number among all weights.
template <class Sink>
struct Shifted {
    Sink next;
    std::size_t first;
    template <class X>
    void operator()(std::size_t k, const X& g) const {
        next(first + k, g);
    }
};
/// g + d r / d w_k, of the operator's own weights.
template <class X>
struct Regularised {
    Regulariser r;
    const X* own;
    X operator()(std::size_t k, const X& g) const { return g + r.slope(own[k]); }
};
template <class Map, class Sink>
struct Then {
    Map map;
    Sink next;
    template <class X>
    void operator()(std::size_t k, const X& g) const {
        next(k, map(k, g));
    }
};

/// x_1 .. x_(N-1), each disturbed as it leaves its operator.
template <class Rows, class X, class Disturbance>
void forward_pass(const std::vector<Operator>& chain, const Rows& rows, const X* w, const Tape<X>& tape,
                  const Disturbance& disturbance) {
    const std::size_t count = rows.count(), columns = chain.front().in;
    for (std::size_t r = 0; r < count; ++r)
        for (std::size_t i = 0; i < columns; ++i) tape.x(0)[r * columns + i] = X(rows.x(r, i));
    for (std::size_t n = 1; n < chain.size(); ++n) {
        const Operator& f = chain[n - 1];
        apply_operator(f, count, w + f.first_weight, tape.x(n - 1), tape.x(n), tape.slope(n), Ahead(w + chain[n].first_weight, chain[n].weights()));
        disturbance.forward(n, tape.x(n), count * f.out);
    }
}

/// u_(N-1), as the loss makes it.
template <class Rows, class X, class Disturbance>
void begin_backward_pass(const std::vector<Operator>& chain, const Rows& rows, const Tape<X>& tape,
                         const Disturbance& disturbance) {
    const std::size_t n = chain.size() - 1;
    loss_adjoint(chain.back(), rows, tape.x(n), tape.u(n), tape.scores());
    disturbance.backward(n, tape.u(n), rows.count() * chain.back().in);
}

/// The sums over the rows of delta x^T, one weight after the other.
template <class X, class Sink>
void gradient_of_rows(const Operator& f, std::size_t count, const X* x, const X* delta, Sink sink) {
    const std::size_t stride = f.stride();
    for (std::size_t j = 0; j < f.out; ++j) {
        in_blocks(f.in, [&](auto block, std::size_t first) {
            constexpr std::size_t B = block.value;
            X g[B];
            unrolled<B>([&](std::size_t k) { g[k] = X(0.0); });
            for (std::size_t r = 0; r < count; ++r) {
                const X d = delta[r * f.out + j];
                unrolled<B>([&](std::size_t k) { g[k] = fma(d, x[r * f.in + first + k], g[k]); });
            }
            unrolled<B>([&](std::size_t k) { sink(j * stride + first + k, g[k]); });
        });
        if (!f.bias) continue;
        X g(0.0);
        for (std::size_t r = 0; r < count; ++r) g += delta[r * f.out + j];
        sink(j * stride + f.in, g);
    }
}

/// (d_x f)^T u of all rows into below, unless that is null, and the operator's gradient, one weight after the other, to
/// sink(number of its weight, value), after which that weight may change. `delta`: room for a u.
template <class X, class Sink>
void operator_back(const Operator& f, std::size_t count, const X* w, const X* x, const X* slope, const X* u, X* delta,
                   X* below, Sink sink) {
    const auto own = [w](std::size_t k) { return w[k]; };
    const auto fixed = [m = f.matrix.data()](std::size_t k) { return m[k]; };
    const auto nowhere = [](std::size_t, const X&) {};
    // Of one row: weights are read and changed in one go. Not of dual numbers, for the compiler's sake.
    constexpr bool at_once = !is_dual<X>;
    for (std::size_t r = 0; r < count; ++r) {
        const X *x_r = x + r * f.in, *u_r = u + r * f.out, *slope_r = slope + r * f.slopes();
        X *below_r = below ? below + r * f.in : nullptr, *delta_r = delta + r * f.out;
        if (f.idle) {
            for (std::size_t i = 0; below && i < f.in; ++i) below_r[i] = u_r[i];
        } else if (f.kind == OperatorKind::normalisation) {
            if (below) normalise_back(f, x_r, slope_r, u_r, below_r);
        } else {
            begin_back(f, slope_r, u_r, delta_r, below_r);
            if (!f.matrix.empty()) {
                dense_back(f, fixed, x_r, delta_r, below_r, nowhere);
                continue;
            }
            if constexpr (at_once)
                if (count == 1) {
                    dense_back(f, own, x_r, delta_r, below_r, sink);
                    continue;
                }
            dense_back(f, own, x_r, delta_r, below_r, nowhere);
        }
    }
    if (f.idle)
        for (std::size_t k = 0; k < f.weights(); ++k) sink(k, X(0.0));
    else if (f.weights() > 0 && (count > 1 || !at_once))
        gradient_of_rows(f, count, x, delta, sink);
}

/// From u_(N-1) down, each u_n disturbed as it arrives: absorb(n, back) for every operator, which is to call back(sink) once,
/// and then sink(number of its weight, value) has the operator's gradient. Before an operator is reached its weights may not change.
template <class X, class Disturbance, class Absorb>
void finish_backward_pass(const std::vector<Operator>& chain, const X* w, const Tape<X>& tape,
                          const Disturbance& disturbance, Absorb absorb) {
    for (std::size_t n = chain.size() - 1; n >= 1; --n) {
        const Operator& f = chain[n - 1];
        X* below = n > 1 ? tape.u(n - 1) : nullptr;
        absorb(n, [&](auto sink) {
            operator_back(f, tape.rows, w + f.first_weight, tape.x(n - 1), tape.slope(n), tape.u(n), tape.delta(), below, sink);
        });
        if (n > 1) disturbance.backward(n - 1, tape.u(n - 1), tape.rows * f.in);
    }
}

}  // namespace foldback::inline FOLDBACK_ISA::composite
