#pragma once
#include <memory>

#include "models/data/dataset.hpp"
#include "models/losses/mean_loss.hpp"
#include "models/losses/quadratic_moments.hpp"
#include "models/losses/regulariser.hpp"

namespace foldback {

/// phi(z, y) and its derivatives by z.
struct Link {
    double (*value)(double z, double y);
    double (*first)(double z, double y);
    double (*second)(double z, double y);
    double (*third)(double z, double y);
    double largest_second;  ///< sup phi''
};
extern const Link squared_link;   ///< (z - y)^2 / 2
extern const Link logistic_link;  ///< log(1 + e^z) - y z, y = 0 or 1

/// l_i(theta) = phi(x_i . theta, y_i) + r(theta) over the training rows.
std::shared_ptr<const MeanLoss> linear_mean(std::shared_ptr<const Dataset> data, const Link& link, Regulariser r);

/// Of the squared link with a ridge: l_i(theta) = theta^T G_i theta / 2 - c_i^T theta + a constant.
QuadraticMoments least_squares_moments(std::shared_ptr<const Dataset> data, double ridge);

}  // namespace foldback
