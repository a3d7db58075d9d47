#include <Random123/philox.h>
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

#include "sim/error.hpp"
#include "sim/noise.hpp"

using namespace foldback;

namespace {

// The layout in so many words, on Random123's own generator: what architecture and file format fix.
r123::Philox4x32::ctr_type words(std::uint64_t seed, std::uint64_t block, std::uint32_t replica, Purpose purpose) {
    return r123::Philox4x32{}({{std::uint32_t(block), std::uint32_t(block >> 32), replica, std::uint32_t(purpose)}},
                              {{std::uint32_t(seed), std::uint32_t(seed >> 32)}});
}
double uniform_of(std::uint32_t low, std::uint32_t high) {
    return (double((std::uint64_t(high) << 32 | low) >> 12) + 0.5) * 0x1p-52;
}
double coin_item(std::uint64_t seed, std::uint32_t replica, std::uint64_t item) {
    return words(seed, item / 128, replica, Purpose::coins)[item % 128 / 32] >> item % 32 & 1U ? 1.0 : -1.0;
}
double uniform_item(std::uint64_t seed, std::uint32_t replica, std::uint64_t item, Purpose purpose = Purpose::uniforms) {
    const auto w = words(seed, item / 2, replica, purpose);
    return item % 2 ? uniform_of(w[2], w[3]) : uniform_of(w[0], w[1]);
}

}  // namespace

TEST_CASE("philox4x32-10: Random123's known answers, on every lane") {
    const PhiloxBlock<4> zero = philox_block<4>({Words<4>(0), Words<4>(0), Words<4>(0), Words<4>(0)}, 0);
    const std::uint64_t of_zero[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    const Words<4> ones(0xffffffff);
    const PhiloxBlock<4> one = philox_block<4>({ones, ones, ones, ones}, 0xffffffffffffffffULL);
    const std::uint64_t of_ones[] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    const PhiloxBlock<4> pi = philox_block<4>({Words<4>(0x243f6a88), Words<4>(0x85a308d3), Words<4>(0x13198a2e), Words<4>(0x03707344)},
                                            0x299f31d0a4093822ULL);
    const std::uint64_t of_pi[] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    for (std::size_t word = 0; word < 4; ++word)
        for (int lane = 0; lane < 4; ++lane) {
            CHECK(zero[word][lane] == of_zero[word]);
            CHECK(one[word][lane] == of_ones[word]);
            CHECK(pi[word][lane] == of_pi[word]);
        }
}

TEST_CASE("noise: packed items stand where the layout says, for any replica, step and number of items per step") {
    CHECK(rc::check([](std::uint64_t seed, std::uint32_t replica) {
        replica &= 0x7fffffffU;
        const auto step = *rc::gen::inRange<std::uint32_t>(0, 1'000'000);
        const auto k = *rc::gen::inRange<std::uint32_t>(1, 9);
        Noise<Lanes<2>> w(seed, replica, {.coins = k, .integers = k, .uniforms = k, .normals = k});
        w.at(step);
        for (std::uint32_t j = 0; j < k; ++j) {
            const std::uint64_t item = std::uint64_t(step) * k + j;
            const auto coin = w.coin(), uniform = w.uniform(), normal = w.normal();
            const auto integer = w.integer(1000);
            for (int lane = 0; lane < 2; ++lane) {
                const std::uint32_t r = replica + std::uint32_t(lane);
                RC_ASSERT(coin[lane] == coin_item(seed, r, item));
                RC_ASSERT(uniform[lane] == uniform_item(seed, r, item));
                RC_ASSERT(integer[lane] == (std::uint64_t(words(seed, item / 4, r, Purpose::integers)[item % 4]) * 1000) >> 32);
                const auto pair = normal_pair(uniform_item(seed, r, item / 2 * 2, Purpose::normals), uniform_item(seed, r, item / 2 * 2 + 1, Purpose::normals));
                RC_ASSERT(normal[lane] == (item % 2 ? pair.second : pair.first));
            }
        }
    }));
}

TEST_CASE("noise: any order of steps reads the same values, and lanes read what single replicas read") {
    const Consumption per_step{.coins = 3, .integers = 1, .uniforms = 3, .normals = 3};
    const auto read = [&](auto& w, std::uint32_t step) {
        w.at(step);
        return std::vector<double>{lane(w.coin(), 0), lane(w.coin(), 0), lane(w.uniform(), 0), lane(w.normal(), 0), lane(w.normal(), 0), lane(w.exponential(), 0)};
    };
    Noise<double> up(42, 7, per_step), down(42, 7, per_step);
    Noise<Lanes<2>> two(42, 7, per_step);
    Noise<Lanes<8>> eight(42, 7, per_step);
    std::vector<std::vector<double>> seen;
    for (std::uint32_t n = 0; n < 300; ++n) seen.push_back(read(up, n));
    for (std::uint32_t n = 300; n-- > 0;) {
        CHECK(read(down, n) == seen[n]);
        CHECK(read(two, n) == seen[n]);
        CHECK(read(two, n * 37 % 300) == seen[n * 37 % 300]);
        CHECK(read(eight, n) == seen[n]);
    }
    // A coin gives its sign to a number, and so does the same coin to another.
    Noise<Lanes<2>> signs(42, 7, per_step);
    for (std::uint32_t n = 0; n < 50; ++n) {
        two.at(n);
        signs.at(n);
        const auto sign = two.coin(), given = signs.coin(Lanes<2>(-0.75));
        for (int i = 0; i < 2; ++i) CHECK(given[i] == -0.75 * sign[i]);
    }
}

TEST_CASE("noise: normals read together are those read one by one, wherever their pages begin") {
    const Consumption per_step{.normals = 23};
    Noise<double> one_by_one(42, 7, per_step), scalar(42, 7, per_step);
    Noise<Lanes<8>> eight(42, 7, per_step);
    for (std::uint32_t step : {0U, 1U, 2U, 1000U, 7U}) {
        one_by_one.at(step), scalar.at(step), eight.at(step);
        for (std::uint32_t count : {3U, 0U, 17U, 2U, 1U}) {
            std::vector<double> together(count);
            std::vector<Lanes<8>> lanes(count);
            scalar.normals(together.data(), count);
            eight.normals(lanes.data(), count);
            for (std::uint32_t i = 0; i < count; ++i) {
                const double wanted = one_by_one.normal();
                CHECK(together[i] == wanted);
                CHECK(lanes[i][0] == wanted);
            }
        }
    }
}

TEST_CASE("noise: reading more than was declared throws, for every kind") {
    Noise<Lanes<1>> w(1, 0, {.coins = 1, .integers = 1, .uniforms = 1, .normals = 1});
    w.at(5);
    (void)w.coin(), (void)w.integer(3), (void)w.uniform(), (void)w.normal();
    CHECK_THROWS_AS((void)w.coin(), InternalError);
    CHECK_THROWS_AS((void)w.integer(3), InternalError);
    CHECK_THROWS_AS((void)w.uniform(), InternalError);
    CHECK_THROWS_AS((void)w.normal(), InternalError);
    w.at(6);
    Lanes<1> two[2];
    CHECK_THROWS_AS(w.normals(two, 2), InternalError);
    CHECK_NOTHROW((void)w.coin());
}

TEST_CASE("stream: the general draws of one replica at one step, addressed, not shared, exhaustible") {
    Stream a(9, 3, 11), b(9, 3, 11), other_step(9, 3, 12), other_replica(9, 4, 11);
    int same_step = 0, same_replica = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const auto expected = r123::Philox4x32{}({{i / 4, 11, 3, std::uint32_t(Purpose::general)}}, {{9, 0}})[i % 4];
        CHECK(a() == expected);
        CHECK(b() == expected);
        same_step += other_step() == expected;
        same_replica += other_replica() == expected;
    }
    CHECK(same_step + same_replica == 0);
    a.seek(0xffffffffULL);
    for (int i = 0; i < 4; ++i) CHECK_NOTHROW(a());
    CHECK_THROWS_AS(a(), InternalError);
}
