// Whole blocks of replicas through a model's own kernel, as an ensemble computes them: items are steps of one replica, or backward
// iterates of the sweep.
#include <benchmark/benchmark.h>

#include <numeric>

#include "models/registry.hpp"
#include "runs/toml_file.hpp"
#include "sim/settings.hpp"

namespace {

using namespace foldback;

constexpr std::uint32_t replicas = 1024;

std::unique_ptr<Model> model_of(const std::string& table) {
    Settings whole(parse_toml(table, "benchmark"));
    Settings model = whole.table("model");
    return builtin_models().make(model);
}

/// One order from the origin, its states at the given steps.
void run_order(benchmark::State& state, const std::string& table, Order order, std::vector<std::uint32_t> steps, std::int64_t items_per_replica, int lanes) {
    const auto model = model_of(table);
    Shape shape;
    shape.seed = 20260330;
    shape.dimension = model->dimension();
    shape.starts.assign(std::size_t(shape.dimension), 0.0);
    shape.steps = std::move(steps);
    shape.orders = {order};
    const auto kernel = model->kernel(best_isa(), lanes);
    BlockBuffers buffers(shape, replicas);
    for (auto _ : state) {
        kernel->run(shape, 0, replicas, buffers);
        benchmark::DoNotOptimize(buffers.orders[0].state.data());
    }
    state.SetItemsProcessed(state.iterations() * items_per_replica * replicas);
}

void forward(benchmark::State& state, const std::string& table) {
    constexpr std::uint32_t steps = 256;
    run_order(state, table, Order::forward, {steps}, steps, int(state.range(0)));
}

void sweep(benchmark::State& state, const std::string& table) {
    std::vector<std::uint32_t> steps(std::size_t(state.range(0)));
    std::iota(steps.begin(), steps.end(), 1U);
    run_order(state, table, Order::backward, steps, state.range(0), 0);
}

const std::string bernoulli = "[model]\nkind = \"bernoulli_convolution\"\nlambda = 0.5\n";
const std::string autoregressive = "[model]\nkind = \"autoregressive\"\na = 0.9\ns = 1.0\n";
const std::string sine = "[model]\nkind = \"sine\"\na = 0.9\ns = 0.5\n";
const std::string gamma_perpetuity = "[model]\nkind = \"gamma_perpetuity\"\na = 2.5\n";

std::string sgd(const std::string& loss, const std::string& generator) {
    return "[model]\nkind = \"sgd\"\nstep = 0.05\n[model.loss]\nkind = \"" + loss + "\"\n[model.data]\ngenerator = \"" + generator +
           "\"\nseed = 1\nrows = 1000\ncolumns = 10\n" + (generator == "linear" ? "noise = 0.5\n" : "");
}

/// W4: eight tanh operators of width 16, both passes perturbed.
const std::string passes =
    "[model]\nkind = \"sgd\"\nstep = 0.01\n[model.loss]\nkind = \"composite\"\n[[model.loss.operators]]\nkind = \"tanh\"\nwidth = 16\nrepeat = 8\n"
    "[[model.loss.operators]]\nkind = \"squared\"\n[[model.loss.perturbations]]\npass = \"forward\"\nkind = \"gaussian\"\namplitude = 0.01\n"
    "[[model.loss.perturbations]]\npass = \"backward\"\nkind = \"gaussian\"\namplitude = 0.01\n"
    "[model.data]\ngenerator = \"linear\"\nseed = 1\nrows = 1000\ncolumns = 16\nnoise = 0.1\n";

// The argument of forward: lanes, 0 being the widest. The argument of sweep: the last step.
BENCHMARK_CAPTURE(forward, bernoulli_convolution, bernoulli)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(forward, autoregressive, autoregressive)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(forward, sine, sine)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(forward, gamma_perpetuity, gamma_perpetuity)->Arg(0);
BENCHMARK_CAPTURE(forward, sgd_least_squares, sgd("least_squares", "linear"))->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(forward, sgd_logistic, sgd("logistic", "logistic"))->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(forward, sgd_passes, passes)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sweep, sine, sine)->Arg(64)->Arg(512)->Arg(2000)->Unit(benchmark::kMillisecond);

}  // namespace
