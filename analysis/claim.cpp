#include "analysis/claim.hpp"

#include <algorithm>
#include <cmath>

namespace foldback {

#define FOLDBACK_CLAIM(function, id) const Claim& function();
#include "analysis/claims/registry.def"
#undef FOLDBACK_CLAIM

const std::vector<const Claim*>& all_claims() {
    static const std::vector<const Claim*> claims{
#define FOLDBACK_CLAIM(function, id) &function(),
#include "analysis/claims/registry.def"
#undef FOLDBACK_CLAIM
    };
    return claims;
}

ClaimPlan ClaimPlan::not_applicable(std::string failed_assumption) {
    ClaimPlan plan;
    plan.applicable = false;
    plan.failed_assumption = std::move(failed_assumption);
    return plan;
}

bool Setup::has(Order order) const { return std::find(orders.begin(), orders.end(), order) != orders.end(); }

std::optional<Fact> Setup::rho(double p) const {
    if (truth.epoch > 0) {  // E(L_1...L_n)^p is no product of expectations: only what is sure holds
        if (!truth.lipschitz_sure) return std::nullopt;
        const Label label = truth.lipschitz_sure->label;
        return Fact{std::pow(truth.lipschitz_sure->value, 1.0 / truth.maps_per_factor), label == Label::exact ? Label::bound : label};
    }
    if (!truth.lipschitz_moment) return std::nullopt;
    const auto moment = truth.lipschitz_moment(p);
    if (!moment) return std::nullopt;
    return Fact{std::pow(moment->value, 1 / (p * truth.maps_per_factor)), moment->label};
}

std::optional<Fact> Setup::displacement(std::size_t start, double p) const {
    if (!truth.displacement) return std::nullopt;
    return truth.displacement(starts[start], p);
}

std::optional<Fact> Setup::contraction(double n, double p) const {
    const auto r = rho(p);
    if (!r) return std::nullopt;
    const double k = truth.maps_per_factor;
    return Fact{std::pow(r->value, k * std::floor(n / k)), r->label};
}

std::optional<Fact> Setup::tail(double n, std::size_t start, double p) const {
    const auto r = rho(p), d = displacement(start, p);
    if (!r || !d || !(r->value < 1) || !std::isfinite(d->value)) return std::nullopt;
    // Factors of k maps: contraction(n) + ... + contraction(n + k - 1) + the same k steps later, rho^k times, ...
    const int k = truth.maps_per_factor;
    double period = 0;
    for (int i = 0; i < k; ++i) period += contraction(n + i, p)->value;
    const Label label = r->label == Label::exact ? d->label : r->label;
    return Fact{period * d->value / (1 - std::pow(r->value, k)), label};
}

bool is_selected(const ClaimInfo& claim, const std::vector<std::string>& ids) {
    return ids.empty() || std::find(ids.begin(), ids.end(), claim.id) != ids.end();
}

ClaimPlan not_selected() { return ClaimPlan::not_applicable("verify.claims of the run names others"); }

FilePlan plan_claims(const Setup& setup, const std::vector<std::string>& selected) {
    FilePlan plan;
    for (const Claim* claim : all_claims()) {
        plan.claims.push_back(is_selected(claim->info(), selected) ? claim->plan(setup) : not_selected());
        plan.tests += plan.claims.back().tests;
        for (Quantity q : plan.claims.back().needs)
            if (setup.can_record(q) && std::find(plan.needs.begin(), plan.needs.end(), q) == plan.needs.end()) plan.needs.push_back(q);
    }
    return plan;
}

ClaimResult evaluate_claim(const Claim& claim, const ClaimPlan& plan, const Evidence& evidence, double alpha, std::size_t m) {
    ClaimResult result;
    result.plan = plan;
    if (!plan.applicable) return result;
    result.cells.resize(plan.cases.size() * plan.axis_values.size());
    claim.evaluate(evidence, alpha / double(std::max<std::size_t>(m, 1)), result);
    std::vector<Verdict> verdicts;
    for (const Cell& cell : result.cells) verdicts.push_back(cell.verdict);
    result.overall = overall(verdicts);
    return result;
}

}  // namespace foldback
