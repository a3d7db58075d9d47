#include <algorithm>
#include <cmath>

#include "analysis/claims/pass_bounds.hpp"

namespace foldback {
namespace {

using namespace claims;

/// The bound of every path by operator, from constants that hold on all of them:
/// e_n <= s_f (a^n - 1)/(a - 1), r_n <= s_b (a^(N-n) - 1)/(a - 1) + c U s_f sum_{j=n}^{N-1} a^(j-n) (a^j - 1)/(a - 1),
/// |g~_n - g_n| <= b r_n + d U e_{n-1}; by their recursions, which hold for every a >= 0.
std::vector<double> geometric_bounds(const CompositeTruth::Uniform& k, std::size_t operators, double s_f, double s_b) {
    std::vector<double> e(operators), r(operators), bound(operators);
    for (std::size_t n = 1; n < operators; ++n) e[n] = k.a * e[n - 1] + s_f;  // e[n] = e_n, after operator n
    for (std::size_t n = operators - 1; n-- > 0;) r[n] = k.a * r[n + 1] + k.c * k.u * e[n + 1] + s_b;
    for (std::size_t n = 0; n < operators; ++n) bound[n] = k.b * r[n] + k.d * k.u * e[n];
    return bound;
}

double largest(const std::vector<double>& norms) {
    return norms.empty() ? infinity : *std::max_element(norms.begin(), norms.end());
}

/// By operator, of paths from that start; empty where some constant is not known.
std::vector<double> geometric_bounds(const Setup& setup, std::size_t start) {
    const CompositeTruth& truth = *setup.truth.composite;
    if (!truth.uniform || checkpoints_at_start(setup).empty() || truth.gradient.perturbed) return {};
    const double s_f = truth.forward.perturbed ? largest(truth.forward.sure_norm) : 0;
    const double s_b = truth.backward.perturbed ? largest(truth.backward.sure_norm) : 0;
    if (!std::isfinite(s_f) || !std::isfinite(s_b)) return {};
    const auto constants = truth.uniform(setup.starts[start]);
    if (!constants) return {};
    return geometric_bounds(*constants, truth.operators.size(), s_f, s_b);
}

class GradientError final : public PassBoundClaim {
  public:
    GradientError()
        : PassBoundClaim(
              {"gradient-error",
               "|g~_n - g_n| <= b_n r_n + d_n |u_n| e_{n-1} on every path; with uniform constants and "
               "|eps| <= s_f, |zeta| <= s_b the errors compound geometrically in the depth",
               "K26",
               "a chain of Lipschitz operators, a pass perturbed by any eps_n, zeta_n; where the forward pass "
               "is, operators with Lipschitz derivatives"},
              {Quantity::gradient_error, Quantity::gradient_bound, Quantity::gradient_rounding}, "|g~_n - g_n|") {}

    ClaimPlan plan(const Setup& setup) const override {
        ClaimPlan plan = PassBoundClaim::plan(setup);
        for (std::size_t s = 0; plan.applicable && s < setup.starts.size(); ++s)
            if (!geometric_bounds(setup, s).empty())
                plan.cases.push_back("uniform constants, " + start_label(setup, s));
        return plan;
    }

    void evaluate(const Evidence& evidence, double, ClaimResult& result) const override {
        const Setup& setup = evidence.setup();
        PassBounds bounds(evidence, quantities(), result);
        check_pass_bounds(bounds, setup);
        check_geometric(bounds, setup, result);
        bounds.report(what());
    }

  protected:
    std::string nothing_to_compare(const CompositeTruth& truth) const override {
        const bool any = truth.forward.perturbed || truth.backward.perturbed || truth.gradient.perturbed;
        return any ? "" : "neither pass is perturbed: every error is 0";
    }

  private:
    static void check_geometric(PassBounds& bounds, const Setup& setup, ClaimResult& result) {
        const Order order = pass_orders(setup).front();
        std::size_t row = pass_orders(setup).size() * setup.starts.size();
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const auto limits = geometric_bounds(setup, s);
            if (limits.empty()) continue;
            // What is no test at later checkpoints, where the weights have moved.
            for (std::size_t k = 0; k < setup.steps.size(); ++k) result.at(row, k).verdict = Verdict::not_applicable;
            const bool there = bounds.recorded(order);
            const auto bound = [&](std::size_t op) {
                return std::vector<double>(std::size_t(setup.replicas), limits[op]);
            };
            for (std::size_t k : checkpoints_at_start(setup))
                if (there) bounds.check(row, order, s, k, bound);
            note(result, "with uniform constants, " + start_label(setup, s) + ", the bound grows to " +
                             number(*std::max_element(limits.begin(), limits.end())));
            ++row;
        }
    }
};

}  // namespace

const Claim& gradient_error() {
    static const GradientError claim;
    return claim;
}

}  // namespace foldback
