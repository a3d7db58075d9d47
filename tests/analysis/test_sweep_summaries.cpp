#include "analysis/sweep_summaries.hpp"

#include <doctest/doctest.h>

#include "sim/error.hpp"
#include "sim/file_layout.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/sgd_models.hpp"
#include "tests/support/sweeps.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Layout layout_of(const std::vector<SweepClaimPlan>& plans, std::size_t points) {
    Layout layout;
    add_progress(layout, points);
    add_summaries(layout, plans);
    return layout;
}

}  // namespace

TEST_CASE("sweep summaries: a killed sweep keeps those of its points, bit for bit") {
    const std::vector<double> steps{0.2, 0.4, 0.8};
    Ensemble e{.seed = 7, .replicas = 50, .starts = {{0, 0}}, .steps = {90, 120}, .orders = {Order::forward}};
    const auto model = [](double h) { return NoisyQuadratic{.h = h}; };
    const SweepClaim& claim = registered_sweep_claim("sgd-covariance");
    const SweptEnsemble sweep = run_sweep<NoisyQuadratic>(claim, steps, e, model, model);
    const std::vector<SweepClaimPlan> plans{sweep.plan(claim)};
    REQUIRE(plans[0].summary_size == 100);
    const ScratchFolder folder;
    const auto path = folder / "sweep.h5";
    const auto write = [&](OutputFile& file, std::size_t p) {
        Ensemble one = e;
        one.assume = [&](Setup& setup) { setup = sweep.points[p]; };
        write_summaries(file, plans, p, simulate(model(steps[p]), one));
        file.mark_block(p);
    };
    {
        OutputFile file = OutputFile::create(path, layout_of(plans, 3));
        write(file, 1);
    }
    OutputFile file = OutputFile::resume(path);
    CHECK(file.blocks_done() == 1);
    write(file, 2);
    write(file, 0);
    const auto read = read_summaries(InputFile(file.part()), plans[0]);
    REQUIRE(read.size() == 3);
    for (std::size_t p = 0; p < 3; ++p) CHECK(read[p] == sweep.summaries[p]);
    SweepClaimPlan longer = plans[0];
    longer.summary_size = 101;
    CHECK_THROWS_AS((void)read_summaries(InputFile(file.part()), longer), FileError);
}

TEST_CASE("sweep summaries: a claim that does not apply keeps none") {
    SweepClaimPlan plan;
    plan.claim = &registered_sweep_claim("sgd-covariance");
    plan.plan = ClaimPlan::not_applicable("no sweep");
    const ScratchFolder folder;
    const auto path = folder / "sweep.h5";
    OutputFile file = OutputFile::create(path, layout_of({plan}, 1));
    file.mark_block(0);
    CHECK(read_summaries(InputFile(file.part()), plan).empty());
}
