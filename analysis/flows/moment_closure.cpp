#include "analysis/flows/moment_closure.hpp"

namespace foldback::flows {
namespace {

using Vector = std::vector<double>;

// The right-hand side over y = (m, P), P row-major.
class Closure {
  public:
    Closure(const SgdTruth& sgd, std::size_t dimension) : sgd_(sgd), d_(dimension) {}

    void operator()(const Vector& y, Vector& dy) const {
        const std::span<const double> m(y.data(), d_), P(y.data() + d_, d_ * d_);
        const Vector drift = modified_gradient(sgd_, m), H = sgd_.hessian_at(m), C = sgd_.covariance_at(m);
        const Vector skew = sgd_.quadratic ? Vector(d_, 0.0) : sgd_.third(m, P);
        for (std::size_t i = 0; i < d_; ++i) dy[i] = -drift[i] - skew[i] / 2;
        for (std::size_t i = 0; i < d_; ++i)
            for (std::size_t j = 0; j < d_; ++j) {
                double sum = 0;
                for (std::size_t k = 0; k < d_; ++k)
                    sum += H[i * d_ + k] * P[k * d_ + j] + P[i * d_ + k] * H[k * d_ + j];
                dy[d_ + i * d_ + j] = sgd_.step * C[i * d_ + j] - sum;
            }
    }

  private:
    const SgdTruth& sgd_;
    std::size_t d_;
};

}  // namespace

Vector modified_gradient(const SgdTruth& sgd, std::span<const double> theta) {
    const Vector g = sgd.gradient(theta), H = sgd.hessian_at(theta);
    Vector sum(g);
    for (std::size_t i = 0; i < g.size(); ++i)
        for (std::size_t j = 0; j < g.size(); ++j) sum[i] += sgd.step / 2 * H[i * g.size() + j] * g[j];
    return sum;
}

std::vector<MeanAndCovariance> moment_closure(const SgdTruth& sgd, std::span<const double> start,
                                              std::span<const double> times, Tolerance tolerance) {
    const std::size_t d = start.size();
    Vector y(start.begin(), start.end());
    y.resize(d + d * d, 0.0);
    std::vector<MeanAndCovariance> moments;
    for (const Vector& at : solve_at(Closure(sgd, d), y, times, tolerance)) {
        const auto border = at.begin() + std::ptrdiff_t(d);
        moments.push_back({Vector(at.begin(), border), Vector(border, at.end())});
    }
    return moments;
}

}  // namespace foldback::flows
