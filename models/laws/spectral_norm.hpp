#pragma once
#include <span>

#include "sim/truth.hpp"

namespace foldback {

/// The largest singular value of A (d, d), row-major. Exact for d = 1 and where no row or column has two entries;
/// otherwise a bound a few rounding errors above it. Basic operations in a fixed order: the same bits everywhere.
Fact spectral_norm(std::span<const double> A, int d);

}  // namespace foldback
