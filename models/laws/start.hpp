#pragma once
#include <span>

namespace foldback {

/// Throws ConfigError unless every component of a start lies in [lower, upper]; `space` names that set in the message.
void require_start(std::span<const double> x, double lower, double upper, const char* space);

}  // namespace foldback
