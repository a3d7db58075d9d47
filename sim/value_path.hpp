#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/value.hpp"

namespace foldback {

/// The segments of a dotted path: model.maps.0.weight, sweep."model.lambda" (a quoted segment may hold dots). `where`
/// leads the ConfigError for an empty segment or an open quote.
std::vector<std::string> parse_path(std::string_view text, const std::string& where);

/// Puts `value` at `path` below `root`: through tables by key and through arrays by index (0 is the first element).
/// Missing keys are created. Throws ConfigError, led by `where`, for an index that is none or too large, and for a path
/// that goes on below a scalar.
void set_at(Value& root, std::span<const std::string> path, Value value, const std::string& where);

/// The node at `path`; null when there is none.
const Value* find_at(const Value& root, std::span<const std::string> path);

}  // namespace foldback
