#pragma once
#include <cstddef>
#include <optional>

#include "analysis/evidence.hpp"

namespace foldback {

/// The label of a number computed from two: the less trustworthy one.
Label weaker(Label a, Label b);

/// C with d(B_n(x), B_inf) <= (L_1...L_n) C on every path: D_inf/(1 - rho_inf), for factors of k maps k D_inf/(1 -
/// rho_inf^k). Nothing when the sure Lipschitz constant or displacement is unknown, infinite, or does not contract.
/// Source: theory.md, `backward-limit`.
std::optional<Fact> sure_certificate_constant(const Setup& setup, std::size_t start);

/// C of the certified radius (L_1...L_n) C at a start: the sure constant where there is one, else that of the
/// conditional certificate, E[d(B_n, B_inf) | f_1..f_n] <= (L_1...L_n) D_1/(1 - rho_1); nothing when both are unknown
/// or rho_1 >= 1. Source: theory.md, `backward-limit` and `exact-sampling`.
std::optional<Fact> certificate_constant(const Setup& setup, std::size_t start);

}  // namespace foldback
