#include "sim/symmetric_eigen.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace foldback;

TEST_CASE("symmetric_eigen: increasing values, orthonormal columns that give the matrix back") {
    const std::vector<double> m{4, 1, -2, 1, 3, 0.5, -2, 0.5, 1};
    const SymmetricEigen eigen = symmetric_eigen(m);
    REQUIRE(eigen.values.size() == 3);
    CHECK(eigen.values[0] <= eigen.values[1]);
    CHECK(eigen.values[1] <= eigen.values[2]);
    const auto v = [&](std::size_t i, std::size_t k) { return eigen.vectors[3 * i + k]; };
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            double product = 0, inner = 0;
            for (std::size_t k = 0; k < 3; ++k) {
                product += v(i, k) * eigen.values[k] * v(j, k);
                inner += v(k, i) * v(k, j);
            }
            CHECK(product == doctest::Approx(m[3 * i + j]).epsilon(1e-14));
            CHECK(std::abs(inner - (i == j)) < 1e-14);
        }
    CHECK(symmetric_eigen(std::vector<double>{-2}).values == std::vector<double>{-2});
}
