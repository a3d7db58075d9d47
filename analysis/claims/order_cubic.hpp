#pragma once
#include "analysis/claims/order_ladder.hpp"

namespace foldback::claims {

/// A composition of n gradient steps that does not depend on their order up to O(h^3): the distance between it and the
/// same of a permutation of the steps vanishes like h^3 or faster.
class OrderCubic : public SweepClaim {
  public:
    /// `what` is measured: "E|P_n - P_n'|".
    OrderCubic(ClaimInfo info, Quantity quantity, std::string what);

    const ClaimInfo& info() const override { return info_; }
    SweptKey swept() const override { return {{"model.step"}, "step_size"}; }
    ClaimPlan plan(const Ladder& ladder) const override;
    std::size_t summary_size(const Setup& setup) const override { return order_summary_size(setup, 1); }
    std::string summary_text() const override;
    void summarise(const Evidence& evidence, std::span<double> summary) const override;
    void evaluate(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, double level,
                  ClaimResult& result) const override;

  private:
    ClaimInfo info_;
    Quantity quantity_;
    std::string what_;
};

}  // namespace foldback::claims
