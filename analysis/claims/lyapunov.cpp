#include <algorithm>
#include <cmath>

#include "analysis/claims/distances.hpp"
#include "analysis/interval.hpp"

namespace foldback {
namespace {

using namespace claims;

/// A distance is resolved when it is this many times what rounding can have done to it.
constexpr double clear = 10;

class Lyapunov final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{
            "lyapunov",
            "B_n settles at rate chi = E log L < 0 at least: (E log d(B_n(x), B_inf) - E log d(Z, x))/n <= chi; for "
            "scalar affine maps "
            "(1/n) E log(d(F_n(x), F_n(y))/d(x, y)) = E log|a|.",
            "DF99", "chi < 0 and E log+ d(f(x), x) finite, single maps may expand; or scalar affine maps"};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        const bool limit = why_no_limit(setup).empty(), exponent = why_no_exponent(setup).empty();
        if (!limit && !exponent) return ClaimPlan::not_applicable(why_no_limit(setup) + "; " + why_no_exponent(setup));
        std::vector<std::string> cases;
        std::vector<Quantity> needs;
        if (limit) {
            for (std::size_t s = 0; s < setup.starts.size(); ++s)
                cases.push_back("distance to the limit, " + start_label(setup, s));
            needs.push_back(Quantity::state);
        }
        if (exponent) {
            cases.push_back(std::string("distance between starts, ") + name(orders_of_one_law(setup).front()));
            needs.push_back(Quantity::spread);
        }
        if (setup.has_lipschitz) needs.push_back(Quantity::rounding_radius);
        ClaimPlan plan = plan_over_steps(setup, cases, needs, "Hall's t for mean logarithms");
        for (std::size_t k = 0; k < setup.steps.size(); ++k)
            plan.tests +=
                (limit && judges_limit(setup, k) ? setup.starts.size() : 0) + (exponent && setup.steps[k] > 0);
        plan.scale = "the exponent";
        if (limit) plan.rests_on.push_back(rests_on("chi", *setup.truth.chi));
        if (exponent) plan.rests_on.push_back(rests_on("E log|a|", *setup.truth.lyapunov));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        std::size_t c = 0;
        if (why_no_limit(setup).empty()) {
            if (recorded(evidence, Quantity::state, Order::backward, result))
                for (std::size_t s = 0; s < setup.starts.size(); ++s) judge_limit(evidence, s, c + s, level, result);
            c = setup.starts.size();
        }
        if (why_no_exponent(setup).empty() && recorded(evidence, Quantity::spread, orders_of_one_law(setup).front(), result))
            judge_exponent(evidence, c, level, result);
        result.finding = finding(setup, result);
    }

  private:
    static std::string why_no_limit(const Setup& setup) {
        if (auto missing = missing_orders(setup, {Order::backward}); !missing.empty()) return missing;
        if (auto failed = not_independent(setup); !failed.empty()) return failed;
        const auto& chi = setup.truth.chi;
        if (!chi) return "the model does not know chi = E log L: needs chi < 0";
        if (!(chi->value < 0)) return "chi = " + number(chi->value) + ": needs chi < 0";
        if (!std::isfinite(chi->value)) return "chi is infinite: maps are constant with positive probability";
        return "";
    }

    static std::string why_no_exponent(const Setup& setup) {
        if (setup.dimension != 1 || !setup.truth.affine) return "the maps are not scalar affine";
        if (!setup.truth.lyapunov || !std::isfinite(setup.truth.lyapunov->value))
            return "the model does not know E log|a|";
        if (largest_distance(setup) == 0) return "needs two different starts";
        return missing_law(setup);
    }

    /// The last checkpoint N stands in for the limit: judged up to N/2. And from where distances are smaller by e^2:
    /// before, the spread of log d(Z, x), divided by n, would need far more replicas than it is worth.
    static bool judges_limit(const Setup& setup, std::size_t k) {
        const double n = setup.steps[k];
        return n >= setup.truth.maps_per_factor && -n * setup.truth.chi->value >= 2 && 2 * n <= setup.steps.back();
    }

    /// Mean of log(d) - log(other), by replica (other: 1 if empty), its limits and what rounding can have moved it by;
    /// no values if a distance does not stand clear of rounding.
    struct MeanLog {
        std::vector<double> values;
        double rounding = 0;
    };
    static MeanLog mean_log(const std::vector<double>& d, const std::vector<double>& slack,
                            const std::vector<double>& other = {}) {
        MeanLog r;
        r.values.resize(d.size());
        for (std::size_t i = 0; i < d.size(); ++i) {
            const double over = other.empty() ? 1 : other[i];
            if (!(d[i] > clear * slack[i]) || !(over > 0) || !std::isfinite(d[i])) return {};
            r.values[i] = std::log(d[i]) - std::log(over);
            r.rounding -= std::log1p(-slack[i] / d[i]) / double(d.size());
        }
        return r;
    }

    static std::vector<double> from_start(const Evidence& evidence, std::size_t start, std::size_t step) {
        const Setup& setup = evidence.setup();
        const States x(evidence, Order::backward, start, step);
        std::vector<double> r(x.size());
        for (std::size_t i = 0; i < r.size(); ++i) r[i] = setup.distance(x[i], setup.starts[start]);
        return r;
    }

    /// d(B_n, B_N) <= L_1...L_n d(x, B'), B' = f_{n+1} o ... o f_N(x) with the law of B_{N-n}: the mean of log d(x, B')
    /// is estimated at N; that of the last checkpoint <= N - n shows how much the difference can matter.
    static void judge_limit(const Evidence& evidence, std::size_t start, std::size_t c, double level,
                            ClaimResult& result) {
        const Setup& setup = evidence.setup();
        if (!all_finite(evidence, Order::backward, start, result)) return;
        const States limit(evidence, Order::backward, start, setup.last());
        const auto limit_slack = uncertainty(evidence, Order::backward, start, setup.last());
        const auto away = from_start(evidence, start, setup.last());
        const MeanLog away_log = mean_log(away, limit_slack);
        if (away_log.values.empty()) {
            note(result, start_label(setup, start) +
                             ": the limit meets the start within rounding on some path, E log d(Z, x) is not resolved; "
                             "another start would resolve it");
            return;
        }
        const double away_mean = moments(away_log.values).mean;
        for (std::size_t k = 0; k < setup.steps.size(); ++k) {
            if (!judges_limit(setup, k)) continue;
            const double n = setup.steps[k], factor = setup.truth.maps_per_factor;
            auto slack = uncertainty(evidence, Order::backward, start, k);
            for (std::size_t r = 0; r < slack.size(); ++r) slack[r] += limit_slack[r];
            const MeanLog log =
                mean_log(distances(setup, States(evidence, Order::backward, start, k), limit), slack, away);
            if (log.values.empty()) {
                note(result, start_label(setup, start) + ": from step " + std::to_string(setup.steps[k]) +
                                 " on, the distance to the limit does not stand clear of rounding on every path");
                break;
            }
            const auto earlier =
                std::upper_bound(setup.steps.begin(), setup.steps.end(), setup.steps.back() - setup.steps[k]) -
                setup.steps.begin() - 1;
            const auto before = from_start(evidence, start, std::size_t(earlier));
            const MeanLog before_log = mean_log(before, std::vector<double>(before.size(), 0.0));
            const double rest =
                before_log.values.empty() ? infinity : std::abs(moments(before_log.values).mean - away_mean);
            const SampleMoments m = moments(log.values);
            const double widening = log.rounding + away_log.rounding + rest;
            Interval limits = mean_interval(m, level);
            limits = {(limits.lower - widening) / n, (limits.upper + widening) / n};
            const double bound = setup.truth.chi->value * factor * std::floor(n / factor) / n;
            judge_at_most(result.at(c, k), m.mean / n, limits, bound, 0, double(setup.replicas), result);
        }
    }

    static void judge_exponent(const Evidence& evidence, std::size_t c, double level, ClaimResult& result) {
        const Setup& setup = evidence.setup();
        const Order order = orders_of_one_law(setup).front();
        const double value = setup.truth.lyapunov->value, distance = largest_distance(setup);
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (!all_finite(evidence, order, s, result)) return;
        for (std::size_t k = 0; k < setup.steps.size(); ++k) {
            if (setup.steps[k] == 0) continue;
            const double n = setup.steps[k];
            std::vector<double> slack(std::size_t(setup.replicas), 0.0);
            for (std::size_t s = 0; s < setup.starts.size(); ++s) {
                const auto one = uncertainty(evidence, order, s, k);
                for (std::size_t r = 0; r < slack.size(); ++r) slack[r] = std::max(slack[r], 2 * one[r]);
            }
            const MeanLog log = mean_log(evidence.values({Quantity::spread, order, 0, k}), slack);
            if (log.values.empty()) {
                note(result, "from step " + std::to_string(setup.steps[k]) +
                                 " on, the distance between the starts does not stand clear of rounding on every path");
                break;
            }
            const SampleMoments rate = transformed(moments(log.values), 1 / n, -std::log(distance) / n);
            const double scale = value != 0 ? std::abs(value) : std::sqrt(rate.variance() * n);
            judge_equal(result.at(c, k), rate.mean, mean_interval(rate, level), value,
                        log.rounding / n + 1e-15 * std::abs(value), scale, double(setup.replicas), result);
        }
    }

    static std::string finding(const Setup& setup, const ClaimResult& result) {
        std::string text;
        for (std::size_t c = 0; c < result.plan.cases.size(); ++c)
            for (std::size_t k = setup.steps.size(); k-- > 0;) {
                const Cell& cell = result.at(c, k);
                if (cell.verdict == Verdict::unresolved) continue;
                text += (text.empty() ? "" : "; ") + result.plan.cases[c] + ": " + number(cell.measured) +
                        " per map at n = " + std::to_string(setup.steps[k]) + " against " + number(cell.bound);
                break;
            }
        return text.empty() ? "no checkpoint resolves an exponent" : text;
    }
};

}  // namespace

const Claim& lyapunov() {
    static const Lyapunov claim;
    return claim;
}

}  // namespace foldback
