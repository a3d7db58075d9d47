#include "sim/digest.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>

#include "sim/sha256.hpp"

namespace foldback {
namespace {

static_assert(std::endian::native == std::endian::little, "digests are those of little-endian data");

std::string hexadecimal(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string numpy_shape(const std::vector<std::size_t>& shape) {
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (axis > 0) text += ',';
        text += std::to_string(shape[axis]);
    }
    text += shape.size() == 1 ? ",)" : ")";
    return text;
}

XXH128_canonical_t canonical(Digest digest) {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH128_hash_t{.low64 = digest.low, .high64 = digest.high});
    return bytes;
}

}  // namespace

Digest digest_of(const void* data, std::size_t bytes) {
    const auto hash = XXH3_128bits(data, bytes);
    return {.high = hash.high64, .low = hash.low64};
}

Digest digest_of_blocks(std::span<const Digest> blocks) {
    std::vector<XXH128_canonical_t> bytes;
    bytes.reserve(blocks.size());
    for (const auto& block : blocks) bytes.push_back(canonical(block));
    return digest_of(bytes.data(), bytes.size() * sizeof(XXH128_canonical_t));
}

std::string to_hex(Digest digest) { return hexadecimal(canonical(digest).digest); }

std::string sha256(std::string_view text) { return sha256_hex(text); }

std::string data_sha256(std::vector<DigestLine> lines) {
    std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    std::string text;
    for (const auto& line : lines)
        text += line.path + " " + std::string(numpy_name(line.type)) + " " + numpy_shape(line.shape) + " " +
                line.digest + "\n";
    return sha256(text);
}

}  // namespace foldback
