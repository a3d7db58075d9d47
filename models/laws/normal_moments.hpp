#pragma once
#include <optional>

#include "sim/truth.hpp"

namespace foldback {

struct LogMoments {
    double mean, variance;
};

/// E|a|^p for a ~ N(mean, sd^2), p > -1, and the first two moments of log|a|: a^2 / sd^2 is non-central chi-squared,
/// that is chi-squared with 2 J + 1 degrees, J ~ Poisson(mean^2 / (2 sd^2)), so that
///     E|a|^p = (2 sd^2)^(p/2) E[Gamma(J + (1 + p)/2) / Gamma(J + 1/2)],
///     E log|a| = (log(2 sd^2) + E psi(J + 1/2)) / 2.
/// The first equals (2 sd^2)^(p/2) Gamma((1 + p)/2) / sqrt(pi) 1F1(-p/2; 1/2; -mean^2 / (2 sd^2)).
double normal_absolute_moment(double mean, double sd, double p);
LogMoments normal_log_moments(double mean, double sd);

/// E|X| for X ~ N(mean, sd^2), sd >= 0.
double mean_absolute_normal(double mean, double sd);

/// (E|X|^p)^(1/p) for X ~ N(mean, sd^2), sd >= 0; nothing at p = infinity unless sd = 0.
std::optional<Fact> normal_norm(double mean, double sd, double p);

}  // namespace foldback
