#pragma once
#include <string>
#include <string_view>

namespace foldback {

/// SHA-256 (FIPS 180-4) of the bytes of `text`, as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view text);

}  // namespace foldback
