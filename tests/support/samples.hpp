#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace foldback {

/// Test data by transforms of std::mt19937_64 (specified bit for bit by the standard, unlike std's distributions).
class Samples {
  public:
    explicit Samples(std::uint64_t seed) : engine_(seed) {}

    double uniform() { return (double(engine_() >> 12) + 0.5) * 0x1p-52; }
    double exponential() { return -std::log(uniform()); }
    double normal() {
        const double radius = std::sqrt(2.0 * exponential());
        return radius * std::cos(2.0 * std::numbers::pi * uniform());
    }
    std::size_t below(std::size_t n) { return std::size_t(double(n) * uniform()); }

    template <class Draw>
    static std::vector<double> many(std::size_t n, Draw draw) {
        std::vector<double> x(n);
        for (double& value : x) value = draw();
        return x;
    }

  private:
    std::mt19937_64 engine_;
};

/// The most events a test of level p may show in n trials: mean plus 3.7 standard deviations (one-sided 1e-4) and one.
inline double binomial_ceiling(double n, double p) { return n * p + 3.7 * std::sqrt(n * p * (1.0 - p)) + 1.0; }

}  // namespace foldback
