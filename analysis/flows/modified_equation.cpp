#include "sim/eigen.hpp"

#include "analysis/flows/modified_equation.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/flows/moment_closure.hpp"
#include "sim/distributions.hpp"
#include "sim/stream.hpp"
#include "sim/symmetric_eigen.hpp"

namespace foldback::flows {
namespace {

// Beside the purposes of sim/stream.hpp, whose numbers belong to the file format: no ensemble holds these draws.
constexpr Purpose brownian{256};

}  // namespace

std::vector<double> square_root(const std::vector<double>& matrix) {
    using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto d = Eigen::Index(std::llround(std::sqrt(double(matrix.size()))));
    const SymmetricEigen eigen = symmetric_eigen(matrix);
    const Eigen::VectorXd roots = Eigen::Map<const Eigen::VectorXd>(eigen.values.data(), d).cwiseMax(0).cwiseSqrt();
    const Eigen::Map<const Matrix> vectors(eigen.vectors.data(), d, d);
    const Matrix root = vectors * roots.asDiagonal() * vectors.transpose();
    return {root.data(), root.data() + root.size()};
}

void ModifiedEquation::drift(const std::vector<double>& theta, std::vector<double>& a, double) const {
    const std::vector<double> g = modified_gradient(sgd_, theta);
    std::transform(g.begin(), g.end(), a.begin(), std::negate<>());
}

void ModifiedEquation::diffusion(const std::vector<double>& theta, std::vector<double>& b, double) const {
    b = square_root(sgd_.covariance_at(theta));
    for (double& entry : b) entry *= std::sqrt(sgd_.step);
}

void ModifiedEquation::increments(Increments<double>& noise, double t, double dt) const {
    Stream words(seed_, replica_, std::uint32_t(std::llround(t / dt)), brownian);
    for (double& w : noise.w) w = std::sqrt(dt) * standard_normal(words);
    for (double& sign : noise.signs) sign = (words() >> 31) != 0 ? 1 : -1;
}

}  // namespace foldback::flows
