#pragma once
#include "sim/eigen.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <vector>

#include "tests/models/composite_models.hpp"

// Both passes of a chain that ends in a softmax, and the constants of its operators, once more: from theory.md, C, in
// Eigen's matrices.
namespace foldback::tests {

using MatrixX = Eigen::MatrixXd;
using VectorX = Eigen::VectorXd;

/// Two passes of a chain by their definitions, in Eigen's matrices, a column to a row of the batch.
struct ChainByDefinition {
    const ChainSgd& f;
    const std::vector<double>& w;
    std::size_t rows;

    MatrixX weights(const Operator& o, bool with_bias) const {
        MatrixX W(o.out, o.in + (with_bias && o.bias));
        for (std::size_t j = 0; j < o.out; ++j)
            for (Eigen::Index i = 0; i < W.cols(); ++i)
                W(Eigen::Index(j), i) = o.matrix.empty() ? w[o.first_weight + j * o.stride() + std::size_t(i)]
                                                         : o.matrix[j * o.in + std::size_t(i)];
        return W;
    }
    MatrixX augmented(const Operator& o, const MatrixX& x) const {
        MatrixX y = x;
        if (o.bias) {
            y.conservativeResize(x.rows() + 1, Eigen::NoChange);
            y.row(x.rows()).setOnes();
        }
        return y;
    }
    MatrixX before_activation(const Operator& o, const MatrixX& x) const {
        return o.gain * weights(o, true) * augmented(o, x);
    }
    MatrixX forward(const Operator& o, const MatrixX& x) const {
        if (o.idle) return x;
        if (o.kind == OperatorKind::normalisation) {
            MatrixX y = x;
            for (Eigen::Index r = 0; r < x.cols(); ++r)
                y.col(r) /= std::sqrt(x.col(r).squaredNorm() / double(o.in) + o.epsilon);
            return y;
        }
        const MatrixX z = before_activation(o, x);
        if (o.kind == OperatorKind::tanh) return z.array().tanh();
        if (o.kind == OperatorKind::residual) return x.array() + z.array().tanh();
        if (o.kind == OperatorKind::softplus) return (1 + z.array().exp()).log();
        if (o.kind == OperatorKind::relu) return z.array().max(0.0);
        return z;
    }
    MatrixX slope(const Operator& o, const MatrixX& x) const {
        const MatrixX z = before_activation(o, x);
        if (o.kind == OperatorKind::tanh || o.kind == OperatorKind::residual)
            return z.array().cosh().square().inverse();
        if (o.kind == OperatorKind::softplus) return (1 + (-z.array()).exp()).inverse();
        if (o.kind == OperatorKind::relu) return (z.array() > 0).cast<double>();
        return MatrixX::Ones(z.rows(), z.cols());
    }
    MatrixX back(const Operator& o, const MatrixX& x, const MatrixX& u) const {
        if (o.idle) return u;
        if (o.kind == OperatorKind::normalisation) {
            MatrixX below = u;
            for (Eigen::Index r = 0; r < x.cols(); ++r) {
                const double rho2 = x.col(r).squaredNorm() / double(o.in) + o.epsilon;
                const MatrixX J =
                    (MatrixX::Identity(x.rows(), x.rows()) - x.col(r) * x.col(r).transpose() / (double(o.in) * rho2)) /
                    std::sqrt(rho2);
                below.col(r) = J.transpose() * u.col(r);
            }
            return below;
        }
        const MatrixX own = o.gain * weights(o, false).transpose() * u.cwiseProduct(slope(o, x));
        return o.kind == OperatorKind::residual ? MatrixX(u + own) : own;
    }
    MatrixX gradient(const Operator& o, const MatrixX& x, const MatrixX& u) const {
        if (o.idle) return MatrixX::Zero(Eigen::Index(o.out), Eigen::Index(o.stride()));
        return o.gain * u.cwiseProduct(slope(o, x)) * augmented(o, x).transpose();
    }
    /// d (mean loss) / dx of a softmax, of classes y.
    MatrixX loss_back(const MatrixX& x, const std::vector<int>& y) const {
        MatrixX u = x;
        for (Eigen::Index r = 0; r < x.cols(); ++r) {
            const VectorX e = (x.col(r).array() - x.col(r).maxCoeff()).exp();
            u.col(r) = e / e.sum();
            u(y[std::size_t(r)], r) -= 1;
        }
        return u / double(rows);
    }
    double loss(const MatrixX& x, const std::vector<int>& y) const {
        double sum = 0;
        for (Eigen::Index r = 0; r < x.cols(); ++r)
            sum += std::log(x.col(r).array().exp().sum()) - x(y[std::size_t(r)], r);
        return sum / double(rows);
    }
};

struct PassByDefinition {
    std::vector<MatrixX> x, u, g;  // x[n], u[n], g[n] of operator n = 1, 2, ..., x[0] the rows
    double loss = 0;
};

/// With what `signals` say was added, or nothing.
inline PassByDefinition pass_by_definition(const ChainByDefinition& d, const MatrixX& data, const std::vector<int>& y,
                                           const Signals* signals) {
    const auto& chain = d.f.loss.chain;
    const std::size_t N = chain.size();
    const auto add = [&](MatrixX& to, Perturbation::Pass pass, std::size_t n) {
        if (!signals) return;
        for (const Signal& s : *signals)
            if (s.pass == pass && s.n == n) {
                const std::vector<double> added = s.added();
                for (Eigen::Index r = 0; r < to.cols(); ++r)
                    for (Eigen::Index i = 0; i < to.rows(); ++i) to(i, r) += added[std::size_t(r * to.rows() + i)];
            }
    };
    PassByDefinition p{std::vector<MatrixX>(N), std::vector<MatrixX>(N), std::vector<MatrixX>(N), 0};
    p.x[0] = data;
    for (std::size_t n = 1; n < N; ++n)
        add(p.x[n] = d.forward(chain[n - 1], p.x[n - 1]), Perturbation::Pass::forward, n);
    p.loss = d.loss(p.x[N - 1], y);
    add(p.u[N - 1] = d.loss_back(p.x[N - 1], y), Perturbation::Pass::backward, N - 1);
    for (std::size_t n = N - 1; n >= 1; --n) {
        if (chain[n - 1].weights() > 0) p.g[n] = d.gradient(chain[n - 1], p.x[n - 1], p.u[n]);
        if (n > 1) add(p.u[n - 1] = d.back(chain[n - 1], p.x[n - 1], p.u[n]), Perturbation::Pass::backward, n - 1);
    }
    return p;
}

inline double spectral_norm(const MatrixX& m) { return Eigen::JacobiSVD<MatrixX>(m).singularValues()(0); }

struct Constants {
    double a, b, c, d;
};
/// theory.md's table, once more.
inline Constants constants_by_definition(const ChainByDefinition& d, const Operator& o, const MatrixX& x) {
    const double rows = double(d.rows);
    if (o.idle) return {1, 0, 0, 0};
    if (o.kind == OperatorKind::normalisation)
        return {1 / std::sqrt(o.epsilon), 0, 1.5 * std::pow(1.25, -2.5) / (o.epsilon * std::sqrt(double(o.in))), 0};
    if (o.kind == OperatorKind::softmax) return {std::sqrt(2 / rows), 0, 0.5 / rows, 0};
    const double W = o.gain * spectral_norm(d.weights(o, false)), size = d.augmented(o, x).norm();
    const double k = o.kind == OperatorKind::linear     ? 0
                     : o.kind == OperatorKind::softplus ? 0.25
                                                        : 4 / (3 * std::sqrt(3.0));
    return {W + (o.kind == OperatorKind::residual), o.gain * size, k * W * W, k * o.gain * W * size + o.gain};
}

}  // namespace foldback::tests
