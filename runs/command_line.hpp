#pragma once
#include "sim/model.hpp"

namespace foldback {

/// The whole `foldback` program over the given models: parses the command line, does it, returns the exit code. A program with
/// models of its own calls this from its main().
int command_line(int argc, char** argv, const ModelRegistry& models);

}  // namespace foldback
