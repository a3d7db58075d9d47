#include "sim/spike_response.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/kernel.hpp"
#include "tests/support/small_sgd.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

struct Response {
    double height, time;
};

/// Of one start and one replica whose loss at steps 0, 4, 8, 12, 16 is `loss`.
Response response(std::vector<double> loss, Shape::Spike spike) {
    Shape shape;
    shape.starts = {0};
    shape.steps = {0, 4, 8, 12, 16};
    shape.spike = spike;
    std::vector<double> height(1), time(1);
    spike_response(loss, shape, 1, height, time);
    return {height[0], time[0]};
}

}  // namespace

TEST_CASE("spike response: the rise above the loss before, and the steps until it is back there") {
    const Response r = response({1, 2, 7, 9, 2}, {6, 16, no_number});
    CHECK(r.height == 7);
    CHECK(r.time == 10);
    // A spike at a checkpoint's own step has hit it already.
    CHECK(response({1, 2, 7, 9, 2}, {8, 16, no_number}).time == 8);
    CHECK(response({1, 2, 7, 1.5, 2}, {8, 16, no_number}).time == 4);
    CHECK(response({1, 2, 1.5, 1, 1}, {8, 16, no_number}).time == 0);
    CHECK(response({1, 2, 1.5, 1, 1}, {8, 16, no_number}).height == -0.5);
}

TEST_CASE("spike response: a level of one's own, and an end before the next spike") {
    CHECK(response({1, 2, 7, 5, 3}, {6, 16, 5}).time == 6);
    CHECK(std::isnan(response({1, 2, 7, 5, 3}, {6, 16, 2.5}).time));
    CHECK(response({1, 2, 7, 9, 2}, {6, 11, no_number}).height == 5);
    CHECK(std::isnan(response({1, 2, 7, 9, 2}, {6, 15, no_number}).time));
}

TEST_CASE("spike response: what is not a number, and what never comes back, is NaN") {
    CHECK(std::isnan(response({1, 2, 7, 9, 3}, {6, 16, no_number}).time));
    CHECK(std::isnan(response({1, 2, 7, no_number, 9}, {6, 16, no_number}).height));
    CHECK(response({1, 2, 7, no_number, 2}, {6, 16, no_number}).time == 10);
    CHECK(response({1, 2, 7, infinity, 2}, {6, 16, no_number}).height == infinity);
    const Response lost = response({1, no_number, 7, 9, 2}, {6, 16, no_number});
    CHECK(std::isnan(lost.height));
    CHECK(std::isnan(lost.time));
    CHECK(response({1, no_number, 7, 9, 2}, {6, 16, 8}).time == 2);
    CHECK(std::isnan(response({1, 2, 7, 9, 2}, {0, 16, no_number}).height));
    CHECK(std::isnan(response({1, 2, 7, 9, 2}, {0, 16, 5}).time));
}

TEST_CASE("spike response: of every start, replica and order of a block") {
    const SmallSgd f;
    Shape shape;
    shape.seed = 5;
    shape.dimension = 2;
    shape.starts = {0.5, 0.25, -1, 3};
    shape.steps = {0, 1, 2, 5, 9};
    shape.orders = {Order::forward, Order::backward};
    shape.loss = LossObservables{}.with(LossObservable::train_loss);
    shape.spike = Shape::Spike{2, 9, no_number};
    BlockBuffers b(shape, 11);
    Kernel<SmallSgd, 4>(f).run(shape, 0, 11, b);
    for (const auto& order : b.orders)
        for (std::size_t s = 0; s < 2; ++s)
            for (std::size_t r = 0; r < 11; ++r) {
                const auto at = [&](std::size_t c) { return order.loss[0][(s * 5 + c) * b.capacity + r]; };
                CHECK(order.spike_height[s * b.capacity + r] == std::max({at(2), at(3), at(4)}) - at(1));
                const double back = at(2) <= at(1) ? 0 : at(3) <= at(1) ? 3 : at(4) <= at(1) ? 7 : no_number;
                const double time = order.recovery_time[s * b.capacity + r];
                CHECK((time == back || (std::isnan(time) && std::isnan(back))));
            }
    shape.spike.reset();
    CHECK(BlockBuffers(shape, 11).orders[0].spike_height.empty());
}
