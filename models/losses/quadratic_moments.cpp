#include "sim/eigen.hpp"

#include "models/losses/quadratic_moments.hpp"

#include "models/laws/affine_moments.hpp"
#include "models/losses/sgd_truth.hpp"

namespace foldback {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;
using Values = std::vector<double>;

Values values(const Matrix& m) { return {m.data(), m.data() + m.size()}; }
Eigen::Map<const Matrix> matrix(std::span<const double> v, Index d) { return {v.data(), d, d}; }

/// The moments of (B, a), the means of (G, c) over a batch.
struct BatchMoments {
    QuadraticMoments sample;
    double noise;  // 1/b
    Index d;
    Matrix H;
    Vector c;

    Matrix conjugate(const Matrix& S) const {
        const Values one = sample.conjugate({S.data(), std::size_t(S.size())});
        return noise * matrix(one, d) + (1 - noise) * H * S * H;
    }
    Matrix cross(const Vector& m) const {
        const Values one = sample.cross({m.data(), std::size_t(m.size())});
        return noise * matrix(one, d) + (1 - noise) * H * m * c.transpose();
    }
    Matrix square() const { return noise * matrix(sample.mean_cc, d) + (1 - noise) * c * c.transpose(); }
};

AffineLaw without_momentum(BatchMoments batch, double h) {
    const Index d = batch.d;
    AffineLaw law;
    law.mean_A = values(Matrix::Identity(d, d) - h * batch.H);
    law.mean_b = values(Matrix(h * batch.c));
    law.mean_bb = values(h * h * batch.square());
    law.conjugate = [batch, h, d](std::span<const double> s) {
        const Matrix S = matrix(s, d), left = batch.H * S, right = S * batch.H;
        return values(S - h * (left + right) + h * h * batch.conjugate(S));
    };
    law.cross = [batch, h](std::span<const double> mean) {
        const Vector m = Eigen::Map<const Vector>(mean.data(), batch.d);
        return values(h * m * batch.c.transpose() - h * h * batch.cross(m));
    };
    return law;
}

// States (theta, v): A = K - h Q B P, b = h Q a with K = [I, beta I; 0, beta I], Q = [I; I], P = [I, 0].
AffineLaw with_momentum(BatchMoments batch, double h, double beta) {
    const Index d = batch.d;
    const auto stacked = [d](const Matrix& m) {  // Q m Q^T
        Matrix r(2 * d, 2 * d);
        r << m, m, m, m;
        return r;
    };
    Matrix K = Matrix::Identity(2 * d, 2 * d);
    K.topRightCorner(d, d).diagonal().setConstant(beta);
    K.bottomRightCorner(d, d).diagonal().setConstant(beta);
    const auto moved = [K, d](const Matrix& cross) {  // K (x) P^T ... Q^T, from (2d, d) to (2d, 2d)
        const Matrix half = K * cross;
        Matrix r(2 * d, 2 * d);
        r << half, half;
        return r;
    };
    AffineLaw law;
    Matrix A = K;
    A.topLeftCorner(d, d) -= h * batch.H;
    A.bottomLeftCorner(d, d) -= h * batch.H;
    law.mean_A = values(A);
    Vector b(2 * d);
    b << h * batch.c, h * batch.c;
    law.mean_b = values(Matrix(b));
    law.mean_bb = values(stacked(h * h * batch.square()));
    law.conjugate = [=](std::span<const double> s) {
        const Matrix S = matrix(s, 2 * d);
        const Matrix first = moved(S.leftCols(d) * batch.H);
        const Matrix last = moved(S.topRows(d).transpose() * batch.H).transpose();
        const Matrix top = S.topLeftCorner(d, d);
        return values(K * S * K.transpose() - h * (first + last) + stacked(h * h * batch.conjugate(top)));
    };
    law.cross = [=](std::span<const double> mean) {
        const Vector m = Eigen::Map<const Vector>(mean.data(), 2 * d);
        return values(h * moved(m * batch.c.transpose()) - stacked(h * h * batch.cross(m.head(d))));
    };
    return law;
}

}  // namespace

AffineLaw affine_law(const QuadraticMoments& moments, const SgdPlan& plan) {
    const auto d = static_cast<Index>(moments.mean_c.size());
    BatchMoments batch{moments, 1.0 / plan.sampling.batch, d, matrix(moments.mean_G, d),
                       Eigen::Map<const Vector>(moments.mean_c.data(), d)};
    return plan.momentum > 0 ? with_momentum(std::move(batch), plan.step, plan.momentum)
                             : without_momentum(std::move(batch), plan.step);
}

void add_affine_law(Truth& truth, const QuadraticMoments& moments, const SgdPlan& plan) {
    add_affine_law(truth, affine_law(moments, plan));
}

}  // namespace foldback
