#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "sim/truth.hpp"

namespace foldback {

/// x -> a x + b in one dimension, from the moments of (a, b).
AffineLaw scalar_affine_law(double a, double aa, double b, double bb, double ab);

struct StationaryMoments {
    std::vector<double> mean;        ///< (d)
    std::vector<double> covariance;  ///< (d, d)
};

/// The fixed point of the moment recursions (theory.md, affine-moments). Nothing if there is none, that is unless the
/// spectral radius of E[A (x) A] is below 1, and above dimension 40.
std::optional<StationaryMoments> stationary_moments(const AffineLaw& law);

/// Puts the law and its stationary moments into `truth`.
void add_affine_law(Truth& truth, AffineLaw law);

/// The root alpha > 0 of E|a|^alpha = 1, given alpha -> E|a|^alpha (possibly infinite) of a law with E log|a| < 0;
/// nothing if there is none below 1000. Source: Kesten 1973.
std::optional<double> kesten_index(const std::function<double(double)>& moment);

}  // namespace foldback
