#include "models/laws/rotation.hpp"

#include <cmath>

#include "sim/distributions.hpp"
#include "sim/stream.hpp"

namespace foldback {

std::vector<double> orthonormal(std::vector<double> rows, std::size_t d) {
    for (std::size_t i = 0; i < d; ++i) {
        double* row = &rows[i * d];
        for (int twice = 0; twice < 2; ++twice)  // the second pass removes what rounding left
            for (std::size_t k = 0; k < i; ++k) {
                double along = 0;
                for (std::size_t j = 0; j < d; ++j) along += rows[k * d + j] * row[j];
                for (std::size_t j = 0; j < d; ++j) row[j] -= along * rows[k * d + j];
            }
        double square = 0;
        for (std::size_t j = 0; j < d; ++j) square += row[j] * row[j];
        for (std::size_t j = 0; j < d; ++j) row[j] /= std::sqrt(square);
    }
    return rows;
}

std::vector<double> random_rotation(std::uint64_t seed, std::size_t d) {
    std::vector<double> normals(d * d);
    for (std::size_t i = 0; i < d; ++i) {
        Stream source(seed, 0, std::uint32_t(i), Purpose::data);
        for (std::size_t j = 0; j < d; ++j) normals[i * d + j] = standard_normal(source);
    }
    return orthonormal(std::move(normals), d);
}

}  // namespace foldback
