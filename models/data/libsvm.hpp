#pragma once
#include <cstddef>
#include <filesystem>

#include "models/data/samples.hpp"

namespace foldback {

class Settings;

/// How a LIBSVM file is to be read.
struct LibsvmForm {
    std::size_t columns = 0;  ///< 0: as many as the largest index says
};

/// The key columns.
LibsvmForm read_libsvm_form(Settings& table);

/// Lines "TARGET INDEX:VALUE INDEX:VALUE ... # comment", indices ascending from 1, what is left out 0. FileError with
/// the place of the first fault; an index that would make the data too large is refused before anything is allocated.
Samples read_libsvm(const std::filesystem::path& file, const LibsvmForm& form);

}  // namespace foldback
