#pragma once
#include <filesystem>

#include "runs/options.hpp"
#include "runs/plan.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// Opens NAME.h5.part to go on with it. FileError when it was begun by another version of the software (unless allowed; that
/// is recorded), ConfigError with the differences key by key when its configuration is another one.
OutputFile resume_run(const std::filesystem::path& output, const RunPlan& plan, const RunOptions& options);

}  // namespace foldback
