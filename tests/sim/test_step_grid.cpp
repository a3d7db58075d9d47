#include "sim/step_grid.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>

using namespace foldback;
using Steps = std::vector<std::int64_t>;

namespace {

std::int64_t sum(const Steps& steps) { return std::accumulate(steps.begin(), steps.end(), std::int64_t{0}); }

}  // namespace

// References: numpy 1.24.2, np.unique(np.round(10**np.linspace(0, np.log10(last), count)).astype(int)).
TEST_CASE("step grid: logarithmic grids are numpy's") {
    CHECK(log_grid(1000, 48) == Steps{1,   2,   3,   4,   5,   6,   7,   8,   9,   11,  12,  14,  16,  19,
                                      22,  25,  29,  34,  39,  46,  53,  61,  71,  82,  95,  110, 128, 148,
                                      171, 199, 230, 266, 309, 357, 414, 480, 555, 643, 745, 863, 1000});
    CHECK(log_grid(2147483646, 7) == Steps{1, 36, 1290, 46341, 1664511, 59787201, 2147483646});
    CHECK(log_grid(1, 5) == Steps{1});
    CHECK(log_grid(5, 2) == Steps{1, 5});
    const Steps fine = log_grid(2147483646, 100000);
    CHECK(fine.size() == 65349);
    CHECK(sum(fine) == 9995040449511);
    CHECK(fine[50000] == 79369007);
    CHECK(sum(log_grid(12345, 1000)) == 1309573);
    CHECK(sum(log_grid(100000, 1000)) == 8723496);
}

// References: numpy 1.24.2, np.unique(np.round(last * np.arange(1, count + 1) / count).astype(int)) without 0.
TEST_CASE("step grid: linear grids are numpy's") {
    CHECK(linear_grid(5, 2) == Steps{2, 5});
    CHECK(linear_grid(10, 4) == Steps{2, 5, 8, 10});
    CHECK(linear_grid(7, 3) == Steps{2, 5, 7});
    CHECK(linear_grid(3, 10) == Steps{1, 2, 3});
    CHECK(linear_grid(1000, 7) == Steps{143, 286, 429, 571, 714, 857, 1000});
    CHECK(sum(linear_grid(999983, 1000)) == 500491492);
    CHECK(linear_grid(1000, 1600) == every_step_grid(1000));
}

TEST_CASE("step grid: every grid ascends strictly from at least 1 to last") {
    CHECK(rc::check([] {
        const std::int64_t last = *rc::gen::inRange<std::int64_t>(1, largest_step + 1);
        const std::int64_t count = *rc::gen::inRange<std::int64_t>(2, 300);
        for (const Steps& steps : {log_grid(last, count), linear_grid(last, count)}) {
            RC_ASSERT(steps.front() >= 1);
            RC_ASSERT(steps.back() == last);
            RC_ASSERT(std::adjacent_find(steps.begin(), steps.end(), std::greater_equal<>()) == steps.end());
            RC_ASSERT(static_cast<std::int64_t>(steps.size()) <= count);
        }
    }));
}
