#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/common.hpp"

// What the claims about distances between states share: distances path by path, what rounding can have done to them,
// and their moments against a bound.
namespace foldback::claims {

/// The states of all replicas at one checkpoint.
class States {
  public:
    States(const Evidence& evidence, Order order, std::size_t start, std::size_t step);
    std::size_t size() const { return values_.size() / dim_; }
    std::span<const double> operator[](std::size_t replica) const { return {values_.data() + replica * dim_, dim_}; }

  private:
    std::size_t dim_;
    std::vector<double> values_;  // (replica, component)
};

/// The model's distance, replica by replica.
std::vector<double> distances(const Setup& setup, const States& x, const States& y);
/// The largest distance between two starts.
double largest_distance(const Setup& setup);

/// By replica: the distance by which rounding, and merging on a tolerance, can have moved the state. The rounding
/// radius where it was recorded, else 1e3 eps |state| (1e3 eps where the metric is not Euclidean).
std::vector<double> uncertainty(const Evidence& evidence, Order order, std::size_t start, std::size_t step);

/// rho_inf^n: a sure bound for Lip(f_1 o ... o f_n), by factors of several maps. Nothing when it is unknown or
/// infinite.
std::optional<double> sure_contraction(const Setup& setup, double n);
/// Whether path-wise claims are also checked with rho_inf^n in place of the drawn Lipschitz constants: when those are
/// not given, or do not say the same (rho_inf assumed by the user, or L random).
bool checks_sure_contraction(const Setup& setup);

/// The checkpoints from 0 to limit: how many of them moments can be judged at.
std::size_t steps_up_to(const Setup& setup, std::uint64_t limit);

/// || d ||_p <= bound, d >= 0 i.i.d. over replicas and certain to within `slack` each, up to `rest` more (of || d
/// ||_p). Hall's interval for the mean of d^p; unresolved where rounding or the rest is not far below the bound.
void judge_norm(Cell& cell, const std::vector<double>& d, double p, double bound, const std::vector<double>& slack,
                double rest, double level, ClaimResult& result);

/// "; nearest to its bound (tightness 0.98) at n = 7: path, start -1"; empty if no cell has a tightness.
/// A moment may exceed its bound by sampling error: path-wise cells come first. For findings.
std::string nearest_to_bound(const ClaimResult& result);

}  // namespace foldback::claims
