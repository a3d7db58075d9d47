#include <doctest/doctest.h>

#include <cstring>
#include <numeric>

#include "sim/recorded.hpp"

using namespace foldback;

TEST_CASE("recorded: rows hold, replica by replica, every item times its factor, whatever the numbers of both") {
    Shape shape;
    shape.dimension = 3;
    shape.starts = {0, 0, 0, 1, 1, 1};
    shape.orders = {Order::backward};
    shape.closed_backward = true;
    shape.lipschitz_product = true;
    for (std::uint32_t steps = 1; steps <= 12; ++steps) {
        shape.steps.resize(steps);
        std::iota(shape.steps.begin(), shape.steps.end(), 1U);
        RecordOptions options;
        options.observables = {Quantity::certified_radius};
        options.steps = shape.steps;
        options.certificate = {0.5, 3.0};
        BlockBuffers block(shape, 48);
        auto& state = block.orders[0].state;
        std::iota(state.begin(), state.end(), 1.0);
        std::iota(block.lipschitz_product.begin(), block.lipschitz_product.end(), 1e6);
        for (const bool float32 : {false, true}) {
            options.float32_states = float32;
            const auto variables = recorded_variables(shape, options);
            REQUIRE(variables[0].path == "/backward/state");
            REQUIRE(variables[1].quantity == Quantity::certified_radius);
            for (const std::size_t count : {1U, 7U, 8U, 33U, 48U}) {
                std::vector<std::byte> rows;
                pack(shape, options, variables[0], block, count, rows);
                const std::size_t items = 2 * steps * 3, size = float32 ? sizeof(float) : sizeof(double);
                REQUIRE(rows.size() == count * items * size);
                bool same = true;
                for (std::size_t r = 0; r < count; ++r)
                    for (std::size_t i = 0; i < items; ++i) {
                        const double value = state[i * block.capacity + r];
                        const float single = float(value);
                        same = same && std::memcmp(&rows[(r * items + i) * size], float32 ? static_cast<const void*>(&single) : &value, size) == 0;
                    }
                CHECK(same);
                pack(shape, options, variables[1], block, count, rows);
                REQUIRE(rows.size() == count * 2 * steps * sizeof(double));
                std::vector<double> radii(count * 2 * steps);
                std::memcpy(radii.data(), rows.data(), rows.size());
                for (std::size_t r = 0; r < count; ++r)
                    for (std::size_t start = 0; start < 2; ++start)
                        for (std::size_t n = 0; n < steps; ++n)
                            same = same && radii[(r * 2 + start) * steps + n] == block.lipschitz_product[n * block.capacity + r] * options.certificate[start];
                CHECK(same);
            }
        }
    }
}
