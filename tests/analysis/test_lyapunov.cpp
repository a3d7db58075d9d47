#include "analysis/lyapunov.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> repeated(const std::vector<double>& matrix, int n) {
    std::vector<double> r;
    for (int i = 0; i < n; ++i) r.insert(r.end(), matrix.begin(), matrix.end());
    return r;
}

}  // namespace

TEST_CASE("Lyapunov spectrum of constant matrices: the logarithms of the moduli of the eigenvalues") {
    const auto diagonal = lyapunov_spectrum(repeated({0.5, 0.0, 0.0, 2.0}, 4000), 2, 0.05);
    CHECK(diagonal[0].value == doctest::Approx(std::log(2.0)).epsilon(1e-3));
    CHECK(diagonal[1].value == doctest::Approx(-std::log(2.0)).epsilon(1e-3));
    CHECK(diagonal[0].limits.contains(std::log(2.0)));
    const auto rotation = lyapunov_spectrum(repeated({0.0, -0.9, 0.9, 0.0}, 64), 2, 0.05);
    CHECK(rotation[0].value == doctest::Approx(std::log(0.9)).epsilon(1e-14));
    CHECK(rotation[1].value == doctest::Approx(std::log(0.9)).epsilon(1e-14));
    CHECK(rotation[0].limits.half_width() < 1e-12);
    // Non-normal; the first axis is invariant with the middle eigenvalue, so a frame started on the axes would be
    // wrong.
    const auto triangular =
        lyapunov_spectrum(repeated({0.5, 7.0, 1.0, 0.0, 1.5, -3.0, 0.0, 0.0, 0.125}, 4000), 3, 0.05);
    CHECK(triangular[0].value == doctest::Approx(std::log(1.5)).epsilon(1e-2));
    CHECK(triangular[1].value == doctest::Approx(std::log(0.5)).epsilon(1e-2));
    CHECK(triangular[2].value == doctest::Approx(std::log(0.125)).epsilon(1e-2));
}

TEST_CASE("the sum of the spectrum is the mean log determinant, at every step") {
    Samples s(101);
    const int n = 50;
    const auto jacobians = Samples::many(std::size_t(4 * n), [&] { return s.normal(); });
    double log_determinant = 0.0;
    for (std::size_t i = 0; i < jacobians.size(); i += 4)
        log_determinant +=
            std::log(std::abs(jacobians[i] * jacobians[i + 3] - jacobians[i + 1] * jacobians[i + 2])) / n;
    const auto spectrum = lyapunov_spectrum(jacobians, 2, 0.05);
    CHECK(spectrum[0].value + spectrum[1].value == doctest::Approx(log_determinant).epsilon(1e-12));
}

// Products of 2 x 2 Gaussian matrices (Newman 1986): exponents (psi(1) + log 2)/2 and (psi(1/2) + log 2)/2,
// psi(1) = -0.577216, psi(1/2) = -1.963510.
TEST_CASE("Lyapunov spectrum of Gaussian matrices: Newman's formula within the limits") {
    Samples s(102);
    const auto jacobians = Samples::many(4 * 40000, [&] { return s.normal(); });
    const auto spectrum = lyapunov_spectrum(jacobians, 2, 1e-3);
    const double first = 0.5 * (std::log(2.0) - 0.5772156649), second = 0.5 * (std::log(2.0) - 1.9635100260);
    CHECK(spectrum[0].limits.contains(first));
    CHECK(spectrum[1].limits.contains(second));
    CHECK(spectrum[0].limits.half_width() < 0.02);
    CHECK_FALSE(spectrum[0].limits.contains(first + 0.05));  // negative control
    LyapunovSpectrum leading(2, 1);
    for (std::size_t i = 0; i < jacobians.size(); i += 4) leading.append(std::span(jacobians).subspan(i, 4));
    REQUIRE(leading.exponents(1e-3).size() == 1);
    CHECK(leading.exponents(1e-3)[0].value == spectrum[0].value);
    CHECK(leading.steps() == 40000);
}

TEST_CASE("singular Jacobians have exponent -inf and leave the others alone") {
    const auto spectrum = lyapunov_spectrum(repeated({0.5, 0.0, 0.0, 0.0}, 100), 2, 0.05);
    CHECK(spectrum[0].value == doctest::Approx(std::log(0.5)).epsilon(1e-2));  // O(1/n) to align
    CHECK(spectrum[1].value == -infinity);
    CHECK(spectrum[1].limits.upper == infinity);
    const auto zero = lyapunov_spectrum(repeated({0.0, 0.0, 0.0, 0.0}, 100), 2, 0.05);
    CHECK(zero[0].value == -infinity);
    CHECK(zero[1].value == -infinity);
}

// log|a| with serial dependence (moving average of 20): batch means at level 0.05, 500 seeds, 25 misses expected (s.e.
// 4.9); negative control: the interval of the data taken as independent.
TEST_CASE("scalar exponent: batch means cover under dependence, independence assumed does not") {
    int missed = 0, naive = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        Samples s(103000 + seed);
        const auto noise = Samples::many(8019, [&] { return s.exponential(); });
        std::vector<double> logs(8000);
        for (std::size_t i = 0; i < logs.size(); ++i) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 20; ++j) sum += noise[i + j];
            logs[i] = -sum / 20.0;
        }
        missed += !lyapunov_scalar(logs, 0.05).limits.contains(-1.0);
        naive += !mean_interval(logs, 0.05).contains(-1.0);
    }
    MESSAGE("misses of 500: batch means " << missed << ", taken as independent " << naive);
    CHECK(missed <= binomial_ceiling(500, 0.05));
    CHECK(naive > 150);
}

TEST_CASE("scalar exponent of few, vanishing or broken data") {
    CHECK(lyapunov_scalar(std::vector<double>{-1.0, -3.0}, 0.05).value == -2.0);
    CHECK(lyapunov_scalar(std::vector<double>{-1.0, -3.0}, 0.05).limits.upper == infinity);
    CHECK(lyapunov_scalar(std::vector<double>{-1.0, -infinity}, 0.05).value == -infinity);
    CHECK(std::isnan(lyapunov_scalar(std::vector<double>{}, 0.05).value));
    std::vector<double> broken(100, -1.0);
    broken[50] = std::nan("");
    CHECK(std::isnan(lyapunov_scalar(broken, 0.05).limits.lower));
    CHECK_THROWS_AS(LyapunovSpectrum(2, 3), InternalError);
    LyapunovSpectrum one(2);
    CHECK_THROWS_AS(one.append(std::vector<double>{1.0}), InternalError);
}

TEST_CASE("lyapunov_scalar: data beyond the last whole batch move the limits with the value") {
    const std::vector<double> factors{1, 1.1, 0.9, 1, 1, 1, 10};  // batches of two, means 1.05, 0.95, 1: no skewness
    const LyapunovExponent r = lyapunov_scalar(factors, 0.05, 3);
    CHECK(r.value == doctest::Approx(16.0 / 7));
    CHECK((r.limits.lower + r.limits.upper) / 2 == doctest::Approx(r.value));
}
