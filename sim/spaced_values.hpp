#pragma once
#include <string>
#include <vector>

#include "sim/value.hpp"

namespace foldback {

/// Whether a table is a range of values, { from = 1e-2, to = 1e-5, count = 7, spacing = "log" }: it has one of its
/// keys.
bool is_spaced_values(const Value& table);

/// The values of such a table, both ends as they are written and those between rounded to 12 significant digits, which
/// hides the last bits of libm's logarithms. They are integers where both ends are and the value is whole. `path` is
/// what messages call the table. Throws ConfigError.
std::vector<Value> spaced_values(const Value& table, const std::string& path);

}  // namespace foldback
