#include "analysis/directions.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "sim/error.hpp"
#include "sim/stream.hpp"

namespace foldback {
namespace {

double uniform(Stream& stream) {
    const std::uint64_t low = stream(), high = stream();
    return (double((low | high << 32) >> 12) + 0.5) * 0x1p-52;
}

/// A standard normal by Marsaglia's polar method; the pair's second member is not kept.
double normal(Stream& stream) {
    for (;;) {
        const double a = 2.0 * uniform(stream) - 1.0, b = 2.0 * uniform(stream) - 1.0, s = a * a + b * b;
        if (s > 0.0 && s < 1.0) return a * std::sqrt(-2.0 * std::log(s) / s);
    }
}

double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

/// Makes `v` orthogonal to the rows already in `frame` (twice, for rounding) and of length one; false if it vanishes.
bool orthonormalise(std::span<double> v, std::span<const double> frame) {
    const double before = std::sqrt(dot(v, v));
    for (int pass = 0; pass < 2; ++pass)
        for (std::size_t row = 0; row * v.size() < frame.size(); ++row) {
            const auto axis = frame.subspan(row * v.size(), v.size());
            const double along = dot(v, axis);
            for (std::size_t i = 0; i < v.size(); ++i) v[i] -= along * axis[i];
        }
    const double length = std::sqrt(dot(v, v));
    if (!(length > 1e-10 * before)) return false;
    for (double& component : v) component /= length;
    return true;
}

}  // namespace

std::vector<double> sphere_directions(std::size_t dim, std::size_t count, std::uint64_t seed) {
    if (dim == 0) throw InternalError("sphere_directions: dimension 0");
    std::vector<double> directions(dim * count);
    const std::span<double> all(directions);
    for (std::size_t first = 0; first < count; first += dim) {
        Stream stream(seed, std::uint32_t(first / dim), 0, Purpose::directions);
        for (std::size_t row = first; row < std::min(count, first + dim); ++row) {
            const auto direction = all.subspan(row * dim, dim);
            do {
                for (double& component : direction) component = normal(stream);
            } while (!orthonormalise(direction, all.subspan(first * dim, (row - first) * dim)));
        }
    }
    return directions;
}

}  // namespace foldback
