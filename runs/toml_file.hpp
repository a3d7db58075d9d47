#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "sim/value.hpp"

namespace foldback {

/// The text of a configuration file. FileError when it cannot be read (missing, no permission, a directory);
/// ConfigError when what it holds is no text (NUL bytes, an HDF5 file) or is longer than 16 MiB.
std::string read_text_file(const std::filesystem::path& path);

/// The tree of a TOML text, keys in the order in which they are written, origins NAME:LINE:COLUMN (of values; an
/// Entry's origin is its key's). ConfigError for a syntax error, with its position, and for dates and times, which no
/// setting uses. inf and nan pass here: Settings refuses them by name.
Value parse_toml(std::string_view text, const std::string& name);

/// parse_toml of a file, named as given.
Value read_toml_file(const std::filesystem::path& path);

/// Applies one `--set PATH=VALUE`: model.lambda=0.3, model.maps.0.weight=0.5, sweep."model.lambda"=[0.3, 0.5]. VALUE is
/// TOML, or else a bare word (a letter, then letters, digits and _ - . / +), taken as a string. Missing keys are
/// created; what is set has the origin "--set PATH". ConfigError names the setting.
void apply_override(Value& root, std::string_view setting);

}  // namespace foldback
