#include "analysis/sliced_wasserstein.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/batches.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

std::vector<double> projections(std::span<const double> x, std::span<const double> direction) {
    const std::size_t dim = direction.size();
    std::vector<double> r(x.size() / dim);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = dot(x.subspan(i * dim, dim), direction);
    return r;
}

}  // namespace

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
