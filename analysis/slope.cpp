#include "sim/eigen.hpp"

#include "analysis/slope.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "sim/error.hpp"

namespace foldback {
namespace {

// The weights that make the local slope from point k to k + 1, added `times` times.
void add_slope(std::vector<double>& weights, const PairedLadder& ladder, std::size_t k, double times) {
    const double per_log = times / std::log(ladder.x[k + 1] / ladder.x[k]);
    weights[k] -= per_log;
    weights[k + 1] += per_log;
}

// What b x adds to a local slope, for b = 1.
double tilt(const PairedLadder& ladder, std::size_t k) {
    return (ladder.x[k + 1] - ladder.x[k]) / std::log(ladder.x[k + 1] / ladder.x[k]);
}

// Precisions of log|E y_k| by the delta method, none more than a million times another.
Eigen::VectorXd precisions(const PairedLadder& ladder) {
    Eigen::VectorXd variance(Eigen::Index(ladder.size()));
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        const SampleMoments y = moments(ladder.values[k]);
        variance[Eigen::Index(k)] = y.variance() / (double(y.count) * y.mean * y.mean);
    }
    const double largest = variance.maxCoeff();
    if (!(largest > 0) || !std::isfinite(largest)) return Eigen::VectorXd::Ones(variance.size());
    return variance.cwiseMax(1e-6 * largest).cwiseInverse() * largest;
}

}  // namespace

std::vector<Estimate> local_slopes(const PairedLadder& ladder, double alpha) {
    std::vector<Estimate> slopes;
    for (std::size_t k = 0; k + 1 < ladder.size(); ++k) {
        std::vector<double> weights(ladder.size());
        add_slope(weights, ladder, k, 1);
        slopes.push_back(log_combination(ladder, weights, alpha / double(ladder.size() - 1)));
    }
    return slopes;
}

std::vector<Estimate> extrapolated_slopes(const PairedLadder& ladder, double alpha) {
    std::vector<Estimate> slopes;
    for (std::size_t k = 0; k + 2 < ladder.size(); ++k) {
        std::vector<double> weights(ladder.size());
        const double near = tilt(ladder, k), far = tilt(ladder, k + 1);
        add_slope(weights, ladder, k, far / (far - near));
        add_slope(weights, ladder, k + 1, -near / (far - near));
        slopes.push_back(log_combination(ladder, weights, alpha / double(ladder.size() - 2)));
    }
    return slopes;
}

std::vector<double> exponent_weights(const PairedLadder& ladder, PowerLaw law) {
    const Eigen::Index points = Eigen::Index(ladder.size()), unknowns = law == PowerLaw::corrected ? 3 : 2;
    if (points < unknowns) throw InternalError("an exponent cannot be fitted to fewer points than it has unknowns");
    Eigen::MatrixXd design(points, unknowns);
    for (Eigen::Index k = 0; k < points; ++k) {
        const double x = ladder.x[std::size_t(k)] / ladder.x.back();
        design(k, 0) = 1;
        design(k, 1) = std::log(x);
        if (unknowns == 3) design(k, 2) = x;
    }
    const Eigen::VectorXd precision = precisions(ladder);
    const Eigen::MatrixXd weighted = precision.asDiagonal() * design;
    const Eigen::VectorXd row = (design.transpose() * weighted).ldlt().solve(Eigen::VectorXd::Unit(unknowns, 1));
    const Eigen::VectorXd weights = weighted * row;
    return {weights.begin(), weights.end()};
}

Estimate fitted_exponent(const PairedLadder& ladder, PowerLaw law, double alpha) {
    return log_combination(ladder, exponent_weights(ladder, law), alpha);
}

}  // namespace foldback
