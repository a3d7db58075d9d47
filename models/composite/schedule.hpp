#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace foldback {

class Settings;

/// How a perturbation's amplitude depends on the number t = 1, 2, ... of the map.
struct Schedule {
    enum class Kind { constant, power, window, spikes, bernoulli };
    Kind kind = Kind::constant;
    double exponent = 0;                   ///< power: t^(-exponent)
    std::uint32_t first = 1, last = 0;     ///< window: on from `first` to `last`, both included
    std::vector<std::uint32_t> steps = {}; ///< spikes: on at these steps alone, ascending
    double rate = 0;                       ///< bernoulli: on with this probability, independently at each step

    /// By what the amplitude is multiplied at step t; of bernoulli 1, where it is on.
    double factor(std::uint32_t t) const;
    /// Whether all steps have one law.
    bool homogeneous() const { return kind == Kind::constant || kind == Kind::bernoulli; }
};

/// `schedule`, a table { kind = "..." }; constant where it is not given.
Schedule read_schedule(Settings& perturbation);

}  // namespace foldback
