#pragma once
#include <string>

#include "sim/file_layout.hpp"
#include "sim/hdf5.hpp"

namespace foldback::hdf5 {

/// Creates everything the layout describes in a new, empty file: attributes, groups, scales, texts and variables.
/// `name` stands in error messages.
void write_layout(const Handle& file, const std::string& name, const Layout& layout);

}  // namespace foldback::hdf5
