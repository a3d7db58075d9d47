// What happens to a block once it is computed: its moments, its digests. Items are states of one replica; bytes those of a state.
#include <benchmark/benchmark.h>

#include <numeric>

#include "sim/block_moments.hpp"
#include "sim/digest.hpp"

namespace {

using namespace foldback;

/// Arguments: dimension, checkpoints.
void moments_of_states(benchmark::State& state) {
    constexpr std::size_t replicas = 4096;
    Shape shape;
    shape.dimension = int(state.range(0));
    shape.starts.assign(std::size_t(shape.dimension), 0.0);
    shape.steps.resize(std::size_t(state.range(1)));
    std::iota(shape.steps.begin(), shape.steps.end(), 1U);
    std::vector<std::size_t> every(shape.steps.size());
    std::iota(every.begin(), every.end(), std::size_t{0});
    std::vector<double> values(every.size() * std::size_t(shape.dimension) * replicas);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = double(i * 2654435761U % 1000003U);
    for (auto _ : state) benchmark::DoNotOptimize(moments_of_block(values, shape, every, replicas, replicas, true));
    state.SetItemsProcessed(state.iterations() * std::int64_t(values.size()));
}

void digest(benchmark::State& state) {
    const std::vector<double> values(std::size_t(state.range(0)) / sizeof(double), 0.1);
    for (auto _ : state) benchmark::DoNotOptimize(digest_of(values.data(), values.size() * sizeof(double)));
    state.SetBytesProcessed(state.iterations() * std::int64_t(values.size() * sizeof(double)));
}

BENCHMARK(moments_of_states)->Args({1, 1})->Args({1, 64})->Args({10, 1})->Args({64, 1});
BENCHMARK(digest)->Arg(1 << 10)->Arg(1 << 16)->Arg(1 << 22);

}  // namespace
