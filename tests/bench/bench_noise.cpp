// Noise, by kind and lane width: items are variates of one replica.
#include <benchmark/benchmark.h>

#include "sim/noise.hpp"

namespace {

using namespace foldback;

/// One variate per step, of R's replicas, at consecutive steps.
template <class R, class Draw>
void one_per_step(benchmark::State& state, Consumption consumption, Draw draw) {
    Noise<R> noise(20260330, 0, consumption);
    R sum(0.0);
    std::uint32_t step = 0;
    for (auto _ : state) {
        noise.at(++step);
        sum += draw(noise);
    }
    benchmark::DoNotOptimize(sum);
    state.SetItemsProcessed(state.iterations() * width<R>);
}

template <class R>
void coins(benchmark::State& state) {
    one_per_step<R>(state, {.coins = 1}, [](Noise<R>& w) { return w.coin(); });
}

template <class R>
void uniforms(benchmark::State& state) {
    one_per_step<R>(state, {.uniforms = 1}, [](Noise<R>& w) { return w.uniform(); });
}

template <class R>
void exponentials(benchmark::State& state) {
    one_per_step<R>(state, {.uniforms = 1}, [](Noise<R>& w) { return w.exponential(); });
}

template <class R>
void normals(benchmark::State& state) {
    one_per_step<R>(state, {.normals = 1}, [](Noise<R>& w) { return w.normal(); });
}

BENCHMARK(coins<Lanes<1>>);
BENCHMARK(coins<Lanes<widest>>);
BENCHMARK(uniforms<Lanes<1>>);
BENCHMARK(uniforms<Lanes<widest>>);
BENCHMARK(exponentials<Lanes<1>>);
BENCHMARK(exponentials<Lanes<widest>>);
BENCHMARK(normals<Lanes<1>>);
BENCHMARK(normals<Lanes<widest>>);

}  // namespace
