#include "analysis/rare_paths.hpp"

#include <cmath>

namespace foldback {

std::uint64_t last_judgeable_step(std::uint64_t replicas, double p, double variance_log_lipschitz,
                                  double probability_zero) {
    // The share of the exponent p^2 n Var/(2 log R) at which 99.9 % intervals were measured to cover 99.8 %.
    constexpr double share = 0.1;
    if (probability_zero == 1.0) return every_step;
    if (!(probability_zero == 0.0) || !std::isfinite(variance_log_lipschitz) || variance_log_lipschitz < 0.0) return 0;
    if (variance_log_lipschitz == 0.0 || p == 0.0) return every_step;
    if (replicas < 2) return 0;
    const double last = share * 2.0 * std::log(double(replicas)) / (p * p * variance_log_lipschitz);
    return last < 0x1p63 ? std::uint64_t(last) : every_step;
}

}  // namespace foldback
