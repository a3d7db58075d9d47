#include <algorithm>

#include "analysis/claims/pass_bounds.hpp"

namespace foldback {
namespace {

using namespace claims;

class BackwardAmplification final : public PassBoundClaim {
  public:
    BackwardAmplification()
        : PassBoundClaim(
              {"backward-amplification",
               "r_n = |u~_n - u_n|: r_{n-1} <= a_n r_n + c_n |u_n| e_{n-1} + |zeta_{n-1}|, r_N = 0, on every "
               "path, a_n and c_n the Lipschitz constants in x of operator n and of its derivative",
               "K26",
               "a chain of Lipschitz operators, a pass perturbed by any eps_n, zeta_n; where the forward pass "
               "is, operators with Lipschitz derivatives"},
              {Quantity::backward_error, Quantity::backward_bound, Quantity::backward_rounding}, "|u~_n - u_n|") {}

  protected:
    std::string nothing_to_compare(const CompositeTruth& truth) const override {
        const auto& operators = truth.operators;
        if (!truth.forward.perturbed && !truth.backward.perturbed) return "neither pass is perturbed: every error is 0";
        if (operators.size() < 2) return "a chain of one operator: its adjoint is 1 in either pass";
        // r_n needs c of operator n + 1 if there is a forward error before it; the first operator has none.
        const bool none =
            std::none_of(operators.begin() + 1, operators.end(), [](const auto& one) { return one.smooth; });
        if (truth.forward.perturbed && none)
            return "the forward pass is perturbed and no operator after the first has a Lipschitz derivative (" +
                   operators[1].name + "): there is no c_n";
        return "";
    }
};

}  // namespace

const Claim& backward_amplification() {
    static const BackwardAmplification claim;
    return claim;
}

}  // namespace foldback
