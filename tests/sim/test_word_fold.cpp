#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <tuple>
#include <vector>

#include "models/sine.hpp"
#include "sim/model_of.hpp"
#include "tests/support/claim_models.hpp"
#include "tests/support/order_word.hpp"

using namespace foldback;
using foldback::test::maps_of;
using foldback::test::TwoSpirals;

namespace {

const char* const word_orders[] = {"window_1", "window_5", "window_40", "block_reversed_4", "block_reversed_50", "palindrome_3",
                                   "palindrome_30", "reshuffled_1", "reshuffled_6", "reshuffled_300"};

template <class M>
Shape shape_of(const M& f, std::vector<double> starts, std::vector<std::uint32_t> steps, std::vector<Order> orders) {
    Shape shape;
    shape.seed = 5;
    shape.dimension = dimension_of<Lanes<1>>(f);
    shape.starts = std::move(starts);
    shape.steps = std::move(steps);
    shape.orders = std::move(orders);
    return shape;
}

template <class M>
BlockBuffers run(const M& f, const Shape& shape, std::uint32_t replicas, int lanes = 0) {
    BlockBuffers block(shape, replicas);
    const std::unique_ptr<BlockKernel> kernel(new_kernel(f, lanes));
    kernel->run(shape, 0, replicas, block);
    return block;
}

/// The maps applied one by one, in that order: one replica's state.
template <class M>
std::vector<double> recomposed(const M& f, std::uint64_t seed, std::uint32_t replica, const double* start, const std::vector<std::uint32_t>& maps) {
    using R = Lanes<1>;
    Noise<R> noise(seed, replica, f.consumption());
    std::vector<R> x(start, start + dimension_of<R>(f));
    auto p = make_parameter<R>(f);
    for (std::uint32_t map : maps) {
        noise.at(map);
        draw_into(f, noise, p);
        apply_to(f, p, x.data());
    }
    std::vector<double> out;
    for (const R& component : x) out.push_back(component[0]);
    return out;
}

template <class M>
void check_states(const M& f, const std::vector<double>& starts) {
    const std::vector<std::uint32_t> steps{0, 1, 2, 3, 7, 8, 33, 300};
    std::vector<Order> orders;
    for (const char* text : word_orders) orders.push_back(order_named(text));
    Shape shape = shape_of(f, starts, steps, orders);
    shape.increment = true;
    constexpr std::uint32_t replicas = 11;
    const BlockBuffers wide = run(f, shape, replicas), single = run(f, shape, replicas, 1);
    const auto d = std::size_t(shape.dimension);
    for (std::size_t o = 0; o < orders.size(); ++o) {
        CAPTURE(name(orders[o]));
        for (std::size_t s = 0; s < shape.start_count(); ++s)
            for (std::size_t c = 0; c < steps.size(); ++c)
                for (std::uint32_t r : {0U, 7U, 10U}) {
                    const auto x = recomposed(f, shape.seed, r, &starts[s * d], maps_of(orders[o], steps[c], shape.seed));
                    const auto next = recomposed(f, shape.seed, r, &starts[s * d], maps_of(orders[o], steps[c] + 1, shape.seed));
                    const std::size_t at = s * steps.size() + c;
                    std::vector<Lanes<1>> a(x.begin(), x.end()), b(next.begin(), next.end());
                    for (const BlockBuffers* block : {&wide, &single}) {
                        for (std::size_t i = 0; i < d; ++i) CHECK(block->orders[o].state[(at * d + i) * block->capacity + r] == x[i]);
                        CHECK(block->orders[o].increment[at * block->capacity + r] == distance_between(f, b.data(), a.data())[0]);
                        CHECK(block->orders[o].diverged_step[s * block->capacity + r] == 0);
                    }
                }
    }
}

}  // namespace

TEST_CASE("word orders: bit for bit direct recomposition, in one lane and in the widest, in one dimension and in two") {
    check_states(Sine{2.5, 0.4}, {-1.0, 2.0});
    check_states(TwoSpirals{}, {0.0, 1.0, 5.0, -2.0});
}

TEST_CASE("word orders: what is observed, and which orders there are, changes no state") {
    const Sine f{0.9, 0.5};
    Shape alone = shape_of(f, {0.5, 2.0}, {1, 4, 50}, {order_named("window_5")});
    Shape among = shape_of(f, {0.5, 2.0}, {1, 4, 50}, {Order::backward, order_named("palindrome_3"), order_named("window_5"), order_named("symmetrised")});
    among.increment = among.spread = among.rounding_radius = among.path_mean = among.lipschitz_product = among.next_displacement = true;
    const auto block = run(f, among, 9);
    CHECK(run(f, alone, 9).orders[0].state == block.orders[2].state);
    CHECK(run(f, shape_of(f, {0.5, 2.0}, {1, 4, 50}, {Order::backward}), 9).orders[0].state == block.orders[0].state);
}

TEST_CASE("word orders: path means are those of the states at every step") {
    const Sine f{0.9, 0.5};
    for (const char* text : {"forward", "backward", "window_5", "block_reversed_4", "palindrome_3", "reshuffled_6", "symmetrised"}) {
        CAPTURE(text);
        Shape shape = shape_of(f, {0.5}, {0, 3, 8, 20}, {order_named(text)});
        shape.path_mean = shape.increment = true;
        Shape all = shape_of(f, {0.5}, {}, {order_named(text)});
        for (std::uint32_t n = 1; n <= 20; ++n) all.steps.push_back(n);
        const auto block = run(f, shape, 8), states = run(f, all, 8);
        for (std::size_t r = 0; r < 8; ++r) {
            CHECK(block.orders[0].path_mean[r] == 0.5);
            double sum = 0;
            for (std::uint32_t n = 1; n <= 20; ++n) {
                sum += states.orders[0].state[(n - 1) * states.capacity + r];
                if (n == 8) CHECK(block.orders[0].path_mean[2 * block.capacity + r] == sum / 8);
            }
            CHECK(block.orders[0].path_mean[3 * block.capacity + r] == sum / 20);
        }
    }
}

TEST_CASE("symmetrised: the mean of the forward and the backward state, whatever backward itself is made of") {
    const Order symmetrised = order_named("symmetrised");
    const TwoSpirals f;
    Shape shape = shape_of(f, {0.0, 1.0, 5.0, -2.0}, {0, 1, 2, 17, 60}, {Order::forward, Order::backward, symmetrised});
    shape.increment = shape.rounding_radius = shape.lipschitz_product = true;
    const auto together = run(f, shape, 10), single = run(f, shape, 10, 1);
    const auto& [forward, backward, mean] = std::tie(together.orders[0].state, together.orders[1].state, together.orders[2].state);
    for (std::size_t i = 0; i < mean.size(); ++i)
        if (i % together.capacity < 10) CHECK(mean[i] == 0.5 * (forward[i] + backward[i]));
    shape.orders = {symmetrised};
    const auto alone = run(f, shape, 10);
    CHECK(alone.orders[0].state == mean);
    CHECK(alone.orders[0].increment == together.orders[2].increment);
    CHECK(alone.orders[0].rounding_radius == together.orders[2].rounding_radius);
    for (std::size_t i = 0; i < mean.size(); ++i)
        if (i % together.capacity < 10) CHECK(single.orders[2].state[i] == mean[i]);
    shape.orders = {Order::backward, symmetrised};
    shape.merge_tolerance = 1e-3;
    const auto merged = run(f, shape, 10);
    CHECK(merged.orders[1].state == mean);
    CHECK(merged.orders[0].state != together.orders[1].state);  // the control: backward itself is merged
}

namespace {

/// Counts draws and applications, of all lanes together.
struct Counting {
    long* draws;
    long* applications;
    template <class R>
    struct Parameter { R shift; };
    Consumption consumption() const { return {.uniforms = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        ++*draws;
        return {w.uniform()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        ++*applications;
        x = R(0.5) * x + p.shift;
    }
};

}  // namespace

TEST_CASE("word orders: the cost that they document, in draws and applications") {
    long draws = 0, applications = 0;
    const Counting f{&draws, &applications};
    const auto cost = [&](const char* text, bool increment) {
        Shape shape = shape_of(f, {0.0, 1.0, 2.0}, {10, 100, 1000}, {order_named(text)});
        shape.increment = increment;
        draws = applications = 0;
        run(f, shape, 1, 1);
        CHECK(applications == 3 * draws);  // three starts
        return draws;
    };
    CHECK(cost("window_16", false) == (1000 - 16) + 10 + 16 + 16);
    CHECK(cost("window_16", true) == (1001 - 16) + 10 + 11 + 4 * 16);
    CHECK(cost("block_reversed_16", false) == 992 + 10 + 4 + 8);
    CHECK(cost("palindrome_16", false) == 2 * (992 + 10 + 4 + 8));
    CHECK(cost("reshuffled_16", false) == 1000);
    CHECK(cost("reshuffled_16", true) == 1001);
}

namespace {

struct Explodes {
    template <class R>
    struct Parameter { R shift; };
    Consumption consumption() const { return {.uniforms = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const { return {w.uniform()}; }
    template <class P, class R>
    void apply(const P& p, R& x) const { x = R(1e10) * x + p.shift; }
};

}  // namespace

TEST_CASE("word orders: every checkpoint that is not finite is seen, the first one is recorded") {
    const Explodes f;
    const auto block = run(f, shape_of(f, {1.0}, {10, 25, 35, 50}, {order_named("window_3"), order_named("palindrome_2"), order_named("symmetrised")}), 4);
    CHECK(block.orders[0].diverged_step[0] == 35);
    CHECK(block.orders[1].diverged_step[0] == 25);  // twice the maps
    CHECK(block.orders[2].diverged_step[0] == 35);
}

TEST_CASE("word orders: the rounding radius covers what rounding does, and is not far from it") {
    // The same word in long double stands for exact arithmetic.
    const test::GaussianAr f{0.99, 1.0, 0.3};
    for (const char* text : {"window_5", "block_reversed_7", "palindrome_4", "reshuffled_9", "symmetrised"}) {
        CAPTURE(text);
        Shape shape = shape_of(f, {0.1}, {1, 10, 100, 1000}, {order_named(text)});
        shape.rounding_radius = shape.lipschitz_product = true;
        const auto block = run(f, shape, 8);
        const auto exact = [&](std::uint32_t r, const std::vector<std::uint32_t>& maps) {
            Noise<Lanes<1>> noise(shape.seed, r, f.consumption());
            long double x = 0.1;
            for (std::uint32_t map : maps) {
                noise.at(map);
                x = static_cast<long double>(f.a) * x + static_cast<long double>(f.draw(noise).shift[0]);
            }
            return x;
        };
        for (std::size_t c = 0; c < shape.steps.size(); ++c)
            for (std::uint32_t r = 0; r < 8; ++r) {
                const std::uint32_t n = shape.steps[c];
                const long double x = text[0] == 's' ? (exact(r, maps_of(Order::forward, n)) + exact(r, maps_of(Order::backward, n))) / 2
                                                     : exact(r, maps_of(shape.orders[0], n, shape.seed));
                const double radius = block.orders[0].rounding_radius[c * block.capacity + r];
                CHECK(std::abs(double(x - static_cast<long double>(block.orders[0].state[c * block.capacity + r]))) <= radius);
                CHECK(radius < 1e-11);
                CHECK(radius > 0);
            }
    }
}
