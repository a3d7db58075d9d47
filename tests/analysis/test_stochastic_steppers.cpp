#include <doctest/doctest.h>

#include <functional>
#include <type_traits>
#include <utility>

#include <boost/numeric/odeint/integrate/integrate_const.hpp>

#include "analysis/flows/stochastic_steppers.hpp"
#include "tests/support/power_series.hpp"

using namespace foldback::flows;
using namespace foldback::test;
namespace odeint = boost::numeric::odeint;

namespace {

/// Polynomial coefficients in one or two variables, and the noise that a test puts in.
template <class Value>
struct PolynomialSystem {
    std::vector<Polynomial> a, b;  // (d), (d, m)
    Increments<Value> noise = {};

    std::size_t noises() const { return b.size() / a.size(); }
    void evaluate(const std::vector<Polynomial>& p, const std::vector<Value>& x, std::vector<Value>& out) const {
        for (std::size_t i = 0; i < p.size(); ++i) out[i] = p[i].at(x[0], x.back());
    }
    void drift(const std::vector<Value>& x, std::vector<Value>& out, const Value&) const { evaluate(a, x, out); }
    void diffusion(const std::vector<Value>& x, std::vector<Value>& out, const Value&) const { evaluate(b, x, out); }
    void increments(Increments<Value>& out, const Value&, const Value&) const { out = noise; }
};

const Polynomial X{{{{1, 0}, 1}}};
Polynomial constant(double c) { return {{{{0, 0}, c}}}; }

// One variable, one noise: nothing linear.
const PolynomialSystem<Series> cubic{{{{{{0, 0}, 0.3}, {{1, 0}, 1}, {{3, 0}, -0.5}}}},
                                     {{{{{0, 0}, 0.7}, {{2, 0}, 0.25}}}}};
// Two variables, two noises that do not commute.
const PolynomialSystem<Series> plane{{{{{{1, 0}, -1}, {{0, 2}, 0.5}}}, {{{{1, 1}, 0.3}, {{0, 0}, 0.2}}}},
                                     {{{{{0, 0}, 0.4}, {{0, 1}, 0.3}}},
                                      {{{{1, 0}, 0.6}}},
                                      {{{{0, 0}, -0.2}, {{1, 1}, 0.25}}},
                                      {{{{0, 0}, 0.5}, {{2, 0}, 0.1}}}}};

/// Mean over the noise of one step's f(increments), with these nodes for each of m noises and both signs.
Series mean_over_noise(std::size_t m, const std::vector<Node>& nodes,
                       const std::function<Series(const Increments<Series>&)>& f) {
    Series sum;
    const std::size_t n = nodes.size();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < (m == 2 ? n : 1); ++j)
            for (double sign : {-1.0, 1.0}) {
                Increments<Series> noise{{Series::monomial(nodes[i].x, 1)}, {}};
                double weight = nodes[i].weight / 2;
                if (m == 2) {
                    noise.w.push_back(Series::monomial(nodes[j].x, 1));
                    noise.signs = {Series(sign)};
                    weight *= nodes[j].weight;
                }
                sum = sum + Series(weight) * f(noise);
            }
    return sum;
}

const std::vector<Node> three_points{{-std::sqrt(3.0), 1.0 / 6}, {0, 2.0 / 3}, {std::sqrt(3.0), 1.0 / 6}};
const Series dt = Series::monomial(1, 2);

template <template <class> class Stepper>
std::vector<Series> one_step(PolynomialSystem<Series> system, const Increments<Series>& noise, std::vector<Series> x) {
    system.noise = noise;
    Stepper<Series>().do_step(std::ref(system), x, Series(0), dt);
    return x;
}

/// L f = sum a_i d_i f + (1/2) sum (b b^T)_ik d_i d_k f, so that E f(X(dt)) = sum_k dt^k L^k f/k!.
Polynomial generator(const PolynomialSystem<Series>& s, const Polynomial& f) {
    const std::size_t d = s.a.size(), m = s.noises();
    Polynomial sum;
    for (std::size_t i = 0; i < d; ++i) {
        sum = sum + s.a[i] * f.derivative(i);
        for (std::size_t k = 0; k < d; ++k)
            for (std::size_t j = 0; j < m; ++j)
                sum = sum + constant(0.5) * s.b[i * m + j] * s.b[k * m + j] * f.derivative(i).derivative(k);
    }
    return sum;
}

/// The first power of dt at which E f of one step is not E f(X(dt)), over the monomials f of degree 5 or less; their
/// odd powers of sqrt(dt) must vanish up to there.
template <template <class> class Stepper>
int first_wrong_power(const PolynomialSystem<Series>& system, const std::vector<Node>& nodes) {
    const std::vector<double> start =
        system.a.size() == 1 ? std::vector<double>{0.75} : std::vector<double>{0.75, -0.5};
    int first = 5;
    for (int p = 0; p <= 5; ++p)
        for (int q = 0; q <= (system.a.size() == 2 ? 5 - p : 0); ++q) {
            const Polynomial f{{{{p, q}, 1}}};
            const Series mean = mean_over_noise(system.noises(), nodes, [&](const Increments<Series>& noise) {
                const auto x = one_step<Stepper>(system, noise, {start.begin(), start.end()});
                return f.at(x[0], x.back());
            });
            Polynomial power = f;
            double factorial = 1;
            for (int k = 0; k < first; ++k) {
                const double exact = power.at(start[0], start.back()) / factorial;
                if (std::abs(mean.c[std::size_t(2 * k)] - exact) > 1e-11 ||
                    (k > 0 && std::abs(mean.c[std::size_t(2 * k - 1)]) > 1e-11))
                    first = k;
                power = generator(system, power);
                factorial *= k + 1;
            }
        }
    return first;
}

/// dX = mu X dt + X sum_j sigma_j dW_j: all noises commute, and X(dt)/x = exp((mu - |sigma|^2/2) dt + sigma W).
constexpr double mu = 0.4, sigma[] = {0.7, -0.45};
template <class Value>
PolynomialSystem<Value> geometric(std::size_t m) {
    PolynomialSystem<Value> s{{constant(mu) * X}, {}, {}};
    for (std::size_t j = 0; j < m; ++j) s.b.push_back(constant(sigma[j]) * X);
    return s;
}

/// The powers of s with which the mean error and the mean square error of one step begin.
struct LocalOrder {
    std::size_t mean = Series::terms, square = Series::terms;
};
template <template <class> class Stepper>
LocalOrder local_order(std::size_t m) {
    const auto error = [m](const Increments<Series>& noise) {
        Series exponent = Series(mu) * dt;
        for (std::size_t j = 0; j < m; ++j)
            exponent = exponent + Series(sigma[j]) * noise.w[j] - Series(sigma[j] * sigma[j] / 2) * dt;
        return one_step<Stepper>(geometric<Series>(m), noise, {Series(1)})[0] - exp(exponent);
    };
    const auto nodes = normal_nodes(14);
    const Series mean = mean_over_noise(m, nodes, error);
    const Series square = mean_over_noise(m, nodes, [&](const auto& noise) { return error(noise) * error(noise); });
    const auto begins = [](const Series& a) {
        std::size_t k = 0;
        while (k < Series::terms && std::abs(a.c[k]) < 1e-11) ++k;
        return k;
    };
    return {begins(mean), begins(square)};
}

}  // namespace

TEST_CASE("power series and nodes: what the tests of orders stand on") {
    const auto nodes = normal_nodes(9);
    double moments[17] = {};
    for (const Node& node : nodes)
        for (int k = 0; k < 17; ++k) moments[k] += node.weight * std::pow(node.x, k);
    for (int k = 0, odd = 1; k < 16; k += 2, odd *= k - 1) {
        CHECK(moments[k] == doctest::Approx(odd).epsilon(1e-11));  // 1, 1, 3, 15, ...
        CHECK(std::abs(moments[k + 1]) < 1e-9 * odd);
    }
    CHECK(exp(Series(0.5) * dt).c[4] == doctest::Approx(0.125));
    CHECK(sqrt(dt).c[1] == 1);
    CHECK((dt / sqrt(dt)).c[1] == 1);
}

TEST_CASE(
    "weak order: the expansion of one step's moments agrees with the generator's through dt^order, and no further") {
    for (const auto& nodes : {normal_nodes(9), three_points}) {
        CHECK(first_wrong_power<EulerMaruyama>(cubic, nodes) == 2);
        CHECK(first_wrong_power<Milstein>(cubic, nodes) == 2);
        CHECK(first_wrong_power<WeakOrderTwo>(cubic, nodes) == 3);
        CHECK(first_wrong_power<EulerMaruyama>(plane, nodes) == 2);
        CHECK(first_wrong_power<WeakOrderTwo>(plane, nodes) == 3);
    }
}

TEST_CASE("weak order: two points instead of three are one moment short for order 2") {
    const std::vector<Node> two_points{{-1, 0.5}, {1, 0.5}};
    CHECK(first_wrong_power<EulerMaruyama>(cubic, two_points) == 2);
    CHECK(first_wrong_power<WeakOrderTwo>(cubic, two_points) == 2);
}

TEST_CASE(
    "strong order: one step misses by dt^(order + 1/2) in mean square and by dt^(order + 1) or less in the mean") {
    // As powers of s = sqrt(dt): 2 (2 order + 1) and 2 order + 2.
    for (std::size_t m : {1u, 2u}) {
        CHECK(local_order<EulerMaruyama>(m).square == 4);
        CHECK(local_order<EulerMaruyama>(m).mean == 4);
        CHECK(local_order<Milstein>(m).square == 6);
        CHECK(local_order<Milstein>(m).mean == 4);
        CHECK(local_order<WeakOrderTwo>(m).mean == 6);
    }
    CHECK(local_order<WeakOrderTwo>(1).square == 6);
}

TEST_CASE_TEMPLATE("geometric Brownian motion: errors at time 1 in closed form shrink as the orders say", Stepper,
                   EulerMaruyama<>, Milstein<>, WeakOrderTwo<>) {
    // One step multiplies x by R(dW), the equation by e(dW): E x_n^k = (E R^k)^n and E(x_n - X)^2 = (E R^2)^n - 2 (E R
    // e)^n + (E e^2)^n.
    const auto nodes = normal_nodes(40);
    const auto errors = [&](int n) {
        auto system = geometric<double>(1);
        const double step = 1.0 / n;
        double first = 0, second = 0, crossed = 0;
        for (const Node& node : nodes) {
            system.noise = {{std::sqrt(step) * node.x}, {}};
            std::vector<double> x{1};
            Stepper().do_step(std::ref(system), x, 0.0, step);
            const double e = std::exp((mu - sigma[0] * sigma[0] / 2) * step + sigma[0] * std::sqrt(step) * node.x);
            first += node.weight * x[0];
            second += node.weight * x[0] * x[0];
            crossed += node.weight * x[0] * e;
        }
        const double exact = std::exp(2 * mu + sigma[0] * sigma[0]);
        return std::array{std::abs(std::pow(first, n) - std::exp(mu)), std::abs(std::pow(second, n) - exact),
                          std::sqrt(std::pow(second, n) - 2 * std::pow(crossed, n) + exact)};
    };
    const auto coarse = errors(1024), fine = errors(2048);
    const auto slope = [&](std::size_t k) { return std::log2(coarse[k] / fine[k]); };
    CHECK(slope(0) == doctest::Approx(Stepper::weak_order).epsilon(2e-3));
    CHECK(slope(1) == doctest::Approx(Stepper::weak_order).epsilon(2e-3));
    CHECK(slope(2) == doctest::Approx(std::is_same_v<Stepper, EulerMaruyama<>> ? 0.5 : 1.0).epsilon(2e-3));
}

TEST_CASE("Ornstein and Uhlenbeck: the mean and the variance at time 2, in closed form from the steps themselves") {
    constexpr double lambda = 1.3, noise = 0.8;
    const auto errors = [&](auto stepper, int n) {
        PolynomialSystem<double> system{{constant(-lambda) * X}, {constant(noise)}, {}};
        const auto step = [&](double x, double w) {  // affine: gain x + push w
            system.noise.w = {w};
            std::vector<double> state{x};
            stepper.do_step(std::ref(system), state, 0.0, 2.0 / n);
            return state[0];
        };
        const double gain = step(1, 0), push = step(0, 1), h = 2.0 / n;
        CHECK(step(0.5, -0.25) == doctest::Approx(0.5 * gain - 0.25 * push).epsilon(1e-14));
        const double variance = push * push * h * (1 - std::pow(gain, 2 * n)) / (1 - gain * gain);
        return std::array{std::abs(std::pow(gain, n) - std::exp(-2 * lambda)),
                          std::abs(variance - noise * noise * (1 - std::exp(-4 * lambda)) / (2 * lambda))};
    };
    for (std::size_t k : {0u, 1u}) {
        CHECK(std::log2(errors(EulerMaruyama<>(), 2048)[k] / errors(EulerMaruyama<>(), 4096)[k]) ==
              doctest::Approx(1).epsilon(3e-3));
        CHECK(std::log2(errors(WeakOrderTwo<>(), 2048)[k] / errors(WeakOrderTwo<>(), 4096)[k]) ==
              doctest::Approx(2).epsilon(3e-3));
    }
}

TEST_CASE_TEMPLATE("steppers in Boost.Odeint: integrate_const asks for the noise of t0 + n dt and may stop and go on",
                   Stepper, EulerMaruyama<>, Milstein<>, WeakOrderTwo<>) {
    static_assert(std::is_base_of_v<odeint::stepper_tag, typename Stepper::stepper_category>);
    struct Replayed : PolynomialSystem<double> {
        mutable std::vector<double> asked;
        void increments(Increments<double>& out, double t, double step) const {
            asked.push_back(t);
            out.w = {0.3 * std::sin(1e3 * std::round(t / step))};  // a pure function of the interval
        }
    };
    const Replayed system{geometric<double>(1), {}};
    std::vector<double> x{1.0}, seen;
    const auto watch = [&](const std::vector<double>& state, double) { seen.push_back(state[0]); };
    CHECK(odeint::integrate_const(Stepper(), std::ref(system), x, 0.0, 1.0, 0.1, watch) == 10);
    REQUIRE(system.asked.size() == 10);
    for (std::size_t n = 0; n < 10; ++n) CHECK(system.asked[n] == double(n) * 0.1);
    CHECK(seen.size() == 11);
    CHECK(seen.back() == x[0]);

    std::vector<double> again{1.0};
    odeint::integrate_const(Stepper(), std::ref(system), again, 0.0, 0.4, 0.1);
    CHECK(again[0] == seen[4]);
    odeint::integrate_const(Stepper(), std::ref(system), again, 0.4, 1.0, 0.1);
    CHECK(again[0] == doctest::Approx(x[0]).epsilon(1e-15));
}
