#include "sim/eigen.hpp"

#include "models/losses/mean_loss.hpp"

#include <Eigen/Cholesky>
#include <cmath>

namespace foldback {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

Vector as_vector(const std::vector<double>& v) {
    return Eigen::Map<const Vector>(v.data(), static_cast<Eigen::Index>(v.size()));
}

}  // namespace

MeanLoss::~MeanLoss() = default;

std::optional<Optimum> minimum(const MeanLoss& loss, double mu) {
    constexpr int most_steps = 200;
    const auto d = static_cast<Eigen::Index>(loss.dimension());
    std::vector<double> theta(loss.dimension(), 0.0);
    Vector gradient = as_vector(loss.gradient(theta));
    double value = loss.value(theta);
    for (int step = 0; step < most_steps && gradient.norm() > 0; ++step) {
        const std::vector<double> hessian = loss.hessian(theta);
        const Eigen::LLT<Matrix> factor(Eigen::Map<const Matrix>(hessian.data(), d, d));
        if (factor.info() != Eigen::Success) return std::nullopt;
        const Vector direction = factor.solve(gradient);
        bool improved = false;
        for (double length = 1; length > 1e-10 && !improved; length /= 2) {
            std::vector<double> next = theta;
            for (std::size_t i = 0; i < next.size(); ++i) next[i] -= length * direction(static_cast<Eigen::Index>(i));
            const Vector there = as_vector(loss.gradient(next));
            const double value_there = loss.value(next);
            // Far away the value decides; near the minimum it is flat to rounding, and the gradient does.
            const bool lower = value_there < value - 1e-12 * std::abs(value);
            if (!lower && !(there.norm() < gradient.norm())) continue;
            theta = std::move(next);
            gradient = there;
            value = value_there;
            improved = true;
        }
        if (!improved) break;
    }
    const double rounding = loss.gradient_rounding(theta);
    if (!(gradient.norm() <= rounding)) return std::nullopt;
    return Optimum{std::move(theta), (gradient.norm() + rounding) / mu};
}

const Optimum* LazyMinimum::get() const {
    std::call_once(searched_, [this] { found_ = minimum(*loss_, mu_); });
    return found_ ? &*found_ : nullptr;
}

const double* centre_of(const LazyMinimum* lazy) {
    const Optimum* optimum = lazy ? lazy->get() : nullptr;
    return optimum ? optimum->theta.data() : nullptr;
}

}  // namespace foldback
