#include "analysis/affine_recursion.hpp"

#include <cmath>
#include <cstdint>

namespace foldback {

AffineRecursion::AffineRecursion(const AffineLaw& law, std::span<const double> start)
    : law_(law), mean_(start.begin(), start.end()), covariance_(start.size() * start.size(), 0.0) {}

void AffineRecursion::to(std::uint32_t n) {
    for (; step_ < n && !settled_; ++step_) advance();
    step_ = n;
}

bool AffineRecursion::to_limit(std::uint32_t limit) {
    for (std::uint32_t i = 0; i < limit && !settled_; ++i) advance();
    return settled_;
}

std::vector<double> AffineRecursion::noise() const {
    const std::size_t d = mean_.size();
    std::vector<double> mm(d * d);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) mm[i * d + j] = mean_[i] * mean_[j];
    std::vector<double> r = law_.conjugate(mm);
    const std::vector<double> cross = law_.cross(mean_);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j)
            r[i * d + j] += cross[i * d + j] + cross[j * d + i] + law_.mean_bb[i * d + j];
    return r;
}

void AffineRecursion::advance() {
    const std::size_t d = mean_.size();
    std::vector<double> mean(law_.mean_b), covariance = law_.conjugate(covariance_);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) mean[i] += law_.mean_A[i * d + j] * mean_[j];
    const std::vector<double> second = noise();
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) covariance[i * d + j] += second[i * d + j] - mean[i] * mean[j];
    settled_ = mean == mean_ && covariance == covariance_;
    mean_ = std::move(mean);
    covariance_ = std::move(covariance);
}

double AffineRecursion::mean_square_increment() const {
    const std::size_t d = mean_.size();
    // tr E[(A - I) C (A - I)^T] = tr E[A C A^T] - 2 tr(E[A] C) + tr C, and the same for m m^T with b.
    const std::vector<double> spread = law_.conjugate(covariance_), second = noise();
    double sum = 0;
    for (std::size_t i = 0; i < d; ++i) {
        double image = law_.mean_b[i], turned = 0;
        for (std::size_t j = 0; j < d; ++j) {
            image += law_.mean_A[i * d + j] * mean_[j];
            turned += law_.mean_A[i * d + j] * covariance_[j * d + i];
        }
        sum += spread[i * d + i] - 2 * turned + covariance_[i * d + i];
        sum += second[i * d + i] - 2 * mean_[i] * image + mean_[i] * mean_[i];
    }
    return sum;
}

std::vector<AffinePathSums> affine_path_sums(const AffineLaw& law, double start, std::span<const std::uint32_t> steps) {
    const double ea = law.mean_A[0], eb = law.mean_b[0], one[] = {1.0};
    const double eaa = law.conjugate(one)[0], eab = law.cross(one)[0], ebb = law.mean_bb[0];
    const double vaa = eaa - ea * ea, vab = eab - ea * eb, vbb = ebb - eb * eb;
    AffineRecursion state(law, {&start, 1});
    double forward = 0, shared = 0;  // Var S_n, Cov(S_n, F_n)
    double backward = 0, mean = 0;   // of the sum of B_1..B_n
    std::vector<AffinePathSums> r;
    std::uint32_t n = 0;
    for (std::uint32_t target : steps) {
        while (n < target) {
            ++n;
            state.to(n);
            const double v = state.variance(0);
            forward += 2 * ea * shared + v;
            shared = ea * shared + v;
            const double u = start + mean, k = n;
            backward = eaa * backward + u * u * vaa + 2 * u * k * vab + k * k * vbb;
            mean = ea * u + k * eb;
        }
        r.push_back({forward, backward});
    }
    return r;
}

}  // namespace foldback
