#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "sim/moments.hpp"
#include "analysis/special.hpp"

namespace foldback {

/// One of `of_how_many` contiguous batches of nearly equal size.
struct Batch {
    std::size_t number, of_how_many;

    /// This batch's share of rows of `width` doubles.
    template <class T>
    std::span<T> of(std::span<T> x, std::size_t width = 1) const {
        const std::size_t rows = x.size() / width;
        const std::size_t first = rows * number / of_how_many, last = rows * (number + 1) / of_how_many;
        return x.subspan(first * width, (last - first) * width);
    }
};

/// How many batch_radius takes.
inline constexpr std::size_t radius_batches = 32;

/// One-sided t radius, at error probability `tail`, of a statistic of all data whose value on disjoint batches is
/// statistic(Batch): t_(31) sd/sqrt(32), 32 batches. Infinite with fewer than 4 rows to a batch.
template <class Statistic>
double batch_radius(std::size_t rows, double tail, Statistic statistic) {
    constexpr std::size_t batches = radius_batches;
    if (rows < 4 * batches) return std::numeric_limits<double>::infinity();
    std::array<double, batches> values;
    for (std::size_t b = 0; b < batches; ++b) values[b] = statistic(Batch{b, batches});
    const double variance = moments(values).variance();
    return special::student_upper(tail, double(batches - 1)) * std::sqrt(variance / double(batches));
}

}  // namespace foldback
