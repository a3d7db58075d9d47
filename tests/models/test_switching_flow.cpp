#include "models/switching_flow.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {
SwitchingFlow read(const std::string& body) {
    return model_from<SwitchingFlow>("[model]\nkind = \"switching_flow\"\n" + body);
}
const std::string well =
    "field = \"double_well\"\nrate = 1.0\ntime = 0.5\nsubsteps = 10\nfields = [{ c = -0.1 }, { c = 0.2 }]\n";
}  // namespace

TEST_CASE("switching_flow: laws and truths of the linear field") {
    law_battery(model_from<SwitchingFlow>(SwitchingFlow::example), {0, 0, 3, -2});
    law_battery(read("time = 1.3\nsubsteps = 2\nfields = [{ weight = 0.25, c = -1.0 }, { weight = 0.75, c = 1.0 }]"),
                {0, 3, -2});
}

TEST_CASE("switching_flow: the linear factor is R(-rate h)^substeps") {
    const Truth t = read("rate = 2.0\ntime = 1.0\nsubsteps = 2\nfields = [{ c = 0.0 }, { c = 1.0 }]").truth();
    CHECK(t.lipschitz_sure->value ==
          doctest::Approx(0.375 * 0.375).epsilon(1e-15));  // R(-1) = 1 - 1 + 1/2 - 1/6 + 1/24
    const Truth fine = read("rate = 2.0\ntime = 1.0\nsubsteps = 400\nfields = [{ c = 0.0 }, { c = 1.0 }]").truth();
    CHECK(fine.lipschitz_sure->value == doctest::Approx(std::exp(-2.0)).epsilon(1e-10));
    const Truth coarse = read("rate = 3.0\ntime = 1.0\nsubsteps = 1\nfields = [{ c = 0.0 }, { c = 1.0 }]").truth();
    CHECK(coarse.lipschitz_sure->value > 1);
    CHECK(coarse.mean.empty());
}

TEST_CASE("switching_flow: laws and truths of the double well on its region") {
    const SwitchingFlow f = read(well);
    const Region region = *f.truth().region;
    CHECK(region.invariant);
    CHECK(region.lipschitz.label == Label::bound);
    CHECK(region.lipschitz.value < 1);
    // The region lies between 1/sqrt(3), where contraction begins, and a little beyond the outer equilibrium.
    CHECK(region.lower[0] > 1 / std::sqrt(3.0));
    CHECK(region.upper[0] < 1.3);
    law_battery(f, {region.lower[0], 1, region.upper[0]}, {.contraction = {1, 2}});
    const double outside[] = {0.0};
    CHECK_THROWS_AS(f.check_start(outside), ConfigError);
}

TEST_CASE("switching_flow: the proved constant is above, and close to, the steepest slope") {
    const double lower = 0.8, upper = 1.2, rate = 1, c = 0.1, step = 0.05;
    const FlowProof proof = prove_double_well(rate, c, step, 10, lower, upper);
    CHECK(proof.invariant);
    double steepest = 0;
    const auto flow = [&](double x) {
        for (int n = 0; n < 10; ++n) flow_step(Field::double_well, rate, c, step, x);
        return x;
    };
    for (int i = 0; i < 1000; ++i) {
        const double x = lower + (upper - lower) * i / 1000;
        steepest = std::max(steepest, (flow(x + 4e-4) - flow(x)) / 4e-4);
    }
    CHECK(proof.lipschitz >= steepest);
    CHECK(proof.lipschitz <= 1.02 * steepest);
    // Control: an interval that the flow leaves.
    CHECK_FALSE(prove_double_well(rate, c, step, 10, 0.8, 0.9).invariant);
    CHECK(prove_double_well(rate, c, step, 10, -0.5, 1.2).lipschitz > 1);
}

TEST_CASE("switching_flow: a given region, invariant or not") {
    CHECK(read(well + "region = [0.7, 1.3]").truth().region->invariant);
    const Truth leaky = read(well + "region = [0.9, 1.0]").truth();
    CHECK_FALSE(leaky.region->invariant);
    CHECK_FALSE(leaky.lipschitz_moment);
    CHECK_FALSE(leaky.note.empty());
    CHECK(refusal<SwitchingFlow>("field = \"double_well\"\ntime = 0.5\nfields = [{ c = -1.0 }, { c = 1.0 }]")
              .find("region = [lower, upper]") != std::string::npos);
    CHECK(refusal<SwitchingFlow>(well + "region = [1.2, 0.8]").find("lower < upper") != std::string::npos);
    CHECK_FALSE(refusal<SwitchingFlow>("field = \"double_well\"\ntime = 0.5\nfields = [{ c = [0.0, 1.0] }]").empty());
    CHECK_FALSE(refusal<SwitchingFlow>("time = 0.5\nfields = [{ c = [0.0, 1.0] }, { c = 1.0 }]").empty());
}
