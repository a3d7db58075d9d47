#include "analysis/sliced_wasserstein.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/batches.hpp"
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

std::vector<double> projections(std::span<const double> x, std::span<const double> direction) {
    const std::size_t dim = direction.size();
    std::vector<double> r(x.size() / dim);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = dot(x.subspan(i * dim, dim), direction);
    return r;
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

double sliced_wasserstein2(std::span<const double> x, std::span<const double> y, std::size_t dim,
                           std::span<const double> directions) {
    if (dim == 0 || x.size() % dim != 0 || y.size() % dim != 0 || directions.size() % dim != 0)
        throw InternalError("sliced_wasserstein2: samples and directions must have rows of length dim");
    const std::size_t count = directions.size() / dim;
    double sum = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
        const auto direction = directions.subspan(k * dim, dim);
        const double w = wasserstein(projections(x, direction), projections(y, direction), 2.0);
        sum += w * w;
    }
    return std::sqrt(sum / double(count));
}

double sliced_lower_factor(std::size_t dim, std::size_t count) {
    const std::size_t frames = (count + dim - 1) / dim;
    return frames == 0 ? 0.0 : std::sqrt(double(count) / double(frames));
}

DistanceEstimate sliced_estimate(std::span<const double> x, std::span<const double> y, std::size_t dim,
                                 std::span<const double> directions, double alpha) {
    DistanceEstimate r{sliced_wasserstein2(x, y, dim, directions), {}, 0.0};
    const auto floor_of = [&](std::span<const double> sample) {
        return sliced_wasserstein2(Batch{0, 2}.of(sample, dim), Batch{1, 2}.of(sample, dim), dim, directions);
    };
    const double floor_x = floor_of(x), floor_y = floor_of(y);
    r.floor = std::max(floor_x, floor_y);
    const double error = batch_radius(std::min(x.size(), y.size()) / dim, 0.5 * alpha, [&](Batch b) {
        return sliced_wasserstein2(b.of(x, dim), b.of(y, dim), dim, directions);
    });
    r.limits = {std::max(0.0, r.value - floor_x - floor_y - error), r.value + error};
    return r;
}

}  // namespace foldback
