#pragma once
#include "models/composite/chain.hpp"
#include "models/composite/disturbance.hpp"
#include "models/composite/path_bounds.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA::composite {

template <class R>
R distance(const R* x, const R* y, std::size_t count) {
    R square(0.0);
    for (std::size_t i = 0; i < count; ++i) square = fma(x[i] - y[i], x[i] - y[i], square);
    return sqrt(square);
}

/// Disturbs, and keeps the norm of what was added, by operator counted from 1.
template <class R, class Disturbance>
struct Watched {
    const Disturbance& inner;
    R* before;  ///< room for the longest signal
    R *forward_size, *backward_size, *gradient_size;

    void forward(std::size_t n, R* v, std::size_t count) const {
        copy(v, count);
        inner.forward(n, v, count);
        forward_size[n] = distance<R>(v, before, count);
    }
    void backward(std::size_t n, R* v, std::size_t count) const {
        copy(v, count);
        inner.backward(n, v, count);
        backward_size[n] = distance<R>(v, before, count);
    }
    void gradient(std::size_t n, R* v, std::size_t count) const {
        copy(v, count);
        inner.gradient(n, v, count);
        gradient_size[n] = distance<R>(v, before, count);
    }

  private:
    void copy(const R* v, std::size_t count) const {
        for (std::size_t i = 0; i < count; ++i) before[i] = v[i];
    }
};

/// The perturbed and the unperturbed pass of one step at one state: how far they are apart, and the bounds of theory.md, C.
/// `L` is the loss of models/losses/composite.hpp.
template <class L, class R>
class Passes {
  public:
    explicit Passes(const L& loss)
        : clean_(loss.scratch_size()),
          perturbed_(loss.scratch_size()),
          g_(loss.dimension()),
          perturbed_g_(loss.dimension()),
          before_(loss.longest_signal()),
          room_(loss.spectral_room()),
          node_(loss.chain.size() + 1),
          constants_(loss.chain.size() + 1),
          eps_(loss.chain.size() + 1),
          zeta_(loss.chain.size() + 1),
          added_(loss.chain.size() + 1) {}

    template <class Batch>
    void observe(const L& loss, const Batch& batch, const R* w, const PassRoom<R>& out) {
        using Q = PassObservable;
        loss.run_clean(batch, w, clean_.data(), g_.data());
        run_perturbed(loss, batch, w, 1.0);
        measure(loss, batch, w);
        write(loss.chain.size(), out);
        write_whole(loss.dimension(), out);
        R* antithetic = out.of(Q::antithetic_deviation);
        for (std::size_t j = 0; j < loss.dimension(); ++j) {
            if (out.of(Q::gradient_deviation)) out.of(Q::gradient_deviation)[j] = perturbed_g_[j] - g_[j];
            if (antithetic) antithetic[j] = perturbed_g_[j] - g_[j];
        }
        if (!antithetic) return;
        run_perturbed(loss, batch, w, -1.0);
        for (std::size_t j = 0; j < loss.dimension(); ++j)
            antithetic[j] = R(0.5) * (antithetic[j] + (perturbed_g_[j] - g_[j]));
    }

  private:
    // At operator n: of x_n and u_n the norms in either pass, how far they are apart, and what bounds that.
    struct Node {
        R x{0.0}, x_perturbed{0.0}, u{0.0}, u_perturbed{0.0};
        R e{0.0}, r{0.0}, g{0.0}, g_size{0.0};
        R e_bound{0.0}, r_bound{0.0}, g_bound{0.0};
        R e_rounding{0.0}, r_rounding{0.0}, g_rounding{0.0};
    };

    template <class Batch>
    void run_perturbed(const L& loss, const Batch& batch, const R* w, double sign) {
        const auto drawn = loss.disturbance(batch, loss.tape(clean_.data(), batch.count()), sign, w, perturbed_.data());
        const Watched<R, std::decay_t<decltype(drawn)>> watched{drawn, before_.data(), eps_.data(), zeta_.data(), added_.data()};
        for (std::size_t n = 0; n <= loss.chain.size(); ++n) eps_[n] = zeta_[n] = added_[n] = R(0.0);
        loss.run(batch, w, perturbed_.data(), watched, perturbed_g_.data());
    }

    template <class Batch>
    void measure(const L& loss, const Batch& batch, const R* w) {
        const std::size_t N = loss.chain.size(), rows = batch.count();
        const Tape<R> clean = loss.tape(clean_.data(), rows), perturbed = loss.tape(perturbed_.data(), rows);
        for (std::size_t n = 0; n < N; ++n) {
            const std::size_t count = rows * (n == 0 ? loss.chain[0].in : loss.chain[n - 1].out);
            Node& here = node_[n] = Node{};
            here.x = frobenius(clean.x(n), count);
            here.x_perturbed = frobenius(perturbed.x(n), count);
            here.e = distance<R>(perturbed.x(n), clean.x(n), count);
            if (n == 0) continue;
            here.u = frobenius(clean.u(n), count);
            here.u_perturbed = frobenius(perturbed.u(n), count);
            here.r = distance<R>(perturbed.u(n), clean.u(n), count);
            gradient_at(loss.chain[n - 1], here);
        }
        last(loss, batch, clean, perturbed, node_[N] = Node{});
        for (std::size_t n = 1; n <= N; ++n) {
            const Operator& f = loss.chain[n - 1];
            constants_[n] = path_constants<R>(f, rows, w + f.first_weight, node_[n - 1].x_perturbed, room_.data());
            bound(n, constants_[n]);
        }
        for (std::size_t n = N; n >= 1; --n) bound_back(n, constants_[n]);
    }

    void gradient_at(const Operator& f, Node& here) {
        here.g = distance<R>(&perturbed_g_[f.first_weight], &g_[f.first_weight], f.weights());
        here.g_size = frobenius(&perturbed_g_[f.first_weight], f.weights()) + frobenius(&g_[f.first_weight], f.weights());
    }

    // x_N is the loss, u_N = 1 in both passes.
    template <class Batch>
    void last(const L& loss, const Batch& batch, const Tape<R>& clean, const Tape<R>& perturbed, Node& end) {
        const std::size_t n = loss.chain.size() - 1;
        const R count(double(batch.count()));
        end.x = loss_score(loss.chain.back(), batch, clean.x(n), clean.scores()).loss / count;
        end.x_perturbed = loss_score(loss.chain.back(), batch, perturbed.x(n), perturbed.scores()).loss / count;
        end.e = abs(end.x_perturbed - end.x);
        end.x = abs(end.x);
        end.x_perturbed = abs(end.x_perturbed);
        end.u = end.u_perturbed = R(1.0);
    }

    // What rounding can have moved a difference by is that of one operator: the bounds start from differences of numbers
    // that were computed, whatever had moved those.
    static constexpr double ulp = 0x1p-52;

    // e_n <= a_n e_(n-1) + |eps_n|.
    void bound(std::size_t n, const PathConstants<R>& p) {
        Node& here = node_[n];
        const Node& before = node_[n - 1];
        here.e_bound = p.a * before.e + eps_[n];
        here.e_rounding = R(ulp) * (p.rounding * (before.x + before.x_perturbed + p.ones) +
                                    R(16.0) * (here.x + here.x_perturbed) + p.terms * here.e_bound);
    }

    // r_(n-1) <= a_n r_n + c_n |u_n| e_(n-1) + |zeta_(n-1)|; |g~_n - g_n| <= b_n r_n + d_n |u_n| e_(n-1), and what is added
    // to g~_n itself. Where the forward passes do not differ, c and d are not needed, and the slopes have the same bits.
    void bound_back(std::size_t n, const PathConstants<R>& p) {
        Node& here = node_[n];
        Node& below = node_[n - 1];
        const R zero(0.0), sum = here.u + here.u_perturbed;
        const auto apart = [&](const R& bound) { return select(below.e == zero, zero, bound); };
        const R slope_error = p.slope_rounding * (below.x + below.x_perturbed + p.ones) * sum;
        here.g_bound = p.b * here.r + apart(p.d * here.u * below.e) + added_[n];
        here.g_rounding = R(ulp) * (p.terms * (p.b * sum + here.g_bound) + R(16.0) * here.g_size + apart(p.d * slope_error));
        if (n == 1) return;
        // At the loss r_n = 0, and a_n may be unknown.
        const R passed = select(here.r == zero, zero, p.a * here.r);
        below.r_bound = passed + apart(p.c * here.u * below.e) + zeta_[n - 1];
        below.r_rounding = R(ulp) * (p.rounding * sum + R(16.0) * (below.u + below.u_perturbed) + p.terms * below.r_bound +
                                     apart(p.c * slope_error));
    }

    void write(std::size_t N, const PassRoom<R>& out) const {
        using Q = PassObservable;
        const auto put = [&](Q q, R Node::*member) {
            for (std::size_t n = 1; out.of(q) && n <= N; ++n) out.of(q)[n - 1] = node_[n].*member;
        };
        put(Q::forward_error, &Node::e);
        put(Q::forward_bound, &Node::e_bound);
        put(Q::forward_rounding, &Node::e_rounding);
        put(Q::backward_error, &Node::r);
        put(Q::backward_bound, &Node::r_bound);
        put(Q::backward_rounding, &Node::r_rounding);
        put(Q::gradient_error, &Node::g);
        put(Q::gradient_bound, &Node::g_bound);
        put(Q::gradient_rounding, &Node::g_rounding);
    }

    void write_whole(std::size_t dimension, const PassRoom<R>& out) const {
        using Q = PassObservable;
        const R size = frobenius(g_.data(), dimension), other = frobenius(perturbed_g_.data(), dimension);
        if (R* error = out.of(Q::gradient_relative_error)) *error = distance<R>(perturbed_g_.data(), g_.data(), dimension) / size;
        if (R* cosine = out.of(Q::gradient_cosine)) {
            R inner(0.0);
            for (std::size_t j = 0; j < dimension; ++j) inner = fma(g_[j], perturbed_g_[j], inner);
            *cosine = inner / (size * other);
        }
    }

    Workspace<R> clean_, perturbed_, g_, perturbed_g_, before_, room_;
    Workspace<Node> node_;  // by operator, 0 being the rows
    Workspace<PathConstants<R>> constants_;
    Workspace<R> eps_, zeta_, added_;  // norms of what was added to x~_n, u~_n, g~_n
};

}  // namespace foldback::inline FOLDBACK_ISA::composite
