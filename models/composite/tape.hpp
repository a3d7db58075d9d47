#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "models/composite/operator.hpp"

namespace foldback {

/// Where the passes through a chain keep x_n, what the operators' Jacobians need of them, and u_n: numbers per row, from
/// which a Tape of any number of rows is cut.
struct TapeUnits {
    std::vector<std::size_t> x, slope, u;  ///< of operator n: of x_n, slope_n and u_n; x[0]: the row itself
    std::size_t scores = 0, delta = 0;     ///< scratch
    std::size_t size = 0;

    TapeUnits() = default;
    explicit TapeUnits(const std::vector<Operator>& chain) : x(chain.size()), slope(chain.size()), u(chain.size()) {
        const auto take = [this](std::size_t count) {
            const std::size_t here = size;
            size += count;
            return here;
        };
        x[0] = take(chain.front().in);
        for (std::size_t n = 1; n < chain.size(); ++n) {
            const Operator& f = chain[n - 1];
            x[n] = take(f.out);
            slope[n] = take(f.slopes());
            u[n] = take(f.out);
        }
        scores = take(chain.back().in);
        std::size_t widest = 0;
        for (const Operator& f : chain) widest = std::max(widest, f.out);
        delta = take(widest);
    }
};

/// One pass: x(n), u(n), n = 1..N-1, and x(0), as (row, width); slope(n) of operator n.
template <class X>
struct Tape {
    X* base;
    const TapeUnits* units;
    std::size_t rows;

    X* x(std::size_t n) const { return base + rows * units->x[n]; }
    X* slope(std::size_t n) const { return base + rows * units->slope[n]; }
    X* u(std::size_t n) const { return base + rows * units->u[n]; }
    X* scores() const { return base + rows * units->scores; }
    X* delta() const { return base + rows * units->delta; }
};

}  // namespace foldback
