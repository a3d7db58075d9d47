#include "sim/load_columns.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace foldback;

namespace {

/// The first number that went to a wrong place, as 100 row + column, or -1.
template <int H, int W>
int misplaced(std::size_t first) {
    constexpr int rows = 11, columns = 9;
    std::vector<double> table(rows * columns);
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c) table[std::size_t(r * columns + c)] = 100 * r + c;
    std::vector<const double*> from;
    for (int l = 0; l < W; ++l) from.push_back(table.data() + columns * (7 * l % rows));  // in no order
    Lanes<W> x[std::size_t(H)];
    load_columns<H>(from.data(), first, x);
    for (int i = 0; i < H; ++i)
        for (int l = 0; l < W; ++l)
            if (x[i][l] != 100 * (7 * l % rows) + int(first) + i) return 100 * (7 * l % rows) + int(first) + i;
    return -1;
}

template <int W>
void check_width() {
    for (std::size_t first : {0u, 1u, 5u}) {
        CHECK(misplaced<1, W>(first) == -1);
        if constexpr (W >= 2) CHECK(misplaced<2, W>(first) == -1);
        if constexpr (W >= 4) CHECK(misplaced<4, W>(first) == -1);
    }
    if constexpr (W >= 8) CHECK(misplaced<8, W>(1) == -1);
}

}  // namespace

// The wider ones of other instruction sets are compared through whole runs: check_rows in tests/end_to_end/bits_are_the_same.py.
TEST_CASE("load_columns: every number reaches its lane, at every width of this build") {
    check_width<1>();
    if constexpr (widest >= 2) check_width<2>();
    if constexpr (widest >= 4) check_width<4>();
    if constexpr (widest >= 8) check_width<8>();
}
