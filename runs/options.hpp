#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sim/ensemble.hpp"

namespace foldback {

struct RunOptions {
    std::filesystem::path configuration;
    std::filesystem::path output;          ///< empty: out/NAME.h5 beside the configuration
    std::vector<std::string> overrides;    ///< "model.lambda=0.3"
    Machinery machinery;
    bool resume = false, force = false, verify = true, strict = false, quiet = false;
    bool allow_version_change = false;     ///< resume what another version of the software began
    std::string command_line;              ///< for the file's provenance
    std::string resume_command;            ///< ready to paste, for whoever interrupts the run
};

struct VerifyCommandOptions {
    std::filesystem::path file;
    std::vector<std::string> claims;
    double alpha = 0;                      ///< 0: the file's
    bool strict = false, json = false;
    std::filesystem::path save;            ///< empty: nowhere
    int threads = 1;
    std::string command_line;
};

struct InspectOptions {
    std::filesystem::path file;
    bool json = false;
};

struct CheckOptions {
    std::filesystem::path configuration;
    std::vector<std::string> overrides;
    Machinery machinery;
    bool json = false;
};

struct PlotOptions {
    std::filesystem::path file;
    std::string figure = "all", format = "svg";
    std::filesystem::path output;          ///< a folder; empty: beside the file
    std::vector<std::string> passed_on;    ///< further options of the plotting script
};

}  // namespace foldback
