#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/file_layout.hpp"

namespace foldback {

/// An XXH3-128 value.
struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const Digest&) const = default;
};

/// XXH3-128 (seed 0) of the bytes of one block: little-endian elements in C order.
Digest digest_of(const void* data, std::size_t bytes);

/// Digest of a dataset: XXH3-128 over its blocks' digests in order, 16 big-endian bytes each. A dataset that is
/// written as a whole is one block.
Digest digest_of_blocks(std::span<const Digest> blocks);

/// 32 hexadecimal digits, big-endian (xxHash's canonical form).
std::string to_hex(Digest digest);

/// One line of the text that `data_sha256` is computed over.
struct DigestLine {
    std::string path;
    Type type = Type::float64;
    std::vector<std::size_t> shape;
    std::string digest;
};

/// SHA-256, in hexadecimal, of the lines "path dtype shape digest\n" sorted by path (as bytes); dtype as numpy names
/// it, shape in numpy's notation without spaces: (100000,2,48,1), (5,), ().
std::string data_sha256(std::vector<DigestLine> lines);

/// SHA-256 of any text, in hexadecimal.
std::string sha256(std::string_view text);

}  // namespace foldback
