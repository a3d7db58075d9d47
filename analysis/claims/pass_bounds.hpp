#pragma once
#include <functional>
#include <string>
#include <vector>

#include "analysis/claims/passes.hpp"

// Path-wise bounds for what perturbations of a pass do at an operator: compared on every path.
namespace foldback::claims {

/// What is recorded of one of them, by operator.
struct PassQuantities {
    Quantity error, bound, rounding;
};

/// A plan with one case for every order and start (of all operators), over the checkpoints.
ClaimPlan plan_pass_bounds(const Setup& setup, const PassQuantities& quantities);

/// Compares errors with their bounds on every path, at every operator, and gathers what there is to say of them.
class PassBounds {
  public:
    /// By replica, at one operator.
    using Bound = std::function<std::vector<double>(std::size_t op)>;

    /// All must outlive this.
    PassBounds(const Evidence& evidence, const PassQuantities& quantities, ClaimResult& result)
        : evidence_(evidence), quantities_(quantities), result_(result) {}

    /// Whether all of them were recorded for that order; if not, a note.
    bool recorded(Order order);
    /// The recorded bounds at one checkpoint, into a cell.
    void check(std::size_t row, Order order, std::size_t start, std::size_t step);
    /// Other bounds there.
    void check(std::size_t row, Order order, std::size_t start, std::size_t step, const Bound& bound);
    /// Notes: how many comparisons, the first offender, where there is no bound. Finding: where a bound is nearest.
    void report(const std::string& what) const;

  private:
    void add(std::size_t row, std::size_t step, std::size_t op, const PathCheck& check);

    const Evidence& evidence_;
    const PassQuantities& quantities_;
    ClaimResult& result_;
    PathTally tally_;
    bool compared_ = false;
    std::vector<std::size_t> without_;  // by operator: errors without a bound
    std::vector<double> tightness_;     // by operator: the largest, -1 before there is one
    std::string where_;                 // the largest of all is
};

/// All cells of a plan_pass_bounds.
void check_pass_bounds(PassBounds& bounds, const Setup& setup);

/// A claim that is nothing but such a plan.
class PassBoundClaim : public Claim {
  public:
    PassBoundClaim(ClaimInfo info, PassQuantities quantities, std::string what)
        : info_(std::move(info)), quantities_(quantities), what_(std::move(what)) {}
    const ClaimInfo& info() const override { return info_; }
    ClaimPlan plan(const Setup& setup) const override;
    void evaluate(const Evidence& evidence, double level, ClaimResult& result) const override;

  protected:
    /// Why there is nothing to compare in this chain; empty if there is.
    virtual std::string nothing_to_compare(const CompositeTruth& truth) const = 0;
    const PassQuantities& quantities() const { return quantities_; }
    const std::string& what() const { return what_; }

  private:
    ClaimInfo info_;
    PassQuantities quantities_;
    std::string what_;  ///< is bounded: "|x~_n - x_n|"
};

}  // namespace foldback::claims
