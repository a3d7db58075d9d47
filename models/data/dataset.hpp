#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace foldback {

class Settings;
struct NamedArray;

/// What a loss wants its targets to be. Classes are 0 .. classes - 1, at least two of them, each one in the training
/// rows.
enum class Targets { numbers, classes, two_classes };

/// Rows of features with one target each, as a loss takes them: shuffled, standardised, with its intercept. The first
/// train_rows rows train, the others test; with none left the training rows are the test rows, too.
struct Dataset {
    std::size_t rows = 0, columns = 0;
    std::size_t train_rows = 0;
    std::vector<double> features;     ///< (rows, columns), row by row
    std::vector<double> targets;      ///< (rows): numbers, or classes as whole numbers
    int classes = 0;                  ///< 0: the targets are numbers
    std::vector<std::string> names;   ///< of the columns
    std::vector<std::string> labels;  ///< of the classes
    /// By column, what standardising subtracted and then divided by: of the training rows, divisor train_rows. 0 and 1
    /// for the intercept, scale 1 for a column that is constant over the training rows. Empty when not standardised.
    std::vector<double> mean, scale;
    bool intercept = false;  ///< the last column is all ones, and no feature
};

/// Reads a [model.data] table strictly but for finish(), which is the caller's; models/README.md lists its keys.
/// Of a run that a file holds, the data come from the file. ConfigError for the table, FileError for the file that it
/// names.
std::shared_ptr<const Dataset> read_dataset(Settings& table, Targets wanted);

/// What a model with this data adds to its parameters(): features, targets, and feature_mean, feature_scale.
std::vector<NamedArray> arrays_of(const Dataset& data);

}  // namespace foldback
