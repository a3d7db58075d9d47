#include "sim/eigen.hpp"

#include "models/laws/affine_moments.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <cmath>

namespace foldback {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

Matrix square(std::span<const double> values, Eigen::Index d) { return Eigen::Map<const Matrix>(values.data(), d, d); }
Matrix symmetric(std::span<const double> values, Eigen::Index d) {
    const Matrix m = square(values, d);
    return (m + m.transpose()) / 2;
}

/// Symmetric matrices as vectors of their upper triangles.
Vector packed(const Matrix& s) {
    Vector v(s.rows() * (s.rows() + 1) / 2);
    Eigen::Index at = 0;
    for (Eigen::Index i = 0; i < s.rows(); ++i)
        for (Eigen::Index j = i; j < s.rows(); ++j) v(at++) = s(i, j);
    return v;
}
Matrix unpacked(const Vector& v, Eigen::Index d) {
    Matrix s(d, d);
    Eigen::Index at = 0;
    for (Eigen::Index i = 0; i < d; ++i)
        for (Eigen::Index j = i; j < d; ++j) s(i, j) = s(j, i) = v(at++);
    return s;
}

}  // namespace

AffineLaw scalar_affine_law(double a, double aa, double b, double bb, double ab) {
    return {{a},
            {b},
            {bb},
            [aa](std::span<const double> s) { return std::vector<double>{aa * s[0]}; },
            [ab](std::span<const double> m) { return std::vector<double>{ab * m[0]}; }};
}

std::optional<StationaryMoments> stationary_moments(const AffineLaw& law) {
    const auto d = Eigen::Index(law.mean_b.size());
    if (d > 40) return std::nullopt;
    const Eigen::Index packed_size = d * (d + 1) / 2;
    Matrix system(packed_size, packed_size);  // S -> S - E[A S A^T]
    for (Eigen::Index k = 0; k < packed_size; ++k) {
        const Matrix basis = unpacked(Vector::Unit(packed_size, k), d);
        system.col(k) = packed(basis - symmetric(law.conjugate({basis.data(), std::size_t(d * d)}), d));
    }
    if (!system.allFinite()) return std::nullopt;
    const Eigen::PartialPivLU<Matrix> solver(system);
    // A positive operator T has spectral radius < 1 exactly if S - T(S) = I has a positive solution.
    const Matrix witness = unpacked(solver.solve(packed(Matrix::Identity(d, d))), d);
    if (!witness.allFinite() || Eigen::LLT<Matrix>(witness).info() != Eigen::Success || witness.trace() > 1e12)
        return std::nullopt;

    const Matrix A = square(law.mean_A, d);
    const Vector m = (Matrix::Identity(d, d) - A).partialPivLu().solve(Eigen::Map<const Vector>(law.mean_b.data(), d));
    // The covariance solves C - E[A C A^T] = E[c c^T], c = (A - I) m + b: no difference of large second moments.
    const Matrix mm = m * m.transpose();
    const std::vector<double> crossed = law.cross({m.data(), std::size_t(d)});
    const Matrix cross = square(crossed, d);
    const std::vector<double> conjugated = law.conjugate({mm.data(), std::size_t(d * d)});
    const Matrix source = symmetric(conjugated, d) + cross + cross.transpose() + square(law.mean_bb, d) - mm;
    const Matrix covariance = unpacked(solver.solve(packed((source + source.transpose()) / 2)), d);
    if (!m.allFinite() || !covariance.allFinite()) return std::nullopt;
    return StationaryMoments{{m.data(), m.data() + d}, {covariance.data(), covariance.data() + d * d}};
}

void add_affine_law(Truth& truth, AffineLaw law) {
    if (auto moments = stationary_moments(law)) {
        truth.mean = std::move(moments->mean);
        truth.covariance = std::move(moments->covariance);
    }
    truth.affine = std::move(law);
}

std::optional<double> kesten_index(const std::function<double(double)>& moment) {
    // log E|a|^alpha is convex, 0 at 0 and negative just after it: bracket, then bisect.
    double below = 1e-3, above = 1e-3;
    while (!(moment(above) > 1)) {
        below = above;
        above *= 1.25;
        if (above > 1000) return std::nullopt;
    }
    if (above == below) below = 0;
    for (int i = 0; i < 200 && above - below > 1e-15 * above; ++i) {
        const double middle = below + (above - below) / 2;
        (moment(middle) > 1 ? above : below) = middle;
    }
    // An infinite moment is no root: the law's own tail begins there.
    return std::isfinite(moment(above)) ? std::optional(above) : std::nullopt;
}

}  // namespace foldback
