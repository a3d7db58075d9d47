#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "sim/kernel.hpp"
#include "tests/support/small_sgd.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

Shape small_shape() {
    Shape shape;
    shape.seed = 20261126;
    shape.dimension = 2;
    shape.starts = {0.5, 0.25, -1, 3};
    shape.steps = {0, 1, 2, 5, 9};
    shape.orders = {Order::forward, Order::backward, order_named("window_3")};
    shape.increment = true;
    return shape;
}

LossObservables all_of(const SmallSgd& f) { return f.observables(); }

template <int W>
BlockBuffers run(const SmallSgd& f, const Shape& shape, std::uint32_t replicas = 11) {
    BlockBuffers out(shape, replicas);
    Kernel<SmallSgd, W>(f).run(shape, 0, replicas, out);
    return out;
}

/// |v| of the block's item, replica r.
struct Plane {
    double x = 0, y = 0;
    double norm() const { return std::hypot(x, y); }
    friend Plane operator-(Plane a, Plane b) { return {a.x - b.x, a.y - b.y}; }
    friend Plane operator+(Plane a, Plane b) { return {a.x + b.x, a.y + b.y}; }
    friend Plane operator*(double s, Plane a) { return {s * a.x, s * a.y}; }
};

/// The maps of one replica, and everything about their order by its definition.
class ByHand {
  public:
    ByHand(const SmallSgd& f, std::uint64_t seed, std::uint32_t replica, std::uint32_t n) : f_(f) {
        Noise<double> w(seed, replica, f.consumption());
        for (std::uint32_t i = 1; i <= n; ++i) {
            w.at(i);
            maps_.push_back(f.draw(w));
        }
    }
    Plane gradient(std::size_t i, Plane x) const {
        double g[2];
        const double at[2] = {x.x, x.y};
        f_.gradient(maps_[i], at, g);
        return {g[0], g[1]};
    }
    Plane hessian(std::size_t i, Plane x, Plane v) const {
        double out[2];
        const double at[2] = {x.x, x.y}, along[2] = {v.x, v.y};
        f_.hessian_product(maps_[i], at, along, out);
        return {out[0], out[1]};
    }
    /// Applies the maps with these numbers, counted from 1, in this order.
    Plane apply(const std::vector<std::uint32_t>& maps, Plane x) const {
        for (std::uint32_t i : maps) x = x - f_.h * gradient(i - 1, x);
        return x;
    }
    Plane commutator(Plane x) const {
        Plane sum;
        for (std::size_t j = 0; j < maps_.size(); ++j)
            for (std::size_t i = 0; i < j; ++i)
                sum = sum + hessian(j, x, gradient(i, x)) - hessian(i, x, gradient(j, x));
        return sum;
    }

  private:
    const SmallSgd& f_;
    std::vector<SmallSgd::Parameter<double>> maps_;
};

std::vector<std::uint32_t> reversed(std::vector<std::uint32_t> maps) { return {maps.rbegin(), maps.rend()}; }
std::vector<std::uint32_t> then(std::vector<std::uint32_t> a, const std::vector<std::uint32_t>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace

TEST_CASE("loss observables: functions of the recorded states, in every order, whatever the lanes") {
    const SmallSgd f;
    Shape shape = small_shape();
    shape.loss = all_of(f);
    const BlockBuffers one = run<1>(f, shape), many = run<4>(f, shape);
    for (std::size_t o = 0; o < shape.orders.size(); ++o)
        for (std::size_t item = 0; item < 2 * shape.steps.size(); ++item)
            for (std::size_t r = 0; r < 11; ++r) {
                const auto x = [&](std::size_t d) { return one.orders[o].state[(item * 2 + d) * one.capacity + r]; };
                const double u = x(0) - f.t[0], v = x(1) - f.t[1];
                const auto seen = [&](const BlockBuffers& b, LossObservable q) {
                    return b.orders[o].loss[unsigned(q)][item * b.capacity + r];
                };
                CHECK(seen(one, LossObservable::train_loss) == 0.5 * (u * u + v * v));
                CHECK(seen(one, LossObservable::optimum_distance) == std::sqrt(u * u + v * v));
                CHECK(seen(many, LossObservable::gradient_norm) == std::abs(x(0)));
                CHECK(seen(many, LossObservable::train_loss) == seen(one, LossObservable::train_loss));
            }
    CHECK(one.orders[0].loss[unsigned(LossObservable::test_loss)].empty());
}

TEST_CASE("window variances: over the last K checkpoints, NaN before") {
    const SmallSgd f;
    Shape shape = small_shape();
    shape.loss = all_of(f);
    shape.window = 3;
    const BlockBuffers b = run<4>(f, shape);
    const auto& losses = b.orders[1].loss[unsigned(LossObservable::train_loss)];
    const auto& variances = b.orders[1].window_variance[unsigned(LossObservable::train_loss)];
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t r = 0; r < 11; ++r) {
            const auto at = [&](const std::vector<double>& array, std::size_t c) {
                return array[(s * shape.steps.size() + c) * b.capacity + r];
            };
            CHECK(std::isnan(at(variances, 0)));
            CHECK(std::isnan(at(variances, 1)));
            for (std::size_t c = 2; c < shape.steps.size(); ++c) {
                const double a = at(losses, c - 2), m = at(losses, c - 1), z = at(losses, c), mean = (a + m + z) / 3;
                const double expected =
                    ((a - mean) * (a - mean) + (m - mean) * (m - mean) + (z - mean) * (z - mean)) / 3;
                CHECK(at(variances, c) == doctest::Approx(expected).epsilon(1e-12));
            }
            CHECK(at(b.orders[1].window_variance[loss_observable_count], 4) > 0);
        }
}

TEST_CASE("control: the twin of a linear chain is the chain, of another one it is not") {
    SmallSgd f;
    Shape shape = small_shape();
    shape.control = shape.control_path_mean = shape.path_mean = true;
    for (double kappa : {0.0, 0.05}) {
        f.kappa = kappa;
        const BlockBuffers b = run<4>(f, shape);
        double farthest = 0, farthest_mean = 0;
        for (std::size_t item = 0; item < 2 * shape.steps.size() * 2; ++item)
            for (std::size_t r = 0; r < 11; ++r) {
                const std::size_t at = item * b.capacity + r;
                farthest = std::max(farthest, std::abs(b.control[at] - b.orders[0].state[at]));
                farthest_mean = std::max(farthest_mean, std::abs(b.control_path_mean[at] - b.orders[0].path_mean[at]));
            }
        CHECK((farthest < 1e-14) == (kappa == 0));
        CHECK((farthest_mean < 1e-14) == (kappa == 0));
    }
    // Without the order forward the twin goes its way all the same.
    shape.orders = {Order::backward};
    shape.path_mean = false;
    const BlockBuffers alone = run<4>(f, shape);
    shape.orders = {Order::forward};
    const BlockBuffers beside = run<1>(f, shape);
    for (std::size_t at = 0; at < alone.control.size(); ++at)
        if (at % alone.capacity < 11) CHECK(alone.control[at] == beside.control[at]);
}

TEST_CASE("order sensitivity: by definition, and exactly the leading term for two quadratic steps") {
    for (double kappa : {0.0, 0.05}) {
        const SmallSgd f{0.05, kappa};
        Shape shape = small_shape();
        shape.order_sensitivity = true;
        const BlockBuffers b = run<4>(f, shape), one = run<1>(f, shape);
        for (std::size_t s = 0; s < 2; ++s)
            for (std::size_t c = 0; c < shape.steps.size(); ++c)
                for (std::uint32_t r = 0; r < 11; ++r) {
                    const std::uint32_t n = shape.steps[c];
                    const ByHand hand(f, shape.seed, r, n);
                    const Plane x{shape.starts[2 * s], shape.starts[2 * s + 1]};
                    std::vector<std::uint32_t> up(n), permuted(n);
                    for (std::uint32_t i = 0; i < n; ++i) up[i] = i + 1;
                    seeded_permutation(shape.seed, n, permuted.data());
                    const std::size_t at = (s * shape.steps.size() + c) * b.capacity + r;
                    const Plane F = hand.apply(up, x), B = hand.apply(reversed(up), x),
                                C = f.h * f.h * hand.commutator(x);
                    const auto near = [](double value) { return doctest::Approx(value).epsilon(1e-9).scale(1e-5); };
                    CHECK(b.order_sensitivity.difference[at] == near((F - B).norm()));
                    CHECK(b.order_sensitivity.leading[at] == near(C.norm()));
                    CHECK(b.order_sensitivity.remainder[at] == near((F - B - C).norm()));
                    CHECK(b.order_sensitivity.palindrome[at] == near((hand.apply(then(up, reversed(up)), x) -
                                                                      hand.apply(then(permuted, reversed(permuted)), x))
                                                                         .norm()));
                    const Plane mean = 0.5 * (F + B);
                    const Plane other = 0.5 * (hand.apply(permuted, x) + hand.apply(reversed(permuted), x));
                    CHECK(b.order_sensitivity.symmetrised[at] == near((mean - other).norm()));
                    for (const auto array : {&BlockBuffers::Sensitivity::difference, &BlockBuffers::Sensitivity::remainder,
                                             &BlockBuffers::Sensitivity::symmetrised})
                        CHECK(std::bit_cast<std::uint64_t>((b.order_sensitivity.*array)[at]) ==
                              std::bit_cast<std::uint64_t>((one.order_sensitivity.*array)[at]));
                    if (n == 2 && kappa == 0) CHECK(b.order_sensitivity.remainder[at] < 1e-15);
                    if (n == 5) CHECK(b.order_sensitivity.leading[at] > 1e-4);
                }
    }
}

TEST_CASE("seeded_permutation: a permutation, another one for another seed") {
    std::vector<std::uint32_t> a(50), b(50);
    seeded_permutation(7, 50, a.data());
    seeded_permutation(8, 50, b.data());
    CHECK(a != b);
    std::sort(a.begin(), a.end());
    for (std::uint32_t i = 0; i < 50; ++i) CHECK(a[i] == i + 1);
}
