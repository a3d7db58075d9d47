#include <algorithm>
#include <cmath>

#include "analysis/claims/distances.hpp"

namespace foldback {
namespace {

using namespace claims;

enum class Form { exits, spread, increment };

struct Case {
    Form form;
    Order order;
    std::size_t start = 0;
};

class LocalContraction final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"local-contraction",
                                    "If every drawn map takes the closed set K into itself and contracts it by rho_K, "
                                    "starts in K stay there, their spread is at "
                                    "most rho_K^n max d(x, y) and the backward increment at most rho_K^n d(f_{n+1}(x), "
                                    "x); with probability 1 - n q if a map "
                                    "leaves K with probability q.",
                                    "D25", "starts inside K; maps that contract K"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (!setup.truth.region)
            return ClaimPlan::not_applicable(
                "no region is known that the maps contract: [verify] assume = { region_radius = ..., rho_K = ... } names one");
        if (const auto missing = missing_law(setup); !missing.empty()) return ClaimPlan::not_applicable(missing);
        const Region& region = *setup.truth.region;
        if (!(region.lipschitz.value < 1))
            return ClaimPlan::not_applicable("rho_K = " + number(region.lipschitz.value) + ": needs rho_K < 1");
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (outside(region, setup.starts[s]) > 0)
                return ClaimPlan::not_applicable(start_label(setup, s) + " is outside the region " + describe(region));
        std::vector<std::string> names;
        for (const Case& c : cases_of(setup)) names.push_back(name_of(setup, c));
        ClaimPlan plan = plan_over_steps(
            setup, names, {Quantity::state, Quantity::spread, Quantity::increment, Quantity::next_displacement},
            "on every path");
        if (setup.has_lipschitz) plan.needs.push_back(Quantity::rounding_radius);
        plan.rests_on = {
            rests_on("rho_K", region.lipschitz),
            std::string("K = ") + describe(region) + (region.invariant ? ", invariant" : ", which paths may leave")};
        return plan;
    }

    void evaluate(const Evidence& evidence, double, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const auto cases = cases_of(setup);
        PathTally tally;
        for (Order order : orders_of_one_law(setup)) {
            if (!recorded(evidence, Quantity::state, order, result)) continue;
            std::vector<bool> left(std::size_t(setup.replicas), false);  // seen outside K at a checkpoint so far
            for (std::size_t k = 0; k < setup.steps.size(); ++k) {
                for (std::size_t i = 0; i < cases.size(); ++i)
                    if (cases[i].order == order && cases[i].form == Form::exits)
                        count_exits(evidence, cases[i], k, left, result.at(i, k), tally, result);
                for (std::size_t i = 0; i < cases.size(); ++i)
                    if (cases[i].order == order && cases[i].form != Form::exits)
                        check_distances(evidence, cases[i], k, left, result.at(i, k), tally, result);
            }
            const auto lost = std::count(left.begin(), left.end(), true);
            if (lost > 0)
                note(result, std::to_string(lost) + " of " + std::to_string(setup.replicas) +
                                 " replicas were seen outside K " + name(order) +
                                 ": statements about distances are checked on the others");
        }
        tally.note_into(result);
        result.finding = finding(evidence, result);
    }

  private:
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (Order order : orders_of_one_law(setup)) {
            for (std::size_t s = 0; s < setup.starts.size(); ++s) cases.push_back({Form::exits, order, s});
            if (setup.starts.size() > 1) cases.push_back({Form::spread, order});
            // How rounding moved B_{n+1} is known when the maps are applied one by one, without merging on a tolerance.
            const bool increments = order == Order::backward && setup.merge_tolerance == 0 && !setup.closed_backward;
            for (std::size_t s = 0; s < setup.starts.size() && increments; ++s)
                cases.push_back({Form::increment, order, s});
        }
        return cases;
    }

    static std::string name_of(const Setup& setup, const Case& c) {
        const std::string order = name(c.order);
        if (c.form == Form::spread) return "spread, " + order;
        return (c.form == Form::exits ? "distance outside K, " + order : "increment") + ", " +
               start_label(setup, c.start);
    }

    static std::string describe(const Region& region) {
        if (!region.center.empty()) return "ball of radius " + number(region.radius) + " about start number 0";
        std::string text;
        for (std::size_t d = 0; d < region.lower.size() && d < 3; ++d)
            text += (d ? " x [" : "[") + number(region.lower[d]) + ", " + number(region.upper[d]) + "]";
        return region.lower.size() > 3 ? text + " x ..." : text;
    }

    /// How far x is outside K: in the largest component outside a box, in distance outside a ball; NaN for a NaN.
    static double outside(const Region& region, std::span<const double> x) {
        if (!region.center.empty()) {
            double square = 0;
            for (std::size_t d = 0; d < x.size(); ++d) square += (x[d] - region.center[d]) * (x[d] - region.center[d]);
            const double by = std::sqrt(square) - region.radius;
            return by <= 0 ? 0 : by;
        }
        double r = 0;
        for (std::size_t d = 0; d < x.size(); ++d) {
            const double by = std::max(region.lower[d] - x[d], x[d] - region.upper[d]);
            if (!(by <= r)) r = by;
        }
        return r;
    }

    /// An invariant region is left by rounding at most; how often another one is left is reported, not judged.
    static void count_exits(const Evidence& evidence, const Case& c, std::size_t k, std::vector<bool>& left, Cell& cell,
                            PathTally& tally, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const Region& region = *setup.truth.region;
        const States x(evidence, c.order, c.start, k);
        const auto slack = uncertainty(evidence, c.order, c.start, k);
        PathCheck check;
        std::size_t exits = 0;
        for (std::size_t r = 0; r < x.size(); ++r) {
            const double by = outside(region, x[r]);
            const bool gone = !(by <= slack[r]);
            // A state inside within rounding is inside: the comparison is exact.
            check.add(r, gone ? (std::isnan(by) ? infinity : by) : 0.0, 0, 0);
            exits += gone;
            if (gone) left[r] = true;
        }
        check.into(cell);
        if (region.invariant) tally.add(check, step_label(setup, k));
        if (!region.invariant && exits > 0) cell.verdict = Verdict::unresolved;
        if (exits > 0 && k == setup.last())
            note(result, std::to_string(exits) + " of " + std::to_string(x.size()) +
                             " states are outside K at the last checkpoint: " + name(c.order) + ", " +
                             start_label(setup, c.start));
    }

    static void check_distances(const Evidence& evidence, const Case& c, std::size_t k, const std::vector<bool>& left,
                                Cell& cell, PathTally& tally, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const Quantity what = c.form == Form::spread ? Quantity::spread : Quantity::increment;
        if (!recorded(evidence, what, c.order, result)) return;
        if (c.form == Form::increment && !recorded(evidence, Quantity::next_displacement, c.order, result)) return;
        const Region& region = *setup.truth.region;
        const double product = std::pow(region.lipschitz.value, double(setup.steps[k])),
                     rounding = 0x1p-52 * setup.dimension;
        const auto measured = evidence.values({what, c.order, c.start, k});
        const auto first = c.form == Form::spread ? std::vector<double>(measured.size(), largest_distance(setup))
                                                  : evidence.values({Quantity::next_displacement, c.order, c.start, k});
        const auto slack = largest_uncertainty(evidence, c, k);
        PathCheck check;
        for (std::size_t r = 0; r < measured.size(); ++r) {
            const double bound = product * first[r];
            if (!left[r])
                check.add(r, measured[r], bound, 2 * slack[r] + (8.0 * setup.steps[k] + 16) * rounding * bound);
        }
        check.into(cell);
        tally.add(check, step_label(setup, k));
        if (!region.invariant && cell.verdict == Verdict::violated) {
            cell.verdict = Verdict::inconclusive;
            note(result,
                 "replicas that were not seen outside K may have left it between checkpoints: their offences decide "
                 "nothing");
        }
    }

    static std::vector<double> largest_uncertainty(const Evidence& evidence, const Case& c, std::size_t k) {
        auto slack = uncertainty(evidence, c.order, c.start, k);
        for (std::size_t s = 0; s < evidence.setup().starts.size() && c.form == Form::spread; ++s) {
            const auto one = uncertainty(evidence, c.order, s, k);
            for (std::size_t r = 0; r < slack.size(); ++r) slack[r] = std::max(slack[r], one[r]);
        }
        return slack;
    }

    static std::string finding(const Evidence& evidence, const ClaimResult& result) {
        const Setup& setup = evidence.setup();
        std::string text =
            "outside K = " + describe(*setup.truth.region) + " at n = " + std::to_string(setup.steps.back()) + ": ";
        for (Order order : orders_of_one_law(setup)) {
            if (!evidence.has(Quantity::state, order)) return "states were not recorded";
            std::size_t exits = 0, all = 0;
            for (std::size_t s = 0; s < setup.starts.size(); ++s) {
                const States x(evidence, order, s, setup.last());
                const auto slack = uncertainty(evidence, order, s, setup.last());
                for (std::size_t r = 0; r < x.size(); ++r, ++all)
                    exits += !(outside(*setup.truth.region, x[r]) <= slack[r]);
            }
            text += (order == orders_of_one_law(setup).front() ? "" : ", ") + std::to_string(exits) + " of " + std::to_string(all) +
                    " states " + name(order);
        }
        return text + nearest_to_bound(result);
    }
};

}  // namespace

const Claim& local_contraction() {
    static const LocalContraction claim;
    return claim;
}

}  // namespace foldback
