#pragma once
#include <string>
#include <utility>
#include <vector>

#include "analysis/evidence.hpp"
#include "sim/configuration.hpp"
#include "sim/model.hpp"

namespace foldback {

/// What claims know of the ensemble `configuration` describes for `model`. The user's assumptions replace what the model
/// knows of the same constant, and of those that follow: rho_inf stands for every rho_p that is not assumed itself.
Setup make_setup(const Configuration& configuration, const Model& model);

/// The constants that [verify] assume may set: rho_1, rho_2, rho_4, rho_inf, D_1, D_2, D_inf, chi, lyapunov, tail_index, region_radius
/// and rho_K (together: a ball about the first start that the maps contract).
std::vector<KnownNames::Constant> assumable_constants();

}  // namespace foldback
