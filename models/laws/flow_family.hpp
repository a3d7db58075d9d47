#pragma once
#include <optional>
#include <vector>

#include "sim/model.hpp"
#include "sim/settings.hpp"

namespace foldback {

enum class Field;

/// A proof about x -> the flow's value after `substeps` Runge-Kutta steps, on [lower, upper].
struct FlowProof {
    double lipschitz;  ///< a bound on the derivative
    bool invariant;    ///< the image lies inside, by a margin above all rounding
};
/// By interval arithmetic with outward rounding over a subdivision (value by the mean value form, derivative by dual
/// numbers through the very steps the kernel takes).
FlowProof prove_double_well(double rate, double c, double step, int substeps, double lower, double upper);

/// Flows of a field chosen anew at every map, from a finite weighted list of centres (or tilts) c_j.
class FlowFamily {
  public:
    static FlowFamily from(Settings& table);

    Field field() const { return field_; }
    int dimension() const { return d_; }
    std::size_t size() const { return weights_.size(); }
    int substeps() const { return substeps_; }
    double rate() const { return rate_; }
    double step() const { return time_ / substeps_; }
    const double* cumulated_weights() const { return cumulated_.data(); }
    /// c and the Lipschitz constant, by entry, then by field: (dim + 1, size).
    const double* table() const { return table_.data(); }

    std::vector<NamedArray> parameters() const;
    /// The double well's state space is its region.
    void check_start(std::span<const double> x) const;
    Truth truth() const;

  private:
    void read_fields(Settings& table);
    void prove_region(Settings& table);
    std::optional<Region> derived_region() const;
    double moved(std::size_t k, double x) const;
    Truth linear_truth() const;
    Truth double_well_truth() const;

    Field field_{};
    int d_ = 1, substeps_ = 1;
    double rate_ = 1, time_ = 1;
    std::vector<double> weights_, cumulated_, c_, lipschitz_, table_;
    std::optional<Region> region_;
};

}  // namespace foldback
