#pragma once
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/exponents.hpp"
#include "analysis/claims/passes.hpp"
#include "analysis/sweep_claim.hpp"

// What forward-bias keeps of every point of a sweep over the amplitude, and makes of all of them.
namespace foldback::claims {

/// Why there is nothing to keep; empty if the perturbations are smooth, symmetric and independent, and the forward pass
/// has some.
std::string no_pass_ladder(const Setup& setup);

/// By start: rounding, then by batch of replicas (256, or as many as there are replicas) the means of g~ - g,
/// antithetic, in every component, and that of |g~ - g|^2.
std::size_t pass_summary_size(const Setup& setup);
std::string pass_summary_text();
void summarise_passes(const Evidence& evidence, std::span<double> summary);

/// The summaries of all points, of one start. In place of a replica there is a batch of them: batches are independent,
/// and those of the same number share their noise from point to point.
class PassLadder {
  public:
    PassLadder(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, std::size_t start);

    std::size_t size() const { return amplitudes_.size(); }
    double amplitude(std::size_t point) const { return amplitudes_[point]; }
    bool finite() const;
    /// The largest that a recorded gradient can have been moved by.
    double rounding(std::size_t point) const { return points_[point].front(); }
    /// The antithetic g~ - g by component.
    std::vector<SampleMoments> coordinates(std::size_t point) const;
    /// E|g~ - g|^2 against s^2: by symmetry no odd powers of s are in it.
    Measured error_squares() const;
    /// The antithetic g~ - g against s^2, along a unit vector: the direction of its mean over the first half of the
    /// batches at the largest amplitude. Values are of the second half, which knows nothing of the direction, so that
    /// their mean is the projection of E g~ - g without a bias; the norm of an estimated mean has one.
    Measured bias_along_its_direction() const;

  private:
    std::span<const double> batch(std::size_t point, std::size_t index) const;

    std::vector<double> amplitudes_;
    std::vector<std::span<const double>> points_;  // rounding, batches
    std::size_t batches_, dimension_;
};

}  // namespace foldback::claims
