#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analysis/claim.hpp"

// What the claims share: words for labels and notes, the planning of cells, the judging of one cell, guards.
namespace foldback::claims {

/// "0.5", "1.25e-07": four significant digits.
std::string number(double x);
/// "rho_2 = 0.5 (exact)": for ClaimPlan::rests_on.
std::string rests_on(const std::string& name, const Fact& fact);
/// "start -1", "start (0, 1)".
std::string start_label(const Setup& setup, std::size_t start);
/// ", component 1" for more than one dimension, else nothing.
std::string component_label(const Setup& setup, std::size_t component);
/// "step 12": a checkpoint.
std::string step_label(const Setup& setup, std::size_t step);
/// Appends a note unless it stands there already.
void note(ClaimResult& result, const std::string& text);

/// A plan over the checkpoint grid with these cases and needs.
ClaimPlan plan_over_steps(const Setup& setup, std::vector<std::string> cases, std::vector<Quantity> needs,
                          std::string interval);
/// Why a claim about these orders does not apply; empty if it does: "needs both orders", "needs the order backward".
std::string missing_orders(const Setup& setup, std::vector<Order> orders);
/// The setup's orders whose states have the law of F_n for independent, identically distributed maps, in their order.
std::vector<Order> orders_of_one_law(const Setup& setup);
/// Why statements about maps of one law do not apply; empty if they do.
std::string inhomogeneous(const Setup& setup);
/// Why a claim about the law of X_n does not apply; empty if it does: such an order is missing.
std::string missing_law(const Setup& setup);
/// Why a claim that needs independent maps does not apply; empty if it does.
std::string not_independent(const Setup& setup);
/// Why a claim that needs rho_p < 1 does not apply; empty if it does: "rho_2 = 1.2: needs rho_2 < 1".
std::string not_contracting(const Setup& setup, double p);

/// Whether the quantity was recorded; if not, a note that names the setting which records it.
bool recorded(const Evidence& evidence, Quantity quantity, Order order, ClaimResult& result);
/// Whether no replica of that order and start diverged; if some did, a note with their number.
bool all_finite(const Evidence& evidence, Order order, std::size_t start, ClaimResult& result);
/// Whether every value is finite.
bool finite(const std::vector<double>& values);

/// Last step at which E(L_1...L_n)^p can be judged from the setup's replicas (rare-paths): from log_lipschitz_variance
/// per factor of maps; every step when the Lipschitz constant is surely the same; 0 when the variance is unknown.
std::uint64_t judgeable_step(const Setup& setup, double p);
/// Whether the Lipschitz moment of order p is known and contracts (so that p-th moments of the states stay bounded),
/// p-th moments of the displacement given.
bool contracting_moment(const Setup& setup, double p);

/// States below a distance of 1e3 roundings say nothing: 1e3 eps |state|, or the rounding radius where it was recorded.
inline constexpr double resolution = 1e3;

/// Judges measured <= bound into `cell`; `slack` is absolute (rounding). Keeps the largest replicas_to_decide.
void judge_at_most(Cell& cell, double measured, Interval limits, double bound, double slack, double replicas,
                   ClaimResult& result);
/// Judges measured = value into `cell`, up to `rem` (of the limit and of rounding), in units of `scale`.
void judge_equal(Cell& cell, double measured, Interval limits, double value, double rem, double scale, double replicas,
                 ClaimResult& result);

/// One path-wise cell: a measured number and its bound on every path.
class PathCheck {
  public:
    /// `slack` is absolute: what rounding can have moved measured and bound by. NaN in any of them: not checked. A
    /// bound not above its slack can fail but not hold, unless the slack is 0: then the comparison is exact.
    void add(std::size_t replica, double measured, double bound, double slack);
    /// Fills the cell: measured = limits = the largest measured, tightness = the largest measured/bound over paths
    /// whose bound is 100 times the slack or more, bound = the bound on that path.
    void into(Cell& cell) const;

    std::uint64_t checked() const { return checked_; }
    std::uint64_t offences() const { return offences_; }
    std::size_t first_offender() const { return first_offender_; }

  private:
    std::uint64_t checked_ = 0, resolved_ = 0, offences_ = 0;
    std::size_t first_offender_ = 0;
    double largest_ = 0, largest_bound_ = 0, tightness_ = -1, bound_ = 0;
};

/// Sums over the path-wise cells of a claim, for its notes.
class PathTally {
  public:
    void add(const PathCheck& check, const std::string& where);
    /// "12000 comparisons on paths, none failed", or how many and which was first.
    void note_into(ClaimResult& result) const;

  private:
    std::uint64_t checked_ = 0, offences_ = 0;
    std::string first_;
};

/// The first and the second half of a series, for two-sample tests of dependent orders.
std::vector<double> first_half(const std::vector<double>& values);
std::vector<double> second_half(const std::vector<double>& values);

}  // namespace foldback::claims
