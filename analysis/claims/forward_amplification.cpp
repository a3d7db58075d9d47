#include "analysis/claims/pass_bounds.hpp"

namespace foldback {
namespace {

using namespace claims;

class ForwardAmplification final : public PassBoundClaim {
  public:
    ForwardAmplification()
        : PassBoundClaim({"forward-amplification",
                          "e_n = |x~_n - x_n| <= a_n e_{n-1} + |eps_n|, e_0 = 0, on every path, a_n the Lipschitz "
                          "constant of operator n in x",
                          "K26", "a chain of Lipschitz operators whose forward pass is perturbed by any eps_n"},
                         {Quantity::forward_error, Quantity::forward_bound, Quantity::forward_rounding},
                         "|x~_n - x_n|") {}

  protected:
    std::string nothing_to_compare(const CompositeTruth& truth) const override {
        return truth.forward.perturbed ? "" : "the forward pass is not perturbed: every error is 0";
    }
};

}  // namespace

const Claim& forward_amplification() {
    static const ForwardAmplification claim;
    return claim;
}

}  // namespace foldback
