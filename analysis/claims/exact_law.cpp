#include <algorithm>
#include <cmath>

#include "analysis/anderson_darling.hpp"
#include "analysis/certificate.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/claims/law_modulus.hpp"
#include "analysis/claims/rank_tests.hpp"
#include "analysis/increasing.hpp"
#include "analysis/kolmogorov.hpp"

namespace foldback {
namespace {

using namespace claims;

struct Row {
    bool anderson_darling;
    Order order;
    std::size_t start, component;
};

std::vector<Row> rows_of(const Setup& setup) {
    std::vector<Row> rows;
    for (Order order : orders_of_one_law(setup))
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (std::size_t i = 0; i < setup.truth.marginals.size(); ++i) {
                rows.push_back({false, order, s, i});
                if (std::isinf(setup.truth.marginals[i].known_up_to)) rows.push_back({true, order, s, i});
            }
    return rows;
}

/// sup |F_n - F| over (-inf, known_up_to].
double distance_to(const MarginalLaw& law, const std::vector<double>& sample) {
    if (std::isinf(law.known_up_to)) return ks_distance(sample, law.cdf);
    const std::vector<double> x = increasing(sample);
    const double n = double(x.size());
    double largest = 0;
    std::size_t i = 0;
    for (; i < x.size() && x[i] <= law.known_up_to; ++i) {
        const double f = law.cdf(x[i]);
        largest = std::max({largest, f - double(i) / n, double(i + 1) / n - f});
    }
    return std::max(largest, std::abs(law.cdf(law.known_up_to) - double(i) / n));
}

/// Mass of the law that rounds to one double at an end of the sample.
double mass_at_the_ends(const MarginalLaw& law, const std::vector<double>& x) {
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const double top = law.cdf(*high) - law.cdf(std::nextafter(*high, -infinity));
    const double bottom = law.cdf(std::nextafter(*low, infinity)) - law.cdf(*low);
    return std::max(*high <= law.known_up_to ? top : 0, bottom);
}

class ExactLaw final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo info{"exact-law", "X_n(x) has, in the limit, the law that is known in closed form",
                                    "theory.md", "the stationary law is known; n large enough for the limit"};
        return info;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (setup.truth.marginals.empty())
            return ClaimPlan::not_applicable("the stationary law of this model is not known in closed form");
        if (const auto missing = missing_law(setup); !missing.empty()) return ClaimPlan::not_applicable(missing);
        if (const auto failed = not_independent(setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        std::vector<std::string> cases;
        for (const Row& row : rows_of(setup))
            cases.push_back((row.anderson_darling ? "AD, " : "KS, ") + std::string(name(row.order)) + ", " +
                            start_label(setup, row.start) + component_label(setup, row.component));
        ClaimPlan plan = plan_over_steps(setup, std::move(cases), {Quantity::state}, "DKW");
        plan.axis_values = {double(setup.steps.back())};
        plan.scale = "1";
        plan.tests = plan.cases.size();
        for (const MarginalLaw& law : setup.truth.marginals) plan.rests_on.push_back(law.name + " (exact)");
        for (double p : {1.0, 2.0})
            if (const auto rho = setup.rho(p)) plan.rests_on.push_back(rests_on("rho_" + number(p), *rho));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        const std::vector<Row> rows = rows_of(setup);
        double worst = 0;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Row& row = rows[k];
            if (!recorded(evidence, Quantity::state, row.order, result) ||
                !all_finite(evidence, row.order, row.start, result))
                continue;
            const auto x = evidence.values({Quantity::state, row.order, row.start, setup.last(), row.component});
            judge(setup, row, x, level, result.at(k, 0), result);
            if (!row.anderson_darling) worst = std::max(worst, result.at(k, 0).measured);
        }
        result.finding = "at n = " + std::to_string(setup.steps.back()) + " the distribution functions are within " +
                         number(worst) + " of " + setup.truth.marginals[0].name +
                         (setup.truth.marginals.size() > 1 ? " and the other marginals" : "");
    }

  private:
    static void judge(const Setup& setup, const Row& row, const std::vector<double>& x, double level, Cell& cell,
                      ClaimResult& result) {
        const MarginalLaw& law = setup.truth.marginals[row.component];
        const double n = double(x.size()), allowed = 0.1 / std::sqrt(n), radius = dkw_radius(x.size(), level);
        const double rem = distance_to_limit(setup, row.start, law, x);
        if (row.anderson_darling) {
            const auto statistic = anderson_darling(x, law.cdf);
            if (!statistic)
                return note(
                    result,
                    "Anderson-Darling is unresolved where a value of the distribution function rounds to 0 or 1");
            cell.measured = cell.lower = cell.upper = *statistic;
            cell.bound = anderson_darling_critical(level, x.size());
            cell.tightness = cell.measured / cell.bound;
            cell.verdict = verdict_of_rejection(*statistic > cell.bound, radius, n, result);
        } else {
            const double distance = distance_to(law, x);
            judge_equal(cell, distance, ks_interval(distance, radius), 0, rem, 1, n, result);
        }
        if (const double mass = mass_at_the_ends(law, x); mass > allowed) {
            cell.verdict = Verdict::unresolved;
            note(result, number(100 * mass) +
                             " % of the law rounds to one number: the model's mirrored coordinate resolves it");
        } else if (!(rem <= allowed)) {
            cell.verdict = Verdict::unresolved;
            note(result, std::isfinite(rem)
                             ? "X_n may be " + number(rem) +
                                   " away from the limit in distribution, which must be at most " + number(allowed) +
                                   ": a larger steps.last resolves it"
                             : std::string("how near X_n is to the limit is not known: no rho_p < 1 with D_p finite"));
        }
    }
};

}  // namespace

const Claim& exact_law() {
    static const ExactLaw claim;
    return claim;
}

}  // namespace foldback
