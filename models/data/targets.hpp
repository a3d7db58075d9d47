#pragma once
#include <string>
#include <vector>

#include "models/data/dataset.hpp"
#include "models/data/samples.hpp"

namespace foldback {

/// Targets in the form a loss wants them.
struct ReadTargets {
    std::vector<double> values;       ///< (rows)
    std::vector<std::string> labels;  ///< of the classes, in order; empty for numbers
};

/// Turns a source's targets into what is wanted. Labels are the table's `labels`, in that order, or else the different
/// ones that occur, sorted: as numbers if all are whole numbers, else as texts. FileError with the place of the first
/// target that is no number, no class, or one class too many; when there is one class only.
ReadTargets read_targets(Settings& table, const Samples& samples, Targets wanted);

/// The table's `labels`, integers or texts; nothing when the key is missing.
std::vector<std::string> listed_labels(Settings& table);

/// Refuses training rows without one of the classes; `order` says which rows of the source come first.
void check_training_classes(Settings& table, const ReadTargets& targets, const std::vector<std::size_t>& order,
                            std::size_t train_rows);

}  // namespace foldback
