#include <doctest/doctest.h>

#include "sim/error.hpp"
#include "sim/time_grid.hpp"

using namespace foldback;

TEST_CASE("time grid: a time is a whole number of steps, or none") {
    CHECK(steps_of_time(1, 0.1) == 10);
    CHECK(steps_of_time(0.3, 0.1) == 3);  // 0.3/0.1 = 2.9999999999999996
    CHECK(steps_of_time(1e6, 0.001) == 1'000'000'000);
    CHECK(steps_of_time(2147483646, 1) == 2147483646);
    for (const auto& [t, h] :
         {std::pair{0.05, 0.1}, {0.25, 0.1}, {2147483647.0, 1.0}, {1.0, -0.1}, {1.0, 0.0}, {1.00001, 0.001}})
        CHECK(steps_of_time(t, h) == 0);
}

TEST_CASE("time grid: the steps of all times and step sizes, each once") {
    const Value times = Value::array_of(std::vector<double>{0.5, 1});
    CHECK(time_grid(times, std::vector<double>{0.5, 0.25, 0.125}, "time") == std::vector<std::int64_t>{1, 2, 4, 8});
    CHECK_THROWS_AS(time_grid(times, std::vector<double>{0.5, 0.3}, "time"), ConfigError);
}
