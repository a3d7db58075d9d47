#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <thread>

#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "sim/ensemble.hpp"
#include "sim/error.hpp"
#include "sim/model_of.hpp"

using namespace foldback;

namespace {

Configuration configuration(std::uint64_t replicas) {
    Configuration c;
    c.ensemble.seed = 11;
    c.ensemble.replicas = replicas;
    c.ensemble.starts = {{-1.0}, {1.0}};
    c.ensemble.steps = {1, 2, 5, 30};
    c.record.observables = {"increment", "lipschitz_product"};
    return c;
}

EnsemblePlan plan(const Configuration& c, double a = 0.9) {
    return plan_ensemble(c, std::make_shared<ModelOf<Sine>>(Sine{a, 0.5}, std::vector<KernelOf<Sine>>{{Isa::baseline, &new_kernel<Sine>}}), {1.0, 1.0});
}

std::vector<std::vector<std::byte>> rows_of(const EnsemblePlan& p, int threads, std::vector<StateMoments>& moments) {
    std::vector<std::vector<std::byte>> rows(p.variables.size() * p.blocks());
    moments.assign(p.blocks(), {});
    run_ensemble(
        p, {Isa::baseline, 0, threads}, p.jobs(), true,
        [&](const BlockJob& job, const ComputedBlock& block) {
            for (std::size_t v = 0; v < block.rows.size(); ++v) {
                rows[job.block * p.variables.size() + v] = block.rows[v];
                CHECK(block.digests[v] == digest_of(block.rows[v].data(), block.rows[v].size()));
            }
            moments[job.block] = block.moments[0];
        },
        [] { return false; });
    return rows;
}

}  // namespace

TEST_CASE("ensemble: the block size is a power of two within its limits and knows nothing of the machine") {
    CHECK(block_size(100, 1000) == 4096);
    CHECK(block_size(16 * 1024, 10) == 2048);                        // 32 MiB
    CHECK(block_size(8, 1U << 20) == 64);                            // block x last step <= 2^26
    CHECK(block_size(std::size_t{1} << 40, 1U << 30) == 8);          // never below 8
    const auto jobs = cut_into_blocks(20, 8);
    REQUIRE(jobs.size() == 3);
    CHECK(jobs[2].first == 16);
    CHECK(jobs[2].count == 4);
}

TEST_CASE("ensemble: the same rows and moments over any number of threads, the last block may be short") {
    const EnsemblePlan p = plan(configuration(9'001));
    CHECK(p.blocks() == 3);
    std::vector<StateMoments> one, three;
    const auto rows = rows_of(p, 1, one);
    CHECK(rows == rows_of(p, 3, three));
    StateMoments merged, again;
    for (std::size_t b = 0; b < p.blocks(); ++b) {
        merge(merged, one[b]);
        merge(again, three[b]);
    }
    CHECK(merged.mean == again.mean);
    CHECK(merged.m4 == again.m4);
    CHECK(merged.count[0] == 9'001);
    std::vector<StateMoments> other;
    CHECK(rows != rows_of(plan(configuration(9'001), 0.8), 1, other));  // another model: other rows
}

TEST_CASE("ensemble: recorded rows are the kernel's states, replica by replica") {
    const EnsemblePlan p = plan(configuration(20));
    BlockBuffers block(p.shape, 20);
    p.model->kernel(Isa::baseline, 1)->run(p.shape, 0, 20, block);
    const Recorded& state = p.variables.front();
    CHECK(state.path == "/forward/state");
    std::vector<std::byte> rows;
    pack(p.shape, p.record, state, block, 20, rows);
    const auto* values = reinterpret_cast<const double*>(rows.data());
    for (std::size_t r = 0; r < 20; ++r)
        for (std::size_t item = 0; item < 8; ++item) CHECK(values[r * 8 + item] == block.orders[0].state[item * block.capacity + r]);
}

TEST_CASE("ensemble: moments of blocks merge to those of all, and where nothing is finite there are none") {
    Shape shape;
    shape.starts = {0.0};
    shape.steps = {1, 2};
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> values{1, 2, 4, nan, 0, 0, 0, 0, nan, nan, nan, nan, 0, 0, 0, 0};
    StateMoments m = moments_of_block(values, shape, {0, 1}, 8, 4, true);
    CHECK(m.count[0] == 3);
    CHECK(m.mean[0] == doctest::Approx(7.0 / 3));
    CHECK(m.cov[0] == doctest::Approx(m.m2[0]));
    CHECK(m.max[0] == 4);
    CHECK(m.count[1] == 0);
    CHECK(std::isnan(m.mean[1]));
    const std::vector<double> more{5, 6, 0, 0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0};
    merge(m, moments_of_block(more, shape, {0, 1}, 8, 2, true));
    const std::vector<double> all{1, 2, 4, 5, 6, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0};
    const StateMoments whole = moments_of_block(all, shape, {0}, 8, 5, true);
    CHECK(m.mean[0] == doctest::Approx(whole.mean[0]));
    CHECK(m.m2[0] == doctest::Approx(whole.m2[0]));
    CHECK(m.m3[0] == doctest::Approx(whole.m3[0]));
    CHECK(m.m4[0] == doctest::Approx(whole.m4[0]));
    CHECK(m.cov[0] == doctest::Approx(whole.cov[0]));
    CHECK(m.mean[1] == 7.5);
}

TEST_CASE("ensemble: what the model cannot give is refused, with the setting") {
    Configuration c = configuration(10);
    c.ensemble.backward = "closed";
    CHECK_THROWS_AS((void)plan(c), KeyError);
    c = configuration(10);
    c.ensemble.starts = {{0.0, 0.0}};
    CHECK_THROWS_WITH_AS((void)plan(c), "ensemble.starts.0 has 2 components; model 'sine' has dimension 1", ConfigError);
}

TEST_CASE("ensemble: an exception in a block ends the run and is the caller's") {
    const EnsemblePlan p = plan(configuration(9'001));
    CHECK_THROWS_AS(run_ensemble(p, {Isa::baseline, 0, 2}, p.jobs(), false, [](const BlockJob&, const ComputedBlock&) { throw FileError("full"); }, [] { return false; }), FileError);
    std::size_t seen = 0;
    run_ensemble(p, {Isa::baseline, 0, 2}, p.jobs(), false, [&](const BlockJob&, const ComputedBlock&) { ++seen; }, [] { return true; });
    CHECK(seen == 0);
}

TEST_CASE("kernels: one kernel computes blocks on several threads at once, the same bits") {
    const EnsemblePlan p = plan(configuration(64));
    const auto kernel = p.model->kernel(Isa::baseline, 0);
    std::vector<std::unique_ptr<BlockBuffers>> blocks;
    for (int t = 0; t < 3; ++t) blocks.push_back(std::make_unique<BlockBuffers>(p.shape, 64));
    std::vector<std::thread> threads;
    for (auto& block : blocks) threads.emplace_back([&kernel, &p, &block] { kernel->run(p.shape, 0, 64, *block); });
    for (auto& thread : threads) thread.join();
    CHECK(blocks[0]->orders[1].state == blocks[1]->orders[1].state);
    CHECK(blocks[0]->orders[0].increment == blocks[2]->orders[0].increment);
}

TEST_CASE("closed composition of dyadic maps is exact: Bernoulli convolution at 1/2 to 50 maps") {
    const BernoulliConvolution f{{}, 0.5};
    Shape shape;
    shape.seed = 3;
    shape.starts = {0.25};
    shape.steps = {1, 7, 50};
    shape.orders = {Order::forward, Order::backward};
    BlockBuffers swept(shape, 16), closed(shape, 16);
    const std::unique_ptr<BlockKernel> kernel(new_kernel(f, 0));
    kernel->run(shape, 0, 16, swept);
    shape.closed_backward = true;
    kernel->run(shape, 0, 16, closed);
    CHECK(swept.orders[1].state == closed.orders[1].state);
    // The digits themselves: B_n = 2^-n x + sum_k 2^-k s_k.
    for (std::uint32_t r = 0; r < 16; ++r) {
        Noise<Lanes<1>> w(3, r, f.consumption());
        double sum = 0;
        for (std::uint32_t k = 1; k <= 50; ++k) {
            w.at(k);
            sum += std::ldexp(w.coin()[0], -int(k));
        }
        CHECK(swept.orders[1].state[2 * swept.capacity + r] == sum + std::ldexp(0.25, -50));
    }
}
