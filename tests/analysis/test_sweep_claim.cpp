#include "analysis/sweep_claim.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/error.hpp"

using namespace foldback;

namespace {

/// "The number of replicas is ten times the step": cells tell where they came from.
class TenTimes final : public SweepClaim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"ten-times", "R = 10 h", "nowhere", "dimension 1"};
        return info;
    }
    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }
    ClaimPlan plan(const Ladder& ladder) const override {
        for (const Setup* setup : ladder.setups)
            if (setup->dimension != 1) return ClaimPlan::not_applicable("dimension 2: needs 1");
        ClaimPlan plan;
        plan.cases = {"first", "second"};
        plan.tests = ladder.size();
        plan.needs = {Quantity::state};
        plan.rests_on = {"nothing"};
        return plan;
    }
    std::size_t summary_size(const Setup& setup) const override { return std::size_t(setup.replicas); }
    std::string summary_text() const override { return "index of the replica"; }
    void summarise(const Evidence&, std::span<double>) const override {}
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override {
        for (std::size_t k = 0; k < ladder.size(); ++k) {
            const double replicas = double(ladder.setups[k]->replicas);
            CHECK(summaries[k].size() == ladder.setups[k]->replicas);
            CHECK(summaries[k][0] == replicas);
            result.at(0, k) = {replicas, level, 0, 10 * ladder.values[k], 0, Verdict::holds};
            result.at(1, k).verdict = replicas == 10 * ladder.values[k] ? Verdict::holds : Verdict::violated;
        }
        result.notes = {"the same everywhere"};
        result.finding = "up to " + std::to_string(ladder.setups.back()->replicas);
        result.replicas_to_decide = double(ladder.setups.back()->replicas);
    }
};

/// Setups in the sweep's order, replicas ten times the step but for the point `other`.
struct Points {
    SweepAxes axes;
    std::vector<Setup> setups;

    explicit Points(SweepAxes a, std::size_t other = 99) : axes(std::move(a)), setups(axes.points()) {
        const std::size_t step = *axes.axis_of("model.step");
        for (std::size_t p = 0; p < setups.size(); ++p)
            setups[p].replicas = std::uint64_t(10 * axes.values[step][axes.indices(p)[step]]) + (p == other);
    }
    std::vector<const Setup*> all() const {
        std::vector<const Setup*> all;
        for (const Setup& setup : setups) all.push_back(&setup);
        return all;
    }
    SweepClaimPlan plan() const { return plan_sweep_claim(TenTimes(), axes, all()); }
    ClaimResult judge(double alpha, std::size_t m) const {
        const TenTimes claim;
        const SweepClaimPlan planned = plan_sweep_claim(claim, axes, all());
        std::vector<std::vector<double>> summaries;
        for (const Setup& setup : setups) {
            std::vector<double> one(planned.summary_size, std::nan(""));
            if (!one.empty()) one[0] = double(setup.replicas);
            summaries.push_back(one);
        }
        return evaluate_sweep_claim(planned, all(), summaries, alpha, m);
    }
};

const SweepAxes falling{{"model.step"}, {{4, 2, 1}}};
const SweepAxes both{{"model.step", "model.batch"}, {{4, 1, 2}, {1, 8}}};

}  // namespace

TEST_CASE("sweep claim: without its sweep, or with too short a one, it does not apply and says why") {
    const Setup one;
    const TenTimes claim;
    CHECK(plan_sweep_claim(claim, {}, {&one}).plan.failed_assumption == "needs a sweep over model.step");
    const SweepAxes two{{"model.step"}, {{1, 2}}};
    const auto plan = plan_sweep_claim(claim, two, {&one, &one});
    CHECK(plan.plan.failed_assumption == "the sweep over model.step has 2 points: needs 3 or more");
    CHECK(plan.summary_size == 0);
    CHECK_FALSE(plan.has_point(0));
    Points points(falling);
    points.setups[1].dimension = 2;
    CHECK(points.plan().plan.failed_assumption == "dimension 2: needs 1");
    CHECK(points.judge(1e-3, 1).overall == Verdict::not_applicable);
}

TEST_CASE("sweep claim: its cells stand in ascending order of the key, whatever the sweep's") {
    const Points points(falling, 2);  // h = 1, which comes last
    const SweepClaimPlan plan = points.plan();
    CHECK(plan.plan.axis == "step_size");
    CHECK(plan.plan.axis_values == std::vector<double>{1, 2, 4});
    CHECK(plan.plan.tests == 3);
    CHECK(plan.summary_size == 40);
    REQUIRE(plan.ladders.size() == 1);
    CHECK(plan.ladders[0].points == std::vector<std::size_t>{2, 1, 0});
    const ClaimResult result = points.judge(1e-3, 4);
    CHECK(result.at(0, 0).measured == 11);
    CHECK(result.at(0, 2).measured == 40);
    CHECK(result.at(0, 1).lower == 1e-3 / 4);
    CHECK(result.at(1, 0).verdict == Verdict::violated);
    CHECK(result.at(1, 1).verdict == Verdict::holds);
    CHECK(result.overall == Verdict::violated);
    CHECK(result.finding == "up to 40");
}

TEST_CASE("sweep claim: a ladder for every choice of the other keys") {
    const Points points(both, 3);  // h = 1, batch 8
    const SweepClaimPlan plan = points.plan();
    REQUIRE(plan.ladders.size() == 2);
    CHECK(plan.ladders[1].points == std::vector<std::size_t>{3, 5, 1});
    CHECK(plan.plan.tests == 6);
    CHECK(plan.plan.needs == std::vector<Quantity>{Quantity::state});
    CHECK(plan.plan.rests_on == std::vector<std::string>{"nothing"});
    CHECK(plan.plan.cases == std::vector<std::string>{"first, model.batch = 1", "second, model.batch = 1",
                                                      "first, model.batch = 8", "second, model.batch = 8"});
    const ClaimResult result = points.judge(1e-3, 1);
    CHECK(result.at(1, 0).verdict == Verdict::holds);
    CHECK(result.at(3, 0).verdict == Verdict::violated);
    CHECK(result.at(2, 0).measured == 11);
    CHECK(result.notes ==
          std::vector<std::string>{"model.batch = 1: the same everywhere", "model.batch = 8: the same everywhere"});
    CHECK(result.finding == "model.batch = 1: up to 40; model.batch = 8: up to 40");
    CHECK(result.replicas_to_decide == 40);
}

TEST_CASE("sweep claim: it is judged where it applies, and says where it does not") {
    Points points(both);
    for (std::size_t p : {1U, 3U, 5U}) points.setups[p].dimension = 2;
    const SweepClaimPlan plan = points.plan();
    CHECK(plan.has_point(4));
    CHECK_FALSE(plan.has_point(5));
    const ClaimResult result = points.judge(1e-3, 1);
    CHECK(result.plan.cases.size() == 2);
    CHECK(result.overall == Verdict::holds);
    CHECK(result.notes.back() == "not applicable at model.batch = 8: dimension 2: needs 1");
}

TEST_CASE("sweep claims: ids differ from each other's and from all other claims'") {
    const auto ids = claim_ids();
    CHECK(std::set(ids.begin(), ids.end()).size() == all_claims().size() + all_sweep_claims().size());
    CHECK_NOTHROW(check_claim_id("sgd-covariance"));
    CHECK_NOTHROW(check_claim_id("exact-law"));
    CHECK_THROWS_WITH_AS(check_claim_id("sgd-covarience"), doctest::Contains("sgd-covariance"), ConfigError);
}
