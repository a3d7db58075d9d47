#include "sim/eigen.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "models/composite/path_bounds.hpp"
#include "sim/distributions.hpp"
#include "sim/named_start.hpp"
#include "sim/workspace.hpp"

using namespace foldback;

namespace {

using MatrixX = Eigen::MatrixXd;
using VectorX = Eigen::VectorXd;

double spectral_norm(const MatrixX& m) { return Eigen::JacobiSVD<MatrixX>(m).singularValues()(0); }

}  // namespace

TEST_CASE("path bounds: the upper bound of a spectral norm") {
    using R = Lanes<1>;
    const auto bound = [](const MatrixX& m, std::size_t stride) {
        const auto out = std::size_t(m.rows()), in = std::size_t(m.cols()), n = std::min(out, in);
        std::vector<double> w(out * stride, 1e9);  // what stands in between is not looked at
        for (std::size_t j = 0; j < out; ++j)
            for (std::size_t i = 0; i < in; ++i) w[j * stride + i] = m(Eigen::Index(j), Eigen::Index(i));
        Workspace<R> room(2 * n * n);
        return composite::spectral_norm_bound<R>([&](std::size_t k) { return R(w[k]); }, out, in, stride,
                                                 room.data())[0];
    };
    Stream source = start_stream(5, 1);
    for (const auto& [out, in] : {std::pair{1, 1}, {1, 7}, {7, 1}, {3, 3}, {5, 9}, {9, 5}, {40, 40}}) {
        CAPTURE(out);
        CAPTURE(in);
        MatrixX m(out, in);
        for (Eigen::Index j = 0; j < out; ++j)
            for (Eigen::Index i = 0; i < in; ++i) m(j, i) = standard_normal(source);
        const MatrixX rank_one = m.col(0) * m.row(0),
                      orthogonal = Eigen::JacobiSVD<MatrixX>(m, Eigen::ComputeThinU | Eigen::ComputeThinV).matrixU();
        for (const MatrixX& one : {m, MatrixX(1e-20 * m), MatrixX(1e20 * m), rank_one, orthogonal}) {
            const double exact = spectral_norm(one);
            // n^(1/4096), which all singular values alike reach.
            const double most = std::pow(std::min(out, in), 1.0 / 4096) * (1 + 1e-12);
            for (const std::size_t stride : {std::size_t(one.cols()), std::size_t(one.cols()) + 1}) {
                CHECK(bound(one, stride) >= exact * (1 - 1e-14));
                CHECK(bound(one, stride) <= exact * most);
            }
        }
        CHECK(bound(MatrixX::Zero(out, in), std::size_t(in)) == 0);
    }
}

// D^2 f(v)[h] = -(v.h) s^(-3/2) I - s^(-3/2) (h v^T + v h^T) + 3 s^(-5/2) (v.h) v v^T of f(v) = v s^(-1/2), s = 1 +
// |v|^2; it depends on |v| and the angle between v and h alone.
TEST_CASE("path bounds: the curvature of a normalisation") {
    double most = 0;
    for (const Eigen::Index dimension : {1, 2, 3, 5})
        for (int i = 1; i <= 400; ++i)
            for (int j = 0; j <= 60; ++j) {
                if (dimension == 1 && j > 0) break;
                const double angle = j * std::acos(-1.0) / 120;
                VectorX v = VectorX::Zero(dimension), h = VectorX::Zero(dimension);
                v(0) = i * 0.01;
                h(0) = dimension == 1 ? 1 : std::cos(angle);
                if (dimension > 1) h(1) = std::sin(angle);
                const double s = 1 + v.squaredNorm(), vh = v.dot(h);
                const MatrixX second = -std::pow(s, -1.5) * (vh * MatrixX::Identity(dimension, dimension) +
                                                             h * v.transpose() + v * h.transpose()) +
                                       3 * std::pow(s, -2.5) * vh * v * v.transpose();
                most = std::max(most, spectral_norm(second));
            }
    CHECK(most == doctest::Approx(1.5 * std::pow(1.25, -2.5)).epsilon(1e-12));
    CHECK(most <= composite::curvature_of_normalisation);
    CHECK(most > composite::curvature_of_normalisation * (1 - 2e-5));
}
