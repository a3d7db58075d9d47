#pragma once
#include <filesystem>
#include <variant>

#include "models/data/csv.hpp"
#include "models/data/hdf5_data.hpp"
#include "models/data/libsvm.hpp"
#include "models/data/samples.hpp"

namespace foldback {

class Settings;

/// The file that a [model.data] table names, and how to read it.
class DataFile {
  public:
    /// Reads the keys file, format and those of the format; not yet the file.
    explicit DataFile(Settings& table);

    /// The data; errors as those of its format's reader.
    Samples read(const Settings& table) const;

  private:
    std::filesystem::path file_;
    std::variant<CsvForm, LibsvmForm, Hdf5Form> form_;
};

}  // namespace foldback
