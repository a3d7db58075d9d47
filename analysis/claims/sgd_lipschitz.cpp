#include <algorithm>
#include <cmath>

#include "analysis/claims/distances.hpp"
#include "analysis/claims/sgd.hpp"

namespace foldback {
namespace {

using namespace claims;

class SgdLipschitz final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "sgd-lipschitz",
            "l_xi mu_xi-strongly convex and L_xi-smooth: Lip(f_xi) <= max(|1 - h mu_xi|, |1 - h L_xi|). From one "
            "checkpoint to the next, d(F_n(x), F_n(y)) grows by at most the product of these constants, on every path",
            "theory.md", "SGD on a loss whose samples have known curvature bounds; the order forward, two starts"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (auto why = not_sgd(setup); !why.empty()) return ClaimPlan::not_applicable(why);
        if (!setup.has_lipschitz)
            return ClaimPlan::not_applicable("the curvature of the samples' losses has no known bounds");
        if (auto missing = missing_orders(setup, {Order::forward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (setup.starts.size() < 2) return ClaimPlan::not_applicable("one start: needs two or more");
        return plan_over_steps(setup, {"forward, from the checkpoint before"},
                               {Quantity::spread, Quantity::lipschitz_product, Quantity::rounding_radius},
                               "on every path");
    }

    void evaluate(const Evidence& evidence, double, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        if (!recorded(evidence, Quantity::spread, Order::forward, result) ||
            !recorded(evidence, Quantity::lipschitz_product, Order::forward, result))
            return;
        PathTally tally;
        State before = start_of(setup);
        for (std::size_t k = 0; k < setup.steps.size(); ++k) {
            State here = state_at(evidence, k);
            if (setup.steps[k] > 0) {
                const PathCheck check = compare(before, here, setup.steps[k], setup.dimension);
                check.into(result.at(0, k));
                tally.add(check, step_label(setup, k));
            }
            before = std::move(here);
        }
        tally.note_into(result);
        result.finding = finding(setup, result);
    }

  private:
    /// By replica, at one checkpoint.
    struct State {
        std::vector<double> spread, product, slack;
    };

    static State start_of(const Setup& setup) {
        const auto all = [&](double x) { return std::vector<double>(std::size_t(setup.replicas), x); };
        return {all(largest_distance(setup)), all(1), all(0)};
    }

    static State state_at(const Evidence& evidence, std::size_t k) {
        const Setup& setup = evidence.setup();
        State x{evidence.values({Quantity::spread, Order::forward, 0, k}),
                evidence.values({Quantity::lipschitz_product, Order::forward, 0, k}),
                std::vector<double>(std::size_t(setup.replicas), 0.0)};
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const auto one = uncertainty(evidence, Order::forward, s, k);
            for (std::size_t r = 0; r < one.size(); ++r) x.slack[r] = std::max(x.slack[r], 2 * one[r]);
        }
        return x;
    }

    // A product that underflowed to 0 says nothing of the ratio.
    static PathCheck compare(const State& before, const State& here, double n, int dimension) {
        PathCheck check;
        for (std::size_t r = 0; r < here.spread.size(); ++r) {
            if (!(before.product[r] > 0)) continue;
            const double ratio = here.product[r] / before.product[r], bound = ratio * before.spread[r];
            check.add(r, here.spread[r], bound,
                      here.slack[r] + ratio * before.slack[r] + (n + 16) * dimension * 0x1p-52 * bound);
        }
        return check;
    }

    static std::string finding(const Setup& setup, const ClaimResult& result) {
        const Cell* nearest = nullptr;
        for (const Cell& cell : result.cells)
            if (std::isfinite(cell.tightness) && (!nearest || cell.tightness > nearest->tightness)) nearest = &cell;
        if (!nearest) return "no checkpoint stands clear of rounding";
        const auto k = std::size_t(nearest - result.cells.data());
        return "the largest growth is " + number(nearest->tightness) + " times its bound, up to step " +
               std::to_string(setup.steps[k]);
    }
};

}  // namespace

const Claim& sgd_lipschitz() {
    static const SgdLipschitz claim;
    return claim;
}

}  // namespace foldback
