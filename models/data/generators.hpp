#pragma once
#include <cstdint>
#include <vector>

#include "models/data/dataset.hpp"
#include "models/data/samples.hpp"

namespace foldback {

/// Makes the synthetic data set that the table's `generator` names, from its `seed` alone:
///   linear    x ~ N(0, Q diag(spectrum) Q^T), y = x.w + noise N(0, 1)
///   logistic  the same x; class 1 with probability 1/(1 + exp(-x.w)), else class 0
///   blobs     row i is of class i mod classes: x ~ N(centre of the class, spread^2 I), centres ~ N(0, separation^2 I)
/// Reads the generator's keys. The same bits on every machine.
Samples generate(Settings& table, Targets wanted);

/// A random order of 0 .. rows - 1, each equally likely.
std::vector<std::size_t> shuffled_rows(std::uint64_t seed, std::size_t rows);

}  // namespace foldback
