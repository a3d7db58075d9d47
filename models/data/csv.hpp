#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

#include "models/data/samples.hpp"

namespace foldback {

class Settings;

/// How a CSV file is to be read.
struct CsvForm {
    char separator = ',';
    bool header = true;
    std::string target;             ///< name of its column
    std::size_t target_number = 0;  ///< or its number, from 1; neither: the last one
};

/// The keys separator, header and target.
CsvForm read_csv_form(Settings& table);

/// A row in each line, RFC 4180 but for line breaks within quotes; blank lines do not count. Every column but the
/// target's is a feature. FileError with the place of the first row that is not as long as the header or the first
/// one, and of the first feature that is no finite number; ConfigError for a target that is no column.
Samples read_csv(const std::filesystem::path& file, const CsvForm& form, const Settings& table);

}  // namespace foldback
