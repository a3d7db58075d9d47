#pragma once
#include <string>

namespace foldback {

/// "HDF5 1.10.8, Boost 1.74.0, ...": what this program was built with.
std::string library_versions();

}  // namespace foldback
