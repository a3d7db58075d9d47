#pragma once
#include <string>

#include "runs/plan.hpp"
#include "sim/file_layout.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// Where a run comes from, as its file tells it.
struct Origin {
    std::string toml;          ///< verbatim; empty for a configuration that is not from a file
    std::string command_line;  ///< paths cut to their last component
};

/// The whole file of a run: provenance, /config, /model, /law, the ensemble (or, for a sweep, the moments by point), /claims.
Layout layout_of(const RunPlan& plan, const Origin& origin);

/// Fills what is known before the first replica: the model's parameters and the tabulated law.
void write_known(OutputFile& file, const RunPlan& plan);

/// "2026-03-30T12:00:00Z".
std::string utc_now();

/// The words of a command line, paths cut to their last component.
std::string without_paths(const std::vector<std::string>& words);

/// The constants a model knows of itself, as they are stored and printed: "rho_2", "0.5 (exact)".
std::vector<std::pair<std::string, std::string>> facts_of(const Setup& setup);

}  // namespace foldback
