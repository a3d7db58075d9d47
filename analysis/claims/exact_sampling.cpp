#include <algorithm>
#include <cmath>

#include "analysis/certificate.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/interval.hpp"
#include "analysis/kolmogorov.hpp"

namespace foldback {
namespace {

using namespace claims;

enum class Test { mean, variance, law };

struct Case {
    Test test;
    std::size_t start, component;
};

/// What one start's stopped replicas are judged by.
struct Stopped {
    double mean_radius = 0;         ///< bounds E d(B_T, B_inf)
    double root_square = 0;         ///< bounds (E d(B_T, B_inf)^2)^(1/2), infinite if nothing does
    double sure_radius = infinity;  ///< bounds d(B_T, B_inf) surely
};

class ExactSampling final : public Claim {
  public:
    const ClaimInfo& info() const override {
        static const ClaimInfo text{"exact-sampling",
                                    "Stopped at the first T with L_1...L_T <= product, B_T is within its certified "
                                    "radius (L_1...L_T) D/(1 - rho) of an exact draw "
                                    "from the stationary law; F_T is not, its stopping biases it.",
                                    "DF99, PW96", "rho_1 < 1 and D_1(x) finite; T a stopping time of L_1, L_2, ..."};
        return text;
    }

    ClaimPlan plan(const Setup& setup) const override {
        if (!setup.stop) return ClaimPlan::not_applicable("replicas are not stopped: needs [stop]");
        if (auto missing = missing_orders(setup, {Order::backward}); !missing.empty())
            return ClaimPlan::not_applicable(missing);
        if (const auto failed = not_independent(setup); !failed.empty()) return ClaimPlan::not_applicable(failed);
        if (setup.metric != "euclidean")
            return ClaimPlan::not_applicable("radii are in the metric " + setup.metric + ": needs the Euclidean one");
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            if (!certificate_constant(setup, s)) {
                const std::string rho = not_contracting(setup, 1);
                return ClaimPlan::not_applicable("no certified radius: " +
                                                 (rho.empty() ? "needs D_1 finite at " + start_label(setup, s) : rho));
            }
        const auto cases = cases_of(setup);
        if (cases.empty())
            return ClaimPlan::not_applicable(
                "neither the stationary law nor its mean is known, or rho_2 >= 1: nothing to compare with");
        ClaimPlan plan;
        for (const Case& c : cases)
            plan.cases.push_back(name_of(c) + ", " + start_label(setup, c.start) + component_label(setup, c.component));
        plan.needs = {Quantity::stopped_state, Quantity::stop_step, Quantity::stopped_radius, Quantity::stop_censored};
        plan.axis = "stop.product";
        plan.axis_values = {setup.stop->product};
        plan.tests = cases.size();
        plan.interval = "Hall's t for means, chi-square for variances, DKW";
        plan.scale = "standard deviation of the stationary law; its variance; 1 for a distribution function";
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            plan.rests_on.push_back(
                rests_on("D/(1 - rho) at " + start_label(setup, s), *certificate_constant(setup, s)));
        return plan;
    }

    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override {
        for (Quantity q : {Quantity::stopped_state, Quantity::stopped_radius})
            if (!recorded(evidence, q, Order::backward, result)) return;
        const Setup& setup = evidence.setup();
        note_censored(evidence, result);
        const auto cases = cases_of(setup);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            const auto x = evidence.values({Quantity::stopped_state, Order::backward, c.start, 0, c.component});
            if (!finite(x)) {
                note(result, "a stopped state is not finite: " + start_label(setup, c.start));
                continue;
            }
            const Stopped stopped = radii(evidence, c.start);
            if (c.test == Test::mean) judge_mean(setup, c, x, stopped, level, result.at(i, 0), result);
            if (c.test == Test::variance) judge_variance(setup, c, x, stopped, level, result.at(i, 0), result);
            if (c.test == Test::law) judge_law(setup, c, x, stopped, level, result.at(i, 0), result);
        }
        result.finding = finding(evidence);
    }

  private:
    static std::string name_of(const Case& c) {
        return c.test == Test::mean ? "mean" : c.test == Test::variance ? "variance" : "Kolmogorov-Smirnov";
    }

    // The interval of a mean needs the second moment of the stationary law, that of a variance the fourth.
    static std::vector<Case> cases_of(const Setup& setup) {
        std::vector<Case> cases;
        for (std::size_t s = 0; s < setup.starts.size(); ++s)
            for (std::size_t d = 0; d < std::size_t(setup.dimension); ++d) {
                if (!setup.truth.mean.empty() && contracting_moment(setup, 2)) cases.push_back({Test::mean, s, d});
                if (!setup.truth.covariance.empty() && contracting_moment(setup, 4))
                    cases.push_back({Test::variance, s, d});
                if (!setup.truth.marginals.empty()) cases.push_back({Test::law, s, d});
            }
        return cases;
    }

    static double variance_of(const Setup& setup, std::size_t component) {
        return setup.truth.covariance[component * (std::size_t(setup.dimension) + 1)];
    }

    // (L_1...L_T) C bounds the distance surely with the sure C, its conditional p-norm with C = D_p/(1 - rho_p), which
    // may be much smaller.
    static Stopped radii(const Evidence& evidence, std::size_t start) {
        const Setup& setup = evidence.setup();
        const auto radius = evidence.values({Quantity::stopped_radius, Order::backward, start});
        const double constant = certificate_constant(setup, start)->value;
        double mean = 0, square = 0;  // of L_1...L_T
        for (double r : radius) {
            const double product = constant > 0 ? r / constant : 0;
            mean += product / double(radius.size());
            square += product * product / double(radius.size());
        }
        const auto sure = sure_certificate_constant(setup, start);
        const auto least = [&](double p) {
            const auto conditional = setup.tail(0, start, p);
            return std::min(sure ? sure->value : infinity, conditional ? conditional->value : infinity);
        };
        Stopped r;
        r.mean_radius = mean * least(1);
        r.root_square = std::sqrt(square) * least(2);
        if (sure) r.sure_radius = *std::max_element(radius.begin(), radius.end());
        return r;
    }

    static void judge_mean(const Setup& setup, const Case& c, const std::vector<double>& x, const Stopped& stopped,
                           double level, Cell& cell, ClaimResult& result) {
        const SampleMoments m = moments(x);
        const double scale = std::sqrt(setup.truth.covariance.empty() ? m.variance() : variance_of(setup, c.component));
        judge_equal(cell, m.mean, mean_interval(m, level), setup.truth.mean[c.component], stopped.mean_radius, scale,
                    double(x.size()), result);
    }

    // Standard deviations of B_T and of its limit differ by the norm of their difference at most.
    static void judge_variance(const Setup& setup, const Case& c, const std::vector<double>& x, const Stopped& stopped,
                               double level, Cell& cell, ClaimResult& result) {
        const SampleMoments m = moments(x);
        const double value = variance_of(setup, c.component), delta = stopped.root_square;
        const double rem = delta * (2 * std::sqrt(value) + delta);
        if (std::isfinite(rem))
            judge_equal(cell, m.variance(), variance_interval(m, level), value, rem, value, double(x.size()), result);
        else
            note(result, "the radius bounds no second moment: variances are not judged");
    }

    static void judge_law(const Setup& setup, const Case& c, std::vector<double> x, const Stopped& stopped,
                          double level, Cell& cell, ClaimResult& result) {
        const MarginalLaw& law = setup.truth.marginals[c.component];
        const double last = law.known_up_to, beyond = std::nextafter(last, infinity);
        // Data beyond the part that is known become one atom there.
        for (double& v : x) v = std::min(v, beyond);
        const auto cdf = [&](double v) { return v > last ? 1.0 : law.cdf(v); };
        const auto below = [&](double v) { return law.cdf(std::min(v, last)); };
        const double distance = std::isfinite(last) ? ks_distance(x, cdf, below) : ks_distance(x, law.cdf);
        const double rem = law_remainder(law, x, stopped);
        judge_equal(cell, distance, ks_interval(distance, dkw_radius(x.size(), level)), 0, rem, 1, double(x.size()),
                    result);
        if (rem > 0.1 / std::sqrt(double(x.size())))
            note(result, "the certified radius may move the distribution function by " + number(rem) +
                             ": a smaller stop.product sharpens the test");
    }

    /// How far the distribution functions of B_T and of its limit can be apart: P(d > r) + sup_x F(x + r) - F(x), the
    /// best r; the supremum over the sample, P(d > r) <= E radius/r, or 0 where the radius is sure.
    static double law_remainder(const MarginalLaw& law, const std::vector<double>& x, const Stopped& stopped) {
        const auto modulus = [&](double r) {
            double largest = 0;
            for (double v : x) {
                const double from = std::min(v, law.known_up_to);
                largest = std::max(largest, law.cdf(from) - law.cdf(from - r));
                if (from + r <= law.known_up_to) largest = std::max(largest, law.cdf(from + r) - law.cdf(from));
            }
            return largest;
        };
        double best = std::isfinite(stopped.sure_radius) ? modulus(stopped.sure_radius) : 1.0;
        if (stopped.mean_radius == 0) return std::min(best, modulus(0));
        for (double k = 4; k < 1e6; k *= 4) best = std::min(best, 1 / k + modulus(k * stopped.mean_radius));
        return best;
    }

    static void note_censored(const Evidence& evidence, ClaimResult& result) {
        if (!recorded(evidence, Quantity::stop_censored, Order::backward, result)) return;
        const auto censored = evidence.values({Quantity::stop_censored});
        const auto count = std::count_if(censored.begin(), censored.end(), [](double c) { return c != 0; });
        if (count > 0)
            note(result, std::to_string(count) +
                             " replicas reached stop.max_steps = " + std::to_string(evidence.setup().stop->max_steps) +
                             " first: they count with their larger radius");
    }

    static std::string finding(const Evidence& evidence) {
        const Setup& setup = evidence.setup();
        std::string text;
        for (Order order : {Order::forward, Order::backward}) {
            if (!evidence.has(Quantity::stopped_state, order)) continue;
            const SampleMoments m = moments(evidence.values({Quantity::stopped_state, order}));
            text += (text.empty() ? "stopped " : ", ") + std::string(name(order)) + " mean " + number(m.mean);
        }
        if (!setup.truth.mean.empty()) text += ", truth " + number(setup.truth.mean[0]);
        text += " (" + start_label(setup, 0) + component_label(setup, 0) + ")";
        if (evidence.has(Quantity::stop_step, Order::backward)) {
            const SampleMoments time = moments(evidence.values({Quantity::stop_step}));
            text += "; stopped after " + number(time.mean) + " maps on average, " + number(time.max) + " at most";
        }
        const auto radius = evidence.values({Quantity::stopped_radius});
        return text + "; certified radius at most " + number(*std::max_element(radius.begin(), radius.end()));
    }
};

}  // namespace

const Claim& exact_sampling() {
    static const ExactSampling claim;
    return claim;
}

}  // namespace foldback
