#include "sim/hdf5_version.hpp"

#include <H5public.h>

namespace foldback {

std::string hdf5_version() {
    return std::to_string(H5_VERS_MAJOR) + "." + std::to_string(H5_VERS_MINOR) + "." + std::to_string(H5_VERS_RELEASE);
}

}  // namespace foldback
