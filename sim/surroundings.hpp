#pragma once
#include <filesystem>
#include <functional>
#include <string>

namespace foldback {

struct NamedArray;

/// What a model may reach beyond its own table.
struct Surroundings {
    /// The configuration's: relative names of files start there. Empty: where the program runs.
    std::filesystem::path folder = {};
    /// Of a model that is made again from the file of its run: a parameter as /model holds it (FileError when it does
    /// not). Empty otherwise. What the model read from other files then comes from there.
    std::function<NamedArray(const std::string& name)> stored = {};
};

}  // namespace foldback
