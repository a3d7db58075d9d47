#pragma once
#include <memory>

#include "models/losses/composite.hpp"
#include "models/losses/sgd_truth.hpp"
#include "sim/composite_truth.hpp"

namespace foldback {

/// What sim/composite_truth.hpp asks of SGD on that chain.
std::shared_ptr<const CompositeTruth> composite_truth(const Composite& loss, const SgdPlan& plan);

/// Whether the chain is one linear operator of width 1, trained and without a bias, and the logistic or squared loss.
bool is_linear_model(const Composite& loss);

/// E|x~_n - x_n|^2 and E|g~_n - g_n|^2 of chains of linear operators, by operator: models/composite/linear_moments.cpp.
void add_linear_moments(CompositeTruth& truth, const Composite& loss);

/// Constants that hold on every path at given weights: models/composite/uniform_constants.cpp.
void add_uniform_constants(CompositeTruth& truth, const Composite& loss);

/// Constants of the descent of a logistic regression: models/composite/logistic_descent.cpp.
void add_logistic_descent(CompositeTruth& truth, const Composite& loss, const SgdPlan& plan);

}  // namespace foldback
