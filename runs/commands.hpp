#pragma once
#include <string>

#include "runs/options.hpp"
#include "runs/plan.hpp"
#include "sim/input_file.hpp"

namespace foldback {

// What the program does, one function a verb; each returns the exit code (README.md lists them) and throws ConfigError,
// FileError or Interrupted.

int run_command(const RunOptions& options, const ModelRegistry& models);
int verify_command(const VerifyCommandOptions& options, const ModelRegistry& models);
int inspect_command(const InspectOptions& options, const ModelRegistry& models);
int check_command(const CheckOptions& options, const ModelRegistry& models);
int list_command(const std::string& what, bool json, const ModelRegistry& models);
int plot_command(const PlotOptions& options);

/// The configuration tree of a TOML file with overrides applied.
Value read_configuration_file(const std::filesystem::path& file, const std::vector<std::string>& overrides);

/// Opens a foldback file; refuses others, another major version of the format and, unless `partial_too`, a .part. FileError.
InputFile open_foldback_file(const std::filesystem::path& file, bool partial_too);

/// A parameter of the model, from /model, at a point of the sweep.
NamedArray stored_parameter(const InputFile& file, const std::string& name, const SweepAxes& sweep, std::size_t point);

/// The plan of the run that made the file, from its /config/resolved and /model.
RunPlan plan_of_file(const InputFile& file, const ModelRegistry& models);

}  // namespace foldback
