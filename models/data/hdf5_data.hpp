#pragma once
#include <filesystem>
#include <string>

#include "models/data/samples.hpp"

namespace foldback {

class Settings;

/// Which datasets of an HDF5 file hold the data.
struct Hdf5Form {
    std::string features = "/features", targets = "/targets";
};

/// The keys features and target.
Hdf5Form read_hdf5_form(Settings& table);

/// Features (rows, columns), of any type of numbers; targets (rows), numbers or texts. FileError with the place of the
/// first fault: shapes that do not fit, a number that is not finite.
Samples read_hdf5(const std::filesystem::path& file, const Hdf5Form& form);

}  // namespace foldback
