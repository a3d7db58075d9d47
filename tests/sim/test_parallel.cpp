#include "sim/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "sim/error.hpp"

using namespace foldback;

TEST_CASE("in_parallel: every item once, however many threads") {
    for (int threads : {1, 2, 7})
        for (std::size_t count : {std::size_t(0), std::size_t(1), std::size_t(1'000)}) {
            std::vector<std::atomic<int>> done(count);
            in_parallel(threads, count, [&](std::size_t i) { ++done[i]; });
            for (const auto& times : done) CHECK(times == 1);
        }
}

TEST_CASE("in_parallel: what one item throws comes out") {
    for (int threads : {1, 2})
        CHECK_THROWS_WITH_AS(in_parallel(threads, 10, [](std::size_t i) { if (i == 7) throw InternalError("the seventh"); }), "the seventh", InternalError);
}
