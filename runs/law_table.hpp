#pragma once
#include "analysis/evidence.hpp"
#include "sim/file_layout.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// The exact stationary law by component, tabulated for pictures: /law/grid_point, x, density, cdf (component, grid_point).
/// Nothing is added when the model knows no law with a quantile function or finite moments.
void add_law_table(Layout& layout, const Setup& setup);
void write_law_table(OutputFile& file, const Setup& setup);

}  // namespace foldback
