#include "analysis/sorted_sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "analysis/increasing.hpp"
#include "analysis/wasserstein.hpp"

using namespace foldback;

namespace {

std::vector<double> sample(std::size_t size, unsigned seed) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> normal;
    std::vector<double> x(size);
    for (double& v : x) v = normal(generator);
    return x;
}

}  // namespace

TEST_CASE("increasing: std::sort's order, of ties, zeros, infinities, denormals and numbers near one another") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (std::size_t size : {std::size_t(0), std::size_t(1), std::size_t(7), std::size_t(3'000), std::size_t(50'000)})
        for (double scale : {1.0, 1e-320, 1e300, 1e-12}) {
            std::vector<double> x = sample(size, 4);
            for (double& v : x) v = scale == 1e-12 ? 1 + scale * v : scale * std::round(16 * v) / 16;
            if (size > 6) x[1] = -infinity, x[2] = infinity, x[3] = -0.0, x[4] = 0.0, x[5] = 5e-324, x[6] = -5e-324;
            std::vector<double> expected = x;
            std::sort(expected.begin(), expected.end());
            CHECK(increasing(x) == expected);
        }
}

TEST_CASE("sorted sample: the whole, its contiguous halves and batches") {
    for (std::size_t size : {std::size_t(3), std::size_t(1'001)}) {
        const std::vector<double> x = sample(size, 5);
        const SortedSample s(x);
        CHECK(s.whole == increasing(x));
        CHECK(s.halves[0] == increasing(std::span(x).first(size / 2)));
        CHECK(s.halves[1] == increasing(std::span(x).subspan(size / 2)));
        std::size_t first = 0;
        for (std::size_t b = 0; b < 32; ++b) {
            CHECK(s.batches[b] == increasing(std::span(x).subspan(first, s.batches[b].size())));
            CHECK(first == size * b / 32);
            first += s.batches[b].size();
        }
        CHECK(first == size);
    }
}

TEST_CASE("sorted sample: its floor and radius are those of the sample's own parts") {
    const std::vector<double> x = sample(2'000, 6), y = sample(3'000, 7);
    const SortedSample a(x), b(y);
    for (double p : {1.0, 2.0}) {
        CHECK(a.noise_floor(p) == noise_floor(x, p));
        CHECK(batch_radius_between(a, b, p, 0.01) ==
              batch_radius(2'000, 0.01, [&](Batch part) { return wasserstein(part.of(std::span<const double>(x)), part.of(std::span<const double>(y)), p); }));
        CHECK(std::isinf(batch_radius_between(SortedSample(std::span(x).first(100)), b, p, 0.01)));
    }
}
