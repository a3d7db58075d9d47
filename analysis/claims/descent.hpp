#pragma once
#include <optional>
#include <string>
#include <vector>

#include "analysis/claims/common.hpp"
#include "sim/composite_truth.hpp"

// What the claims about training share (theory.md, sections C and D): g~_t = grad l(w_t) + b_t + n_t with known bounds.
namespace foldback::claims {

using Descent = CompositeTruth::Descent;

/// Why no claim about descent applies; empty if the model bounds the bias and noise of its gradient, its batches are
/// independent, and eta_t <= 1/Ls at every step up to the last checkpoint.
std::string not_descending(const Setup& setup);
/// Why none that needs the Polyak-Lojasiewicz inequality and the value of inf l does; empty if they are known, too.
std::string not_pl(const Setup& setup);
const Descent& descent_of(const Setup& setup);

/// "Ls = 1 (bound)", "inf l = 0.1 (exact)", and with `pl` "mu = 0.1 (exact)": for ClaimPlan::rests_on.
std::vector<std::string> rests_on_descent(const Descent& descent, bool pl);

/// Whether l(w_0) can be had: from the truth, or from checkpoint 0.
bool knows_first_loss(const Setup& setup);
/// That it cannot, and the setting that would change it.
std::string no_first_loss();
/// l(w_0); nothing where train_loss was not recorded or is not finite.
std::optional<double> first_loss(const Evidence& evidence, std::size_t start);

/// sum over the maps 1..n of eta_t beta_t^2 and of Ls eta_t^2 s_t^2: what descent loses to bias and to noise.
struct Losses {
    double bias = 0, noise = 0;
    double least_step = infinity;  ///< min eta_t
};
/// At every n of `steps`, ascending.
std::vector<Losses> losses_at(const Descent& descent, const std::vector<std::uint32_t>& steps);

/// E(l(w_b) - l*) <= kept E(l(w_a) - l*) + added, by the recursion of descent-pl over the maps a + 1..b.
struct Recursion {
    double kept = 1, added = 0;
};
Recursion recursion_between(const Descent& descent, std::uint32_t a, std::uint32_t b);

/// (beta_t^2 + Ls eta_t s_t^2)/(2 mu): what the mean excess settles at, at most.
double floor_at(const Descent& descent, std::uint32_t t);

/// What rounding can have moved an excess loss by: a claim about smaller ones says nothing.
double loss_rounding(const Descent& descent, double loss);

}  // namespace foldback::claims
