#include "models/laws/spectral_norm.hpp"

#include <algorithm>
#include <cmath>

namespace foldback {

namespace {

bool at_most_one_entry_per_line(std::span<const double> A, std::size_t d) {
    for (std::size_t i = 0; i < d; ++i) {
        int row = 0, column = 0;
        for (std::size_t j = 0; j < d; ++j) {
            row += A[i * d + j] != 0;
            column += A[j * d + i] != 0;
        }
        if (row > 1 || column > 1) return false;
    }
    return true;
}

/// Turns columns p and q of W until they are orthogonal (Hestenes 1958); whether they were not.
bool rotate(std::vector<double>& W, std::size_t d, std::size_t p, std::size_t q) {
    double pp = 0, qq = 0, pq = 0;
    for (std::size_t i = 0; i < d; ++i) {
        pp += W[i * d + p] * W[i * d + p];
        qq += W[i * d + q] * W[i * d + q];
        pq += W[i * d + p] * W[i * d + q];
    }
    if (std::abs(pq) <= 0x1p-52 * std::sqrt(pp * qq)) return false;
    const double zeta = (qq - pp) / (2 * pq);
    const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
    const double c = 1 / std::sqrt(1 + t * t), s = c * t;
    for (std::size_t i = 0; i < d; ++i) {
        const double x = W[i * d + p], y = W[i * d + q];
        W[i * d + p] = c * x - s * y;
        W[i * d + q] = s * x + c * y;
    }
    return true;
}

}  // namespace

Fact spectral_norm(std::span<const double> A, int dimension) {
    const auto d = std::size_t(dimension);
    double largest = 0;
    for (double a : A) largest = std::max(largest, std::abs(a));
    if (largest == 0 || at_most_one_entry_per_line(A, d)) return {largest, Label::exact};

    const double scale = std::exp2(-std::ilogb(largest));  // so that squares neither overflow nor underflow
    std::vector<double> W(A.begin(), A.end());
    for (double& w : W) w *= scale;
    bool moved = true;
    for (int sweep = 0; moved && sweep < 60; ++sweep) {
        moved = false;
        for (std::size_t p = 0; p < d; ++p)
            for (std::size_t q = p + 1; q < d; ++q) moved = rotate(W, d, p, q) || moved;
    }
    double norm = 0;
    for (std::size_t p = 0; p < d; ++p) {
        double square = 0;
        for (std::size_t i = 0; i < d; ++i) square += W[i * d + p] * W[i * d + p];
        norm = std::max(norm, std::sqrt(square));
    }
    // What the rotations rounded and what is left between the columns: below 16 d eps of the norm.
    return {norm * (1 + 16 * double(d) * 0x1p-52) / scale, Label::bound};
}

}  // namespace foldback
