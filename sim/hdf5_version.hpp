#pragma once
#include <string>

namespace foldback {

/// Version of the HDF5 library that files are written with: "1.10.8".
std::string hdf5_version();

}  // namespace foldback
