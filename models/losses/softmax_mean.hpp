#pragma once
#include <memory>

#include "models/data/dataset.hpp"
#include "models/losses/mean_loss.hpp"

namespace foldback {

/// l_i(theta) = log sum_k e^(theta_k . x_i) - theta_(y_i) . x_i + (ridge / 2) |theta|^2 over the training rows.
std::shared_ptr<const MeanLoss> softmax_mean(std::shared_ptr<const Dataset> data, double ridge);

}  // namespace foldback
