#pragma once
#include <string>
#include <vector>

#include "analysis/claims/common.hpp"
#include "sim/composite_truth.hpp"

// What the claims about perturbed forward-backward passes share (theory.md, section C).
namespace foldback::claims {

/// Why they do not apply; empty if they do: the model is no chain, it does not show this quantity.
std::string no_passes(const Setup& setup, Quantity quantity);

/// The setup's orders that tell passes apart: where the weights stay all of them show the same, and the first stands
/// for all.
std::vector<Order> pass_orders(const Setup& setup);

/// The checkpoints at which the weights are those of the start, and passes of different ones are independent draws of
/// one law: all of them where the weights stay and passes use nothing of earlier ones, else the one before the first step,
/// if it is there. None where amplitudes or the step follow a schedule.
std::vector<std::size_t> checkpoints_at_start(const Setup& setup);
/// Why there are none; empty if there are.
std::string no_checkpoint_at_start(const Setup& setup);

/// "operator 3 (tanh 16 -> 16)", counted from 0.
std::string operator_label(const Setup& setup, std::size_t index);
/// Which operator's weight that component of the state is; the number of operators for a weight of none.
std::size_t operator_of(const CompositeTruth& truth, std::size_t component);

/// The recorded quantities of that name by operator: the mean over replicas and these checkpoints.
std::vector<double> mean_by_operator(const Evidence& evidence, Quantity quantity, Order order, std::size_t start,
                                     const std::vector<std::size_t>& checkpoints);

}  // namespace foldback::claims
