#pragma once
#include <vector>

#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// What x -> A x + S N is made of, and its truth.
struct VectorNoise {
    int dimension, noise_dimension;
    std::vector<double> A, S;  ///< (d, d), (d, r)
    Fact norm;                 ///< the spectral norm of A

    /// Reads A and one of S and s.
    static VectorNoise from(Settings& table);
    std::vector<NamedArray> parameters() const;
    Truth truth() const;
};

}  // namespace foldback
