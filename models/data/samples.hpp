#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace foldback {

/// The most numbers that a data set may hold, features and targets together: 1 GiB of them.
inline constexpr std::size_t most_data = std::size_t{1} << 27U;

/// A data set as its source gives it: before labels become classes, and before shuffling and standardising.
struct Samples {
    std::size_t rows = 0, columns = 0;
    std::vector<double> features;    ///< (rows, columns)
    std::vector<std::string> names;  ///< of the columns
    std::vector<double> numbers;     ///< (rows): targets that come as numbers; or else
    std::vector<std::string> texts;  ///< (rows): targets as they are written
    /// Where a row's target stands: "iris.csv:12:30". Empty for data that no file holds.
    std::function<std::string(std::size_t row)> place;
};

}  // namespace foldback
