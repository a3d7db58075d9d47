#include <cmath>
#include <optional>

#include "models/composite/composite_truth.hpp"

// Second moments of what perturbations do to a chain x_n = A_n x_(n-1) of linear operators, weights and row fixed:
//     E|x~_n - x_n|^2 = sum_{k<=n} s_k^2 |A_n .. A_{k+1}|_F^2,    E|u~_n - u_n|^2 = sum_{k>=n} t_k^2 |A_k .. A_{n+1}|_F^2,
// s_k and t_k the standard deviations of a coordinate of eps_k and zeta_k. With g_n = gain u_n x_(n-1)^T, both passes'
// noise independent and, where the forward pass is perturbed, a linear readout:
//     E|g~_n - g_n|^2 = gain^2 (E|u~-u|^2 (|x|^2 + E|x~-x|^2) + |u|^2 E|x~-x|^2).
namespace foldback {
namespace {

using Values = std::vector<double>;

struct Link {
    std::size_t in, out;
    Values A;  // (out, in)
};

double square(const Values& v) {
    double sum = 0;
    for (double x : v) sum += x * x;
    return sum;
}

Values times(const Link& f, const Values& x) {
    Values y(f.out);
    for (std::size_t i = 0; i < f.out; ++i)
        for (std::size_t j = 0; j < f.in; ++j) y[i] += f.A[i * f.in + j] * x[j];
    return y;
}

Values times_transposed(const Link& f, const Values& u) {
    Values below(f.in);
    for (std::size_t i = 0; i < f.out; ++i)
        for (std::size_t j = 0; j < f.in; ++j) below[j] += f.A[i * f.in + j] * u[i];
    return below;
}

/// A B, B with f.in rows.
Values product(const Link& f, const Values& B) {
    const std::size_t columns = B.size() / f.in;
    Values C(f.out * columns);
    for (std::size_t i = 0; i < f.out; ++i)
        for (std::size_t k = 0; k < f.in; ++k)
            for (std::size_t j = 0; j < columns; ++j) C[i * columns + j] += f.A[i * f.in + k] * B[k * columns + j];
    return C;
}

Values identity(std::size_t n) {
    Values I(n * n);
    for (std::size_t i = 0; i < n; ++i) I[i * n + i] = 1;
    return I;
}

struct LinearChain {
    std::vector<Operator> chain;
    Values row;
    double target = 0;
    Values forward, backward;  // standard deviations by operator
};

struct Moments {
    Values x_error, g_error, g;  // mean squares by operator; of g_n itself
};

std::vector<Link> links_of(const LinearChain& c, std::span<const double> w) {
    std::vector<Link> links;
    for (std::size_t n = 0; n + 1 < c.chain.size(); ++n) {
        const Operator& f = c.chain[n];
        Link link{f.in, f.out, {}};
        if (f.idle) {
            link.A = identity(f.in);
        } else {
            for (std::size_t k = 0; k < f.in * f.out; ++k)
                link.A.push_back(f.gain * (f.matrix.empty() ? w[f.first_weight + k] : f.matrix[k]));
        }
        links.push_back(std::move(link));
    }
    return links;
}

// E|sum of what the sources k add|^2, each carried on from its operator: by operator, up the chain.
Values carried_up(const std::vector<Link>& links, const Values& deviation) {
    Values sum(links.size());
    for (std::size_t k = 0; k < links.size(); ++k) {
        if (deviation[k] == 0) continue;
        Values carried = identity(links[k].out);
        for (std::size_t n = k; n < links.size(); ++n) {
            if (n > k) carried = product(links[n], carried);
            sum[n] += deviation[k] * deviation[k] * square(carried);
        }
    }
    return sum;
}

// The same down the chain; a transposed product has the norm of the product.
Values carried_down(const std::vector<Link>& links, const Values& deviation) {
    Values sum(links.size());
    for (std::size_t n = 0; n < links.size(); ++n) {
        Values carried = identity(links[n].out);
        for (std::size_t k = n; k < links.size(); ++k) {
            if (k > n) carried = product(links[k], carried);
            sum[n] += deviation[k] * deviation[k] * square(carried);
        }
    }
    return sum;
}

Moments moments_of(const LinearChain& c, std::span<const double> w) {
    const std::vector<Link> links = links_of(c, w);
    const std::size_t N = c.chain.size();
    std::vector<Values> x{c.row}, u(N - 1);
    for (const Link& f : links) x.push_back(times(f, x.back()));
    const Operator& last = c.chain.back();
    Values adjoint = last.direction;
    if (last.kind == OperatorKind::squared)
        for (std::size_t i = 0; i < last.in; ++i) adjoint.push_back(x.back()[i] - (last.features_target ? c.row[i] : c.target));
    for (std::size_t n = N - 1; n-- > 0;) {
        u[n] = adjoint;
        adjoint = times_transposed(links[n], adjoint);
    }
    Moments m{carried_up(links, c.forward), Values(N), Values(N)};
    const Values r = carried_down(links, c.backward);
    for (std::size_t n = 0; n + 1 < N; ++n) {
        const Operator& f = c.chain[n];
        const double e = n > 0 ? m.x_error[n - 1] : 0;
        if (f.weights() == 0 || f.idle) continue;
        m.g[n] = f.gain * f.gain * square(x[n]) * square(u[n]);
        m.g_error[n] = f.gain * f.gain * (r[n] * (square(x[n]) + e) + square(u[n]) * e);
    }
    m.x_error.push_back(std::numeric_limits<double>::quiet_NaN());  // of the loss itself: not told
    return m;
}

bool plain(const CompositeTruth::Pass& pass) {
    return !pass.perturbed || (pass.zero_mean && pass.independent && !pass.deviation.empty());
}

}  // namespace

void add_linear_moments(CompositeTruth& truth, const Composite& loss) {
    const OperatorKind last = loss.chain.back().kind;
    const bool readout = last == OperatorKind::readout;
    if (loss.data->train_rows != 1 || loss.sampling.batch != 1) return;
    if (!readout && last != OperatorKind::squared) return;
    for (const Operator& f : loss.chain)
        if (!f.is_loss() && (!f.linear() || f.bias)) return;
    if (!plain(truth.forward) || !plain(truth.backward) || truth.gradient.perturbed) return;
    for (const Perturbation& p : loss.perturbations.list)
        if (p.schedule.kind != Schedule::Kind::constant) return;
    LinearChain c{loss.chain, {loss.data->features.begin(), loss.data->features.begin() + std::ptrdiff_t(loss.data->columns)},
                  loss.data->targets[0], truth.forward.deviation, truth.backward.deviation};
    c.forward.resize(loss.chain.size());
    c.backward.resize(loss.chain.size());
    if (truth.forward.perturbed) truth.forward_error_square = [c](std::span<const double> w) { return moments_of(c, w).x_error; };
    // The squared loss's adjoint depends on the perturbed x.
    if (readout || !truth.forward.perturbed)
        truth.gradient_error_square = [c](std::span<const double> w) { return moments_of(c, w).g_error; };
    if (loss.regulariser.ridge == 0 && loss.regulariser.rho == 0)
        truth.gradient_square = [c](std::span<const double> w) { return moments_of(c, w).g; };
}

}  // namespace foldback
