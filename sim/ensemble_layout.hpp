#pragma once
#include <string>

#include "sim/ensemble.hpp"
#include "sim/file_layout.hpp"

namespace foldback {

/// Adds what one ensemble keeps: its replicas' variables, /moments, /paths and /progress (call it before other results; see
/// file-format.md).
void add_ensemble(Layout& layout, const EnsemblePlan& plan);

/// Adds the states of every replica at every point of a sweep, whose axes lead.
void add_sweep_states(Layout& layout, const EnsemblePlan& plan, const std::vector<std::string>& sweep_axes);

/// Where an order's moments stand: /moments/forward, and by block /progress/moments/forward.
std::string moments_group(Order order);
std::string block_moments_group(Order order);

/// The moments of one order as named arrays, in the order of the file.
struct MomentArray {
    const char* name;
    std::vector<double> StateMoments::*values;
    bool by_component, covariance;
    const char* long_name;
};
const std::vector<MomentArray>& moment_arrays();

/// The name of the moments' step axis.
inline const char* moment_axis(const EnsemblePlan& plan) { return plan.every_step_moments ? "every_step" : "step"; }

/// Scales start and component of one group, and its step axis.
void add_scales(Layout& layout, const std::string& group, const Shape& shape, const char* step_axis,
                const std::vector<std::uint32_t>& steps);

}  // namespace foldback
