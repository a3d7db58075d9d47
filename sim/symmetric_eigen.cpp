#include "sim/eigen.hpp"

#include "sim/symmetric_eigen.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace foldback {

// Eigen's solver takes the compiler seconds: everybody's is compiled here.
SymmetricEigen symmetric_eigen(std::span<const double> matrix) {
    using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto d = Eigen::Index(std::llround(std::sqrt(double(matrix.size()))));
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(Eigen::Map<const Matrix>(matrix.data(), d, d));
    const auto& values = solver.eigenvalues();
    const Matrix& vectors = solver.eigenvectors();
    return {{values.data(), values.data() + values.size()}, {vectors.data(), vectors.data() + vectors.size()}};
}

}  // namespace foldback
