#include "analysis/lyapunov.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/batches.hpp"
#include "analysis/directions.hpp"
#include "sim/error.hpp"

namespace foldback {

LyapunovExponent lyapunov_scalar(std::span<const double> log_factors, double alpha, std::size_t batches) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (log_factors.empty()) return {std::numeric_limits<double>::quiet_NaN(), {}};
    if (std::any_of(log_factors.begin(), log_factors.end(), [](double v) { return v == -infinity; }))
        return {-infinity, {}};
    LyapunovExponent r{moments(log_factors).mean, {}};
    if (log_factors.size() < batches || batches < 3) return r;
    // Whole batches of equal length: the limits belong to their mean; the value is that of all data.
    const std::size_t length = log_factors.size() / batches;
    std::vector<double> means(batches);
    for (std::size_t b = 0; b < batches; ++b) means[b] = moments(log_factors.subspan(b * length, length)).mean;
    const SampleMoments of_batches = moments(means);
    const Interval limits = mean_interval(of_batches, alpha);
    r.limits = {limits.lower + (r.value - of_batches.mean), limits.upper + (r.value - of_batches.mean)};
    return r;
}

LyapunovSpectrum::LyapunovSpectrum(std::size_t dim, std::size_t first)
    : dim_(dim), count_(first == 0 ? dim : first), log_gain_(count_) {
    if (dim == 0 || count_ > dim) throw InternalError("LyapunovSpectrum: needs 1 <= first <= dim");
    // A frame in general position: the coordinate axes may span invariant subspaces (triangular Jacobians) and would
    // then never turn to the leading directions.
    constexpr std::uint64_t any_seed = 1;
    frame_ = sphere_directions(dim, count_, any_seed);
}

namespace {

double length(std::span<const double> v) {
    double sum = 0.0;
    for (const double component : v) sum += component * component;
    return std::sqrt(sum);
}

/// Removes from v its components along the rows of `frame`.
void project_out(std::span<double> v, std::span<const double> frame) {
    for (std::size_t row = 0; row * v.size() < frame.size(); ++row) {
        double along = 0.0;
        for (std::size_t i = 0; i < v.size(); ++i) along += v[i] * frame[row * v.size() + i];
        for (std::size_t i = 0; i < v.size(); ++i) v[i] -= along * frame[row * v.size() + i];
    }
}

/// Makes v orthonormal to the rows of `frame`; returns the length it had after projection, 0 if nothing but rounding
/// was left: then v becomes some unit vector orthogonal to them.
double orthonormalise(std::span<double> v, std::span<const double> frame) {
    const double before = length(v);
    project_out(v, frame);
    double left = length(v);
    if (std::isnan(left)) return left;
    const bool vanished = !(left > 1e-14 * before);
    for (std::size_t axis = 0; vanished && axis < v.size(); ++axis) {
        std::fill(v.begin(), v.end(), 0.0);
        v[axis] = 1.0;
        project_out(v, frame);
        if (length(v) > 0.5 / std::sqrt(double(v.size()))) break;
    }
    const double scale = length(v);
    for (double& component : v) component /= scale;
    project_out(v, frame);
    const double again = length(v);
    for (double& component : v) component /= again;
    if (vanished) return 0.0;
    return left * again;
}

}  // namespace

void LyapunovSpectrum::append(std::span<const double> jacobian) {
    if (jacobian.size() != dim_ * dim_) throw InternalError("LyapunovSpectrum: a Jacobian must be dim x dim");
    std::vector<double> image(frame_.size(), 0.0);
    for (std::size_t j = 0; j < count_; ++j)
        for (std::size_t row = 0; row < dim_; ++row) {
            double sum = 0.0;
            for (std::size_t i = 0; i < dim_; ++i) sum += jacobian[row * dim_ + i] * frame_[j * dim_ + i];
            image[j * dim_ + row] = sum;
        }
    frame_.swap(image);
    const std::span<double> frame(frame_);
    for (std::size_t j = 0; j < count_; ++j)
        log_gain_[j].push_back(std::log(orthonormalise(frame.subspan(j * dim_, dim_), frame.first(j * dim_))));
    ++steps_;
}

std::vector<LyapunovExponent> LyapunovSpectrum::exponents(double alpha, std::size_t batches) const {
    std::vector<LyapunovExponent> r;
    for (const auto& gains : log_gain_) r.push_back(lyapunov_scalar(gains, alpha, batches));
    return r;
}

std::vector<LyapunovExponent> lyapunov_spectrum(std::span<const double> jacobians, std::size_t dim, double alpha,
                                                std::size_t batches) {
    LyapunovSpectrum spectrum(dim);
    if (jacobians.size() % (dim * dim) != 0)
        throw InternalError("lyapunov_spectrum: the span must hold whole Jacobians");
    for (std::size_t i = 0; i < jacobians.size(); i += dim * dim) spectrum.append(jacobians.subspan(i, dim * dim));
    return spectrum.exponents(alpha, batches);
}

}  // namespace foldback
