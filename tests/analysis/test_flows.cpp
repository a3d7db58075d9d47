#include <doctest/doctest.h>

#include <cmath>

#include "analysis/affine_recursion.hpp"
#include "analysis/flows/gradient_flow.hpp"
#include "analysis/flows/moment_closure.hpp"
#include "tests/support/small_losses.hpp"

using namespace foldback;
using namespace foldback::flows;
using namespace foldback::test;

namespace {

// Two samples, z = 1 and z = -1: l = log(2 cosh(theta/2)), whose flow is sinh(theta/2) = sinh(theta_0/2) exp(-t/4).
const SmallLogistic balanced{{{1}, {-1}}};
// Unbalanced samples and a ridge, so that C depends on theta and T does not vanish anywhere near.
const SmallLogistic line{{{2}, {-1}}, 0.1};
const SmallLogistic plane{{{1.5, 0.5}, {-1, 1}, {0.3, -1.2}}, 0.2};

double distance(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(sum);
}

/// Errors of the gradient flow's mean, of the closure's mean and of its covariance at time t, after n exact steps.
struct Errors {
    double flow, mean, covariance;
};
Errors errors(SmallLogistic loss, const std::vector<double>& start, double t, int n) {
    loss.step = t / n;
    const SgdTruth sgd = loss.truth();
    const auto [mean, covariance] = loss.exact_moments(start, n);
    const std::vector<double> times{t};
    const auto closure = moment_closure(sgd, start, times).at(0);
    return {distance(gradient_flow(sgd, start, times).at(0), mean), distance(closure.mean, mean),
            distance(closure.covariance, covariance)};
}

}  // namespace

TEST_CASE("gradient flow: a closed form at any times, in any spacing") {
    const std::vector<double> start{3.0}, times{0, 1e-9, 0.1, 0.7, 0.7, 5, 40};
    const auto found = gradient_flow(balanced.truth(), start, times);
    REQUIRE(found.size() == times.size());
    CHECK(found[0] == start);
    for (std::size_t k = 0; k < times.size(); ++k)
        CHECK(found[k][0] == doctest::Approx(2 * std::asinh(std::sinh(1.5) * std::exp(-times[k] / 4))).epsilon(1e-10));
    CHECK(found[3] == found[4]);
    CHECK(gradient_flow(balanced.truth(), start, {}).empty());
    // A state asked for alone is the same to the tolerance: dense output, not steps cut at the times.
    CHECK(gradient_flow(balanced.truth(), start, std::vector<double>{5})[0][0] ==
          doctest::Approx(found[5][0]).epsilon(1e-10));
}

TEST_CASE("gradient flow: the tolerance is what decides the error") {
    const std::vector<double> start{3.0}, times{0.3, 2, 9};
    const auto error = [&](Tolerance tolerance) {
        double worst = 0;
        const auto found = gradient_flow(balanced.truth(), start, times, tolerance);
        for (std::size_t k = 0; k < times.size(); ++k)
            worst = std::max(worst, std::abs(found[k][0] - 2 * std::asinh(std::sinh(1.5) * std::exp(-times[k] / 4))));
        return worst;
    };
    CHECK(error({1e-4, 1e-4}) < 1e-3);
    CHECK(error({1e-4, 1e-4}) > 1e-8);
    CHECK(error({1e-8, 1e-8}) < 1e-7);
    CHECK(error({}) < 1e-11);
}

TEST_CASE("gradient flow: where the solution ends, what follows is NaN") {
    SgdTruth sgd;  // l = -theta^4/4: theta' = theta^3 is infinite at time 1/2
    sgd.gradient = [](std::span<const double> x) { return std::vector<double>{-x[0] * x[0] * x[0]}; };
    const auto found = gradient_flow(sgd, std::vector<double>{1}, std::vector<double>{0.25, 0.6, 1});
    CHECK(found[0][0] == doctest::Approx(std::sqrt(2)).epsilon(1e-10));
    CHECK(std::isnan(found[1][0]));
    CHECK(std::isnan(found[2][0]));
}

TEST_CASE("small logistic losses: the derivatives that the tests stand on") {
    const SgdTruth sgd = plane.truth();
    const std::vector<double> x{0.4, -0.7}, P{0.5, 0.2, 0.2, 0.8};
    constexpr double e = 1e-5;
    for (std::size_t i = 0; i < 2; ++i) {
        std::vector<double> up = x, down = x;
        up[i] += e, down[i] -= e;
        CHECK((sgd.loss(up) - sgd.loss(down)) / (2 * e) == doctest::Approx(sgd.gradient(x)[i]).epsilon(1e-8));
        double third = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const double slope = (sgd.hessian_at(up)[k] - sgd.hessian_at(down)[k]) / (2 * e);
            third += slope * P[k];
        }
        CHECK(third == doctest::Approx(sgd.third(x, P)[i]).epsilon(1e-8));
        for (std::size_t j = 0; j < 2; ++j)
            CHECK((sgd.gradient(up)[j] - sgd.gradient(down)[j]) / (2 * e) ==
                  doctest::Approx(sgd.hessian_at(x)[2 * i + j]).epsilon(1e-8));
    }
}

TEST_CASE("moment closure of a quadratic: the closed forms of its own equations") {
    // m' = -(H + h H^2/2) m, P' = -(H P + P H) + h C with H = diag(lambda): P_ij = h C_ij (1 - exp(-(l_i + l_j)
    // t))/(l_i + l_j).
    const double lambda[] = {0.5, 2}, h = 0.1, t = 1.5;
    const std::vector<double> C{1, 0.3, 0.3, 0.5}, start{1, -2};
    const auto found = moment_closure(quadratic_truth({0.5, 0, 0, 2}, C, h), start, std::vector<double>{0, t});
    CHECK(found[0].mean == start);
    CHECK(found[0].covariance == std::vector<double>(4, 0.0));
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(found[1].mean[i] ==
              doctest::Approx(start[i] * std::exp(-(lambda[i] + h / 2 * lambda[i] * lambda[i]) * t)).epsilon(1e-11));
        for (std::size_t j = 0; j < 2; ++j) {
            const double rate = lambda[i] + lambda[j];
            CHECK(found[1].covariance[2 * i + j] ==
                  doctest::Approx(h * C[2 * i + j] * -std::expm1(-rate * t) / rate).epsilon(1e-11));
        }
    }
}

TEST_CASE("moment closure of a quadratic: exact moments of SGD within O(h^2), the gradient flow within O(h)") {
    // theta -> (I - h H) theta + h xi: mean (I - h H)^n x, covariance by the exact recursion.
    const std::vector<double> H{1.5, 0.4, 0.4, 0.7}, C{1, 0.3, 0.3, 0.5}, start{1, -2}, times{1.2};
    const auto miss = [&](int n) {
        const double h = times[0] / n;
        AffineLaw law;
        law.mean_A = {1 - h * H[0], -h * H[1], -h * H[2], 1 - h * H[3]};
        law.mean_b = {0, 0};
        for (double c : C) law.mean_bb.push_back(h * h * c);
        law.conjugate = [A = law.mean_A](std::span<const double> S) {  // A S A^T
            std::vector<double> out(4);
            for (std::size_t i : {0u, 1u})
                for (std::size_t j : {0u, 1u})
                    for (std::size_t u : {0u, 1u})
                        for (std::size_t v : {0u, 1u}) out[2 * i + j] += A[2 * i + u] * S[2 * u + v] * A[2 * j + v];
            return out;
        };
        law.cross = [](std::span<const double>) { return std::vector<double>(4, 0.0); };
        AffineRecursion exact(law, start);
        exact.to(std::uint32_t(n));
        const SgdTruth sgd = quadratic_truth(H, C, h);
        const auto closure = moment_closure(sgd, start, times).at(0);
        return Errors{distance(gradient_flow(sgd, start, times).at(0), exact.mean()),
                      distance(closure.mean, exact.mean()), distance(closure.covariance, exact.covariance())};
    };
    const Errors coarse = miss(600), fine = miss(1200);
    CHECK(std::log2(coarse.flow / fine.flow) == doctest::Approx(1).epsilon(2e-3));
    CHECK(std::log2(coarse.mean / fine.mean) == doctest::Approx(2).epsilon(2e-3));
    CHECK(std::log2(coarse.covariance / fine.covariance) == doctest::Approx(2).epsilon(2e-3));
}

TEST_CASE("moment closure of a logistic loss: against every sequence of samples, error O(h^2)") {
    // Local slopes approach their limits like 1 + c h; an extrapolation in h takes that away.
    const auto slopes = [](const SmallLogistic& loss, const std::vector<double>& start, double t,
                           std::array<int, 3> n) {
        Errors e[3];
        for (std::size_t k = 0; k < 3; ++k) e[k] = errors(loss, start, t, n[k]);
        const auto limit = [](double a, double b, double c) { return 2 * std::log2(b / c) - std::log2(a / b); };
        return std::array{limit(e[0].flow, e[1].flow, e[2].flow), limit(e[0].mean, e[1].mean, e[2].mean),
                          limit(e[0].covariance, e[1].covariance, e[2].covariance)};
    };
    for (const auto& found : {slopes(line, {1.5}, 1.0, {4, 8, 16}), slopes(plane, {1, -2}, 0.6, {3, 6, 12})}) {
        CHECK(found[0] == doctest::Approx(1).epsilon(0.02));
        CHECK(found[1] == doctest::Approx(2).epsilon(0.03));
        CHECK(found[2] == doctest::Approx(2).epsilon(0.03));
    }
}

TEST_CASE("moment closure: each of its terms is needed for O(h^2)") {
    // Without the skewness term (1/2) T[P], or with the plain gradient, the mean's error is O(h) only.
    const std::vector<double> start{1.5}, times{1.0};
    const auto slope = [&](const std::function<void(SgdTruth&)>& spoil) {
        double miss[2];
        for (int k : {0, 1}) {
            SmallLogistic loss = line;
            loss.step = 1.0 / (8 << k);
            SgdTruth sgd = loss.truth();
            spoil(sgd);
            miss[k] = distance(moment_closure(sgd, start, times).at(0).mean, loss.exact_moments(start, 8 << k).first);
        }
        return std::log2(miss[0] / miss[1]);
    };
    CHECK(slope([](SgdTruth&) {}) > 1.8);
    CHECK(slope([](SgdTruth& sgd) { sgd.third = [](auto, auto) { return std::vector<double>{0.0}; }; }) < 1.3);
    CHECK(slope([](SgdTruth& sgd) { sgd.covariance_at = [](auto) { return std::vector<double>{0.0}; }; }) < 1.3);
}
