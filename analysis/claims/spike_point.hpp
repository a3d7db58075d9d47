#pragma once
#include <span>
#include <string>

#include "analysis/evidence.hpp"
#include "analysis/interval.hpp"

// One point of a ladder of amplitudes, for spike-phase: how log|w| grows and how heavy the tail is, from the states.
namespace foldback::claims {

/// 1, 2, 3: recovers with finite variance, recovers with a heavy tail, diverges.
enum class Phase { finite_variance = 1, heavy_tail = 2, diverges = 3 };

struct SpikePoint {
    /// Of (log|w_n| - log|w_m|)/(n - m), n the last checkpoint, m about n/2; of a replica that is not finite at n, of
    /// log(largest double)/(its first non-finite step), at most what it grew by per map from about 1.
    SampleMoments growth;
    double diverged = 0, first_diverged = 0;  ///< such replicas, and the first step of all
    double tail_index = 0, tail_k = 0;        ///< Hill's at k = R/10 on w_n; NaN where a replica is not finite

    Interval growth_limits(double level) const;
    Interval tail_limits(double level) const;

    static constexpr std::size_t size = 11;  ///< of a summary
    static std::string text();
    void into(std::span<double> summary) const;
    static SpikePoint from(std::span<const double> summary);
};

/// Why the point cannot be measured; empty if it can.
std::string no_spike_point(const Setup& setup);
SpikePoint spike_point(const Evidence& evidence);

/// What the growth is expected to be where E log|a| = 0. There log|w_n| is about the largest of the partial sums S_1,
/// ..., S_n of a walk without drift, E max = sum_k E S_k^+ / k (Spitzer, Trans. AMS 82, 1956) and E S_k^+ = sigma
/// sqrt(k/2 pi) (1 + O(1/k)), sigma^2 = Var log|a|. With a drift it is less on the recovering side, and the drift
/// itself, or more, on the other: the growth passes this value exactly where the drift passes 0.
double driftless_growth(const Setup& setup);

/// By theory.
Phase phase_of(const Setup& setup);
/// The first and the last phase that the limits leave open, as numbers.
Interval measured_phase(Interval growth, Interval tail_index, double driftless);

}  // namespace foldback::claims
