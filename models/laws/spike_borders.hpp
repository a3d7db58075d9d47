#pragma once
#include "sim/settings.hpp"

namespace foldback {

// The amplitudes delta at which SGD with gradient noise in proportion to the state changes its phase: the factor of one
// step is a = 1 - eta_lambda (1 + delta xi), xi standard normal (theory.md, spike-phase). For 0 < eta_lambda < 2 each
// border is there and is crossed once: E a^2 grows with delta, and E log|a| falls from log|1 - eta_lambda| < 0 to its
// only minimum before it grows for ever.

/// E a^2 = 1: delta = sqrt(2/eta_lambda - 1).
double variance_border(double eta_lambda);
/// E log|a| = 0, to rounding.
double recovery_border(double eta_lambda);

/// Reads delta, or delta_over_variance_border or delta_over_recovery_border, exactly one of them. Throws ConfigError.
double spike_amplitude(Settings& table, double eta_lambda);

}  // namespace foldback
