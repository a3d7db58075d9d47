#include "sim/eigen.hpp"

#include "analysis/claims/sgd_chain.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/claims/sgd.hpp"
#include "sim/symmetric_eigen.hpp"

namespace foldback::claims {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index side_of(const std::vector<double>& matrix) {
    return Eigen::Index(std::lround(std::sqrt(double(matrix.size()))));
}

Eigen::Map<const RowMajor> as_matrix(const std::vector<double>& matrix) {
    return {matrix.data(), side_of(matrix), side_of(matrix)};
}

std::vector<double> as_vector(const RowMajor& matrix) { return {matrix.data(), matrix.data() + matrix.size()}; }

double trace(const std::vector<double>& matrix) { return as_matrix(matrix).trace(); }

}  // namespace

std::string no_stationary_law(const Setup& setup) {
    if (auto why = not_mean_square(setup); !why.empty()) return why;
    const auto& sgd = setup.truth.sgd;
    if (sgd->optimum.empty() || sgd->hessian.empty() || sgd->covariance.empty())
        return "the loss does not know its optimum, Hessian and gradient covariance there";
    return "";
}

double distance_to_stationary(const Setup& setup, std::size_t start, double n) {
    const SgdTruth& sgd = *setup.truth.sgd;
    const double h = sgd.step, mu = sgd.strong_convexity->value, L = sgd.smoothness->value;
    double rho = std::sqrt(std::max(0.0, mean_square_rate(sgd)));
    if (const auto known = setup.rho(2)) rho = std::min(rho, known->value);
    // At th* the mean gradient is 0, so that tau^2 = trace C.
    const double tau2 = sgd.gradient_noise ? sgd.gradient_noise->value : trace(sgd.covariance);
    const double floor = std::sqrt(h * tau2 / (2 * mu)) / (1 - std::sqrt(h * L / 2));
    double distance = distance_to_optimum(sgd, setup.starts[start]) + floor;
    if (const auto tail = setup.tail(0, start, 2)) distance = std::min(distance, tail->value);
    return std::pow(rho, n) * distance;
}

std::vector<double> covariance_rate(const SgdTruth& truth) {
    const SymmetricEigen eigen = symmetric_eigen(truth.hessian);
    const auto v = as_matrix(eigen.vectors);
    Eigen::MatrixXd s = v.transpose() * as_matrix(truth.covariance) * v;
    for (Eigen::Index i = 0; i < s.rows(); ++i)
        for (Eigen::Index j = 0; j < s.cols(); ++j) s(i, j) /= eigen.values[std::size_t(i)] + eigen.values[std::size_t(j)];
    return as_vector(v * s * v.transpose());
}

std::vector<double> leading_direction(const std::vector<double>& matrix) {
    const SymmetricEigen eigen = symmetric_eigen(matrix);
    return as_vector(as_matrix(eigen.vectors).col(side_of(matrix) - 1));
}

}  // namespace foldback::claims
