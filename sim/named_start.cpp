#include "sim/named_start.hpp"

#include "sim/block.hpp"
#include "sim/distributions.hpp"
#include "sim/settings.hpp"

namespace foldback {

std::string read_start_kind(Settings& table, const std::vector<std::string>& own) {
    std::vector<std::string> kinds = {"zero", "normal"};
    kinds.insert(kinds.end(), own.begin(), own.end());
    return table.word("kind", kinds);
}

bool is_common_start(const std::string& kind) { return kind == "zero" || kind == "normal"; }

std::vector<double> common_start(const std::string& kind, Settings& table, std::size_t dimension) {
    std::vector<double> start(dimension, 0.0);
    if (kind == "zero") return start;
    const double scale = table.number("scale", Range::positive());
    Stream source = start_stream(static_cast<std::uint64_t>(table.integer("seed", IntegerRange::non_negative())));
    for (double& x : start) x = scale * standard_normal(source);
    return start;
}

Stream start_stream(std::uint64_t seed, std::uint32_t part) { return {seed, 0xFFFFFFFF, part, Purpose::data}; }

std::vector<double> forward_state(const BlockKernel& kernel, std::uint64_t seed, std::uint32_t steps,
                                  std::span<const double> start) {
    Shape shape;
    shape.seed = seed;
    shape.dimension = int(start.size());
    shape.starts.assign(start.begin(), start.end());
    shape.steps = {steps};
    shape.orders = {Order::forward};
    BlockBuffers block(shape, 1);
    kernel.run(shape, 0, 1, block);
    std::vector<double> state(start.size());
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = block.orders[0].state[i * block.capacity];
    return state;
}

}  // namespace foldback
