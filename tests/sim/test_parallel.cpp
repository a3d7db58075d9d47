#include "sim/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
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

TEST_CASE("in_parallel: as many at once as it was given threads, and no more") {
    for (int threads : {1, 2}) {
        std::atomic<int> busy = 0, most = 0;
        // Items wait for another one to be at work beside them; on two threads they need not wait long.
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(threads == 1 ? 50 : 20'000);
        in_parallel(threads, 8, [&](std::size_t) {
            const int now = ++busy;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {}
            while (most < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
            --busy;
        });
        CHECK(most == threads);
    }
}

TEST_CASE("in_parallel: what one item throws comes out") {
    for (int threads : {1, 2})
        CHECK_THROWS_WITH_AS(in_parallel(threads, 10, [](std::size_t i) { if (i == 7) throw InternalError("the seventh"); }), "the seventh", InternalError);
}
