#pragma once
#include <string_view>

namespace foldback {

/// Result bits change only with the major version. A reader refuses another major version, naming both.
inline constexpr std::string_view format_name = "foldback";
inline constexpr std::string_view format_version = "1.0";
inline constexpr int format_major = 1;

}  // namespace foldback
