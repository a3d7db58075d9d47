#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <utility>

#include <boost/numeric/odeint/integrate/integrate_const.hpp>

#include "analysis/flows/modified_equation.hpp"
#include "analysis/flows/moment_closure.hpp"
#include "tests/support/small_losses.hpp"

using namespace foldback;
using namespace foldback::flows;
using namespace foldback::test;

namespace {

std::vector<double> squared(const std::vector<double>& a, std::size_t d) {
    std::vector<double> product(d * d);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j)
            for (std::size_t k = 0; k < d; ++k) product[i * d + j] += a[i * d + k] * a[k * d + j];
    return product;
}

/// The modified equation with the increment of the next step put in by hand.
struct Steered {
    ModifiedEquation equation;
    double w = 0;
    std::size_t noises() const { return 1; }
    void drift(const std::vector<double>& x, std::vector<double>& a, double t) const { equation.drift(x, a, t); }
    void diffusion(const std::vector<double>& x, std::vector<double>& b, double t) const {
        equation.diffusion(x, b, t);
    }
    void increments(Increments<double>& noise, double, double) const { noise.w[0] = w; }
};

/// E theta(t) by n steps of weak order 2 whose increments take three values: the mean over all 3^n paths.
double mean_by_tree(const SgdTruth& sgd, double start, double t, int n) {
    std::vector<std::pair<double, double>> states{{start, 1.0}};
    Steered system{ModifiedEquation(sgd, 1, 0, 0)};
    WeakOrderTwo<> stepper;
    const double dt = t / n;
    for (int k = 0; k < n; ++k) {
        std::vector<std::pair<double, double>> next;
        for (const auto& [theta, weight] : states)
            for (int node : {-1, 0, 1}) {
                std::vector<double> x{theta};
                system.w = node * std::sqrt(3 * dt);
                stepper.do_step(std::ref(system), x, k * dt, dt);
                next.emplace_back(x[0], weight * (node == 0 ? 2.0 / 3 : 1.0 / 6));
            }
        states = std::move(next);
    }
    double mean = 0;
    for (const auto& [theta, weight] : states) mean += weight * theta;
    return mean;
}

}  // namespace

TEST_CASE("square root of a matrix: symmetric, and its square is the matrix, singular or not") {
    for (const std::vector<double>& c : {std::vector<double>{4, 1, 1, 0.5}, {1, 1, 1, 1}, {0, 0, 0, 0}}) {
        const auto root = square_root(c), product = squared(root, 2);
        for (std::size_t k = 0; k < 4; ++k) CHECK(product[k] == doctest::Approx(c[k]).epsilon(1e-14));
        CHECK(root[1] == doctest::Approx(root[2]).epsilon(1e-14));
    }
}

TEST_CASE("modified equation: drift -grad(l + (h/4)|grad l|^2) and diffusion sqrt(h C)") {
    const SmallLogistic loss{{{1.5, 0.5}, {-1, 1}, {0.3, -1.2}}, 0.2, 0.3};
    const SgdTruth sgd = loss.truth();
    const ModifiedEquation equation(sgd, 2, 1, 0);
    const std::vector<double> x{0.4, -0.7};
    std::vector<double> a(2), b(4);
    equation.drift(x, a, 0);
    equation.diffusion(x, b, 0);
    const auto energy = [&](std::vector<double> at) {
        const auto g = sgd.gradient(at);
        return sgd.loss(at) + loss.step / 4 * (g[0] * g[0] + g[1] * g[1]);
    };
    for (std::size_t i : {0u, 1u}) {
        std::vector<double> up = x, down = x;
        up[i] += 1e-5, down[i] -= 1e-5;
        CHECK(-a[i] == doctest::Approx((energy(up) - energy(down)) / 2e-5).epsilon(1e-8));
    }
    const auto c = sgd.covariance_at(x), bb = squared(b, 2);
    for (std::size_t k = 0; k < 4; ++k) CHECK(bb[k] == doctest::Approx(loss.step * c[k]).epsilon(1e-13));
}

TEST_CASE("modified equation: its noise is a value of (seed, replica, interval)") {
    const SgdTruth sgd = quadratic_truth({1, 0, 0, 1}, {1, 0, 0, 1}, 0.1);
    const auto read = [&](std::uint64_t seed, std::uint32_t replica, double t, double dt) {
        Increments<double> noise{std::vector<double>(2), std::vector<double>(1)};
        ModifiedEquation(sgd, 2, seed, replica).increments(noise, t, dt);
        return noise.w;
    };
    CHECK(read(1, 0, 0.3, 0.1) == read(1, 0, 3 * 0.1, 0.1));
    CHECK(read(1, 0, 0.3, 0.1) != read(1, 0, 0.4, 0.1));
    CHECK(read(1, 0, 0.3, 0.1) != read(2, 0, 0.3, 0.1));
    CHECK(read(1, 0, 0.3, 0.1) != read(1, 1, 0.3, 0.1));
    // 20,000 increments: each sum below is normal, or nearly, with standard deviation 1; the level of all three is
    // 2e-5.
    double mean = 0, variance = 0, product = 0;
    constexpr int n = 20'000;
    for (int k = 0; k < n; ++k) {
        const auto w = read(7, 0, 0.25 * k, 0.25);
        mean += w[0] / std::sqrt(0.25 * n);
        variance += (w[0] * w[0] / 0.25 - 1) / std::sqrt(2.0 * n);
        product += w[0] * w[1] / 0.25 / std::sqrt(n);
    }
    CHECK(std::abs(mean) < 4.5);
    CHECK(std::abs(variance) < 4.5);
    CHECK(std::abs(product) < 4.5);
}

TEST_CASE("modified equation: paths from integrate_const, whole or in pieces") {
    const SmallLogistic loss{{{2}, {-1}}, 0.1, 0.1};
    const SgdTruth sgd = loss.truth();
    ModifiedEquation equation(sgd, 1, 3, 5);
    namespace odeint = boost::numeric::odeint;
    std::vector<double> whole{1.5}, pieces{1.5}, other{1.5};
    odeint::integrate_const(WeakOrderTwo<>(), std::ref(equation), whole, 0.0, 1.0, 0.1);
    odeint::integrate_const(WeakOrderTwo<>(), std::ref(equation), pieces, 0.0, 0.5, 0.1);
    odeint::integrate_const(WeakOrderTwo<>(), std::ref(equation), pieces, 0.5, 1.0, 0.1);
    odeint::integrate_const(EulerMaruyama<>(), std::ref(equation), other, 0.0, 1.0, 0.1);
    CHECK(whole == pieces);
    CHECK(whole != other);
    CHECK(whole[0] == doctest::Approx(other[0]).epsilon(0.05));  // the same noise
}

TEST_CASE(
    "modified equation: E theta(n h) against every sequence of samples, error O(h^2) with its noise, O(h) without") {
    SmallLogistic loss{{{2}, {-1}}, 0.1};
    double miss[3], without[3];
    for (int k : {0, 1, 2}) {
        const int n = 2 << k;
        loss.step = 2.0 / n;
        SgdTruth sgd = loss.truth();
        const double exact = loss.exact_moments({0.5}, n).first[0];
        miss[k] = std::abs(mean_by_tree(sgd, 0.5, 2.0, n) - exact);
        sgd.covariance_at = [](auto) { return std::vector<double>{0.0}; };
        without[k] = std::abs(mean_by_tree(sgd, 0.5, 2.0, n) - exact);
    }
    CHECK(std::log2(miss[1] / miss[2]) == doctest::Approx(2).epsilon(0.1));
    CHECK(std::log2(without[1] / without[2]) == doctest::Approx(1).epsilon(0.1));
}
