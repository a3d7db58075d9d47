#include "sim/digest.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace foldback {

TEST_CASE("digest: XXH3-128 in its canonical form") {
    // Published known answers, seed 0.
    CHECK(to_hex(digest_of("", 0)) == "99aa06d3014798d86001c324468d497f");
    CHECK(to_hex(digest_of("abc", 3)) == "06b05ab6733a618578af5f94892f3950");
    CHECK(to_hex({.high = 1, .low = 0xabcdef}) == "00000000000000010000000000abcdef");
}

TEST_CASE("digest: of blocks is that of the concatenated canonical digests") {
    const std::vector<Digest> blocks{{.high = 0x0102030405060708, .low = 0x090a0b0c0d0e0f10}, {.high = 0, .low = 255}};
    std::vector<unsigned char> bytes(32, 0);
    for (unsigned char i = 0; i < 16; ++i) bytes[i] = static_cast<unsigned char>(i + 1);
    bytes[31] = 255;
    CHECK(digest_of_blocks(blocks) == digest_of(bytes.data(), bytes.size()));
    CHECK_FALSE(digest_of_blocks(blocks) == digest_of_blocks(std::vector<Digest>{blocks[1], blocks[0]}));
    CHECK_FALSE(digest_of_blocks(std::vector<Digest>{blocks[0]}) == blocks[0]);
}

TEST_CASE("digest: SHA-256") {
    // FIPS 180-4's examples.
    CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("digest: data_sha256 is over sorted lines in numpy's notation") {
    const DigestLine state{"/forward/state", Type::float64, {100000, 2, 48, 1}, "aa"};
    const DigestLine censored{"/backward/censored", Type::int8, {5}, "bb"};
    const DigestLine scalar{"/x", Type::uint64, {}, "cc"};
    const auto expected =
        sha256("/backward/censored |i1 (5,) bb\n/forward/state <f8 (100000,2,48,1) aa\n/x <u8 () cc\n");
    CHECK(data_sha256({state, censored, scalar}) == expected);
    CHECK(data_sha256({scalar, state, censored}) == expected);
    CHECK(data_sha256({}) == sha256(""));
}

}  // namespace foldback
