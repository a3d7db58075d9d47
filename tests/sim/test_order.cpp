#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/error.hpp"
#include "sim/order_registry.hpp"
#include "tests/support/order_word.hpp"

using namespace foldback;
using foldback::test::maps_of;

namespace {

using Maps = std::vector<std::uint32_t>;

Maps of(const std::string& name, std::uint32_t n) { return maps_of(order_named(name), n, 3); }

/// Every order of the registry that is a word, with these widths.
std::vector<Order> words(std::vector<std::uint32_t> widths) {
    std::vector<Order> all;
    for (const OrderKind* kind : orders().kinds()) {
        const bool family = std::string(kind->name).find('#') != std::string::npos;
        for (std::uint32_t width : family ? widths : std::vector<std::uint32_t>{0})
            if (kind->word) all.push_back({kind, width});
    }
    return all;
}

bool each_once(Maps maps) {
    std::sort(maps.begin(), maps.end());
    return std::adjacent_find(maps.begin(), maps.end()) == maps.end();
}

/// The law of X_n under epochs, decided by definition: the partition of positions into epochs is that of F_n.
bool same_partition(const Maps& maps, std::uint32_t epoch) {
    for (std::size_t i = 0; i < maps.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if ((i / epoch == j / epoch) != ((maps[i] - 1) / epoch == (maps[j] - 1) / epoch)) return false;
    return true;
}

}  // namespace

TEST_CASE("orders: the words, map by map") {
    CHECK(of("forward", 4) == Maps{1, 2, 3, 4});
    CHECK(of("backward", 4) == Maps{4, 3, 2, 1});
    CHECK(of("window_2", 5) == Maps{1, 2, 3, 5, 4});
    CHECK(of("window_7", 3) == Maps{3, 2, 1});
    CHECK(of("window_1", 3) == Maps{1, 2, 3});
    CHECK(of("block_reversed_3", 8) == Maps{3, 2, 1, 6, 5, 4, 8, 7});
    CHECK(of("block_reversed_3", 6) == Maps{3, 2, 1, 6, 5, 4});
    CHECK(of("palindrome_3", 5) == Maps{1, 2, 3, 3, 2, 1, 4, 5, 5, 4});
    CHECK(of("palindrome_1", 2) == Maps{1, 1, 2, 2});
    for (const Order& order : words({1, 2, 5})) CHECK(maps_of(order, 0).empty());
}

TEST_CASE("orders: trunks form a chain, and where the law is forward's every map is used once") {
    for (const Order& order : words({1, 2, 3, 16, 100})) {
        CAPTURE(name(order));
        Maps before;
        std::uint64_t length = 0;
        for (std::uint32_t n = 0; n <= 120; ++n) {
            const Maps maps = maps_of(order, n, 11, 7);
            CHECK(maps == maps_of(order, n, 11, 1000));  // whatever the pieces
            const std::uint64_t trunk = word_of(order, 11)->trunk_length(n);
            CHECK(trunk >= length);
            CHECK(std::equal(before.begin(), before.begin() + std::ptrdiff_t(length), maps.begin()));
            if (order.kind->same_law) {
                CHECK(maps.size() == n);
                CHECK(each_once(maps));
            }
            before = maps;
            length = trunk;
        }
    }
    CHECK_FALSE(each_once(of("palindrome_3", 5)));
}

TEST_CASE("reshuffled: one permutation per block and seed, uniform over the permutations") {
    const Order three = order_named("reshuffled_3");
    std::map<Maps, int> seen;
    const auto maps = maps_of(three, 60'000, 5, 1000);
    for (std::uint32_t b = 0; b < 20'000; ++b) {
        Maps block(maps.begin() + 3 * b, maps.begin() + 3 * b + 3);
        for (std::uint32_t& map : block) map -= 3 * b;
        ++seen[block];
    }
    // 20,000 blocks over 6 permutations: chi-square with 5 degrees of freedom exceeds 20.5 with probability 1e-3.
    REQUIRE(seen.size() == 6);
    double chi_square = 0;
    for (const auto& [block, count] : seen) chi_square += std::pow(count - 20'000 / 6.0, 2) / (20'000 / 6.0);
    CHECK(chi_square < 20.5);
    CHECK(maps_of(three, 60, 5) == Maps(maps.begin(), maps.begin() + 60));
    CHECK(maps_of(three, 60, 6) != Maps(maps.begin(), maps.begin() + 60));
    CHECK(maps_of(order_named("reshuffled_50"), 50, 5) != maps_of(order_named("reshuffled_50"), 50, 6));
    // The bits belong to the file format.
    CHECK(maps_of(order_named("reshuffled_8"), 8, 20260330) == Maps{5, 7, 2, 3, 8, 4, 6, 1});
}

TEST_CASE("orders: which have forward's law when the maps are exchangeable within epochs only") {
    for (const Order& order : words({1, 2, 3, 4, 6, 8, 12, 20}))
        for (std::uint32_t epoch : {1U, 2U, 4U, 6U})
            for (std::uint32_t n = 0; n <= 26; ++n) {
                CAPTURE(name(order));
                CAPTURE(epoch);
                CAPTURE(n);
                CHECK(has_law_of_forward(order, 7, n, epoch) == (order.kind->same_law && same_partition(maps_of(order, n, 7), epoch)));
                CHECK(has_law_of_forward(order, 7, n, 0) == order.kind->same_law);
            }
    const auto at = [](const char* text, std::uint32_t n, std::uint32_t epoch) { return has_law_of_forward(order_named(text), 1, n, epoch); };
    CHECK(at("backward", 12, 4));        // complete epochs
    CHECK_FALSE(at("backward", 13, 4));
    CHECK(at("backward", 3, 4));         // within the first
    CHECK(at("window_8", 21, 4) == false);
    CHECK(at("window_8", 20, 4));
    CHECK(at("block_reversed_4", 21, 4));
    CHECK_FALSE(at("block_reversed_3", 12, 4));
    CHECK(at("reshuffled_2", 12, 4));
    CHECK_FALSE(at("symmetrised", 12, 4));
}

TEST_CASE("orders: names, widths, and what is refused") {
    CHECK(order_named("window_16") == Order{order_named("window_3").kind, 16});
    CHECK(order_named("window_16") != order_named("window_17"));
    CHECK(order_named("window_16") != order_named("palindrome_16"));
    CHECK(order_named("forward") == Order::forward);
    for (const char* text : {"forward", "backward", "window_16", "block_reversed_999999999", "palindrome_2", "reshuffled_16777216", "symmetrised"})
        CHECK(name(order_named(text)) == text);
    for (const char* text : {"sideways", "window_", "window_0", "window_08", "window_1e3", "window_1234567890", "window_-1"})
        CHECK_THROWS_AS((void)order_named(text), ConfigError);
    CHECK_THROWS_WITH_AS((void)order_named("reshuffled_16777217"),
                         "ensemble.orders: 'reshuffled_16777217' is too wide; the largest width of reshuffled_# is 16777216", KeyError);
    CHECK_THROWS_AS((void)word_of(order_named("symmetrised"), 1), InternalError);
    std::set<std::string> names;
    for (const auto& text : orders().names()) CHECK(names.insert(text).second);
}

namespace {

struct Named {
    static constexpr const char* name = "maps";
    static constexpr const char *fold = "", *cost = "", *law = "";
    static constexpr bool same_law = true;
    std::uint64_t trunk_length(std::uint32_t n) const { return n; }
    std::uint64_t trunk(std::uint64_t i) const { return i + 1; }
    std::uint64_t tail_length(std::uint32_t) const { return 0; }
    std::uint64_t tail(std::uint32_t, std::uint64_t) const { return 0; }
};

}  // namespace

TEST_CASE("orders: the registry refuses names that are taken, reserved or misspelled") {
    OrderKind kind = order_kind<Named>();
    for (const char* bad : {"maps", "forward", "window_#", "window_7", "Wide", "a#b#", "a/b", "", "_x", "7th"}) {
        kind.name = bad;
        CHECK_THROWS_AS(orders().add(kind), InternalError);
    }
    CHECK(orders().kinds().size() == 7);
}
