#pragma once
#include <span>
#include <string>
#include <string_view>

namespace foldback {

/// The least number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, no letter
/// touched twice (Damerau-Levenshtein, optimal string alignment); upper and lower case count as equal.
int edit_distance(std::string_view a, std::string_view b);

/// The name nearest to a mistyped one; empty when none is near (more than a third of the letters differ). The first
/// wins a tie.
std::string nearest_name(std::string_view typed, std::span<const std::string> names);

/// What to say after "unknown 'lamda'": "did you mean 'lambda'? (valid: lambda, kind)". The list is left out when it is
/// long and a near name was found.
std::string suggestion(std::string_view typed, std::span<const std::string> names);

}  // namespace foldback
