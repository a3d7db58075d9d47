#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/losses/sgd_truth.hpp"

// What the starts that SGD knows by name read from their tables.
namespace foldback {

class Settings;

/// th*, or ConfigError where `centre` is null: it is not known.
std::vector<double> optimum_start(Settings& table, const double* centre, std::size_t dimension);

/// A start of kind "trained", but for its `from`: the state after `steps` of SGD without momentum, batches drawn with
/// replacement, replica 0 of `seed`.
struct Training {
    SgdPlan plan;
    std::uint64_t seed = 0;
    std::uint32_t steps = 0;
};
Training read_training(Settings& table);
/// Its `from`: numbers, or a table from which `named` makes them.
std::vector<double> read_origin(Settings& table, std::size_t dimension,
                                const std::function<std::vector<double>(Settings&)>& named);
/// ConfigError unless it came to finite numbers.
void check_trained(Settings& table, std::span<const double> theta);

std::uint64_t read_start_seed(Settings& table);
/// `scale`, 1 where it is not given.
double read_start_scale(Settings& table);

}  // namespace foldback
