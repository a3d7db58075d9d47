#include "runs/library_versions.hpp"

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <fmt/format.h>
#include <tbb/version.h>
#include <toml++/toml.h>

#include "sim/hdf5_version.hpp"

namespace foldback {

std::string library_versions() {
    return fmt::format("HDF5 {}, Boost {}.{}.{}, oneTBB {}, fmt {}, toml++ {}.{}.{}, CLI11 {}", hdf5_version(), BOOST_VERSION / 100000,
                       BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, TBB_VERSION_STRING, FMT_VERSION, TOML_LIB_MAJOR, TOML_LIB_MINOR,
                       TOML_LIB_PATCH, CLI11_VERSION);
}

}  // namespace foldback
