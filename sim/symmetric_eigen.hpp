#pragma once
#include <span>
#include <vector>

namespace foldback {

/// matrix = vectors diag(values) vectors^T.
struct SymmetricEigen {
    std::vector<double> values;   ///< (d), increasing
    std::vector<double> vectors;  ///< (d, d), one eigenvector to a column, orthonormal
};

/// Of a symmetric matrix (d, d); only one triangle is read.
SymmetricEigen symmetric_eigen(std::span<const double> matrix);

}  // namespace foldback
