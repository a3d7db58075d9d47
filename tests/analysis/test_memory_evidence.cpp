#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "analysis/certificate.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"
#include "tests/support/simulate.hpp"

using namespace foldback;
using foldback::test::Ensemble;
using foldback::test::simulate;

namespace {

Ensemble small() {
    Ensemble e;
    e.seed = 11;
    e.replicas = 300;  // two blocks of 128 and one of 44
    e.block_size = 128;
    e.starts = {{-1.0}, {0.25}};
    e.steps = {0, 1, 3, 8};
    return e;
}

/// x -> x^2 + N: most paths from 2 overflow.
struct Exploding {
    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {w.normal()};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = x * x + p.shift;
    }
};

}  // namespace

TEST_CASE("memory evidence: series are those of a replica run alone") {
    const Sine model{0.8, 0.5};
    const auto evidence = simulate(model, small());
    Noise<double> noise(11, 200, model.consumption());
    for (std::size_t start = 0; start < 2; ++start) {
        double forward = start ? 0.25 : -1.0, backward = forward;
        for (std::uint32_t n = 1; n <= 3; ++n) {
            noise.at(n);
            model.apply(model.draw(noise), forward);
        }
        for (std::uint32_t n = 3; n > 0; --n) {
            noise.at(n);
            model.apply(model.draw(noise), backward);
        }
        CHECK(evidence.values({Quantity::state, Order::forward, start, 2, 0})[200] == forward);
        CHECK(evidence.values({Quantity::state, Order::backward, start, 2, 0})[200] == backward);
    }
    CHECK(evidence.values({Quantity::state, Order::forward, 1, 0, 0}) == std::vector<double>(300, 0.25));
}

TEST_CASE("memory evidence: radii and censoring are derived from the Lipschitz products") {
    Ensemble e = small();
    e.stop = Shape::Stop{0.1, 3};
    const auto evidence = simulate(BernoulliConvolution{{}, 0.5}, e);
    // D_inf(-1) = 1, D_inf(0.25) = 0.625, rho = 1/2; 0.5^n falls to 0.1 at n = 4 only: all are censored at 3.
    CHECK(evidence.values({Quantity::certified_radius, Order::backward, 0, 2}) == std::vector<double>(300, 2.0 / 8));
    CHECK(evidence.values({Quantity::certified_radius, Order::backward, 1, 3}) == std::vector<double>(300, 1.25 / 256));
    CHECK(evidence.values({Quantity::stop_step}) == std::vector<double>(300, 3));
    CHECK(evidence.values({Quantity::stopped_radius, Order::forward, 1}) == std::vector<double>(300, 1.25 / 8));
    CHECK(evidence.values({Quantity::stop_censored}) == std::vector<double>(300, 1));
    e.stop = Shape::Stop{0.125, 3};  // attained: not censored
    CHECK(simulate(BernoulliConvolution{{}, 0.5}, e).values({Quantity::stop_censored}) == std::vector<double>(300, 0));
}

TEST_CASE("memory evidence: what was not recorded is absent") {
    Ensemble e = small();
    e.states = false;
    e.orders = {Order::forward};
    const auto evidence = simulate(Sine{0.8, 0.5}, e);
    CHECK_FALSE(evidence.has(Quantity::state, Order::forward));
    CHECK_FALSE(evidence.has(Quantity::increment, Order::backward));
    CHECK_FALSE(evidence.has(Quantity::certified_radius, Order::backward));
    CHECK_FALSE(evidence.has(Quantity::path_mean, Order::forward));
    CHECK(evidence.has(Quantity::increment, Order::forward));
    CHECK(evidence.has(Quantity::lipschitz_product, Order::backward));
    CHECK_THROWS_AS((void)evidence.values({Quantity::state, Order::forward, 0, 0, 0}), InternalError);
    CHECK(evidence.moments(Order::forward, 0, 3, 0).count == 300);
}

TEST_CASE("memory evidence: moments are merged in block order, whatever the order of arrival") {
    const Sine model{0.8, 0.5};
    const Ensemble e = small();
    const auto evidence = simulate(model, e);
    const Setup setup = test::setup_of(model, e);
    const Shape shape = test::shape_of(setup, e);
    const std::unique_ptr<BlockKernel> kernel(new_kernel<Sine>(model, 1));
    BlockBuffers block(shape, 128);
    MemoryEvidence other(setup, shape, 128);
    for (std::size_t first : std::vector<std::size_t>{256, 0, 128}) {
        const std::size_t count = first == 256 ? 44 : 128;
        kernel->run(shape, std::uint32_t(first), std::uint32_t(count), block);
        other.accept(first, count, block);
    }
    const SampleMoments a = evidence.moments(Order::backward, 1, 3, 0), b = other.moments(Order::backward, 1, 3, 0);
    CHECK(std::memcmp(&a, &b, sizeof a) == 0);
    CHECK(a.count == 300);
    double sum = 0;
    for (double x : evidence.values({Quantity::state, Order::backward, 1, 3, 0})) sum += x;
    CHECK(a.mean == doctest::Approx(sum / 300).epsilon(1e-12));
    CHECK_THROWS_AS(other.accept(64, 128, block), InternalError);
    CHECK_THROWS_AS(other.accept(256, 128, block), InternalError);
}

TEST_CASE("memory evidence: replicas that diverge are counted and left out of the moments") {
    Ensemble e = small();
    e.starts = {{2.0}};
    e.steps = {1, 20};
    const auto evidence = simulate(Exploding{}, e);
    const auto last = evidence.values({Quantity::state, Order::forward, 0, 1, 0});
    const auto bad = std::uint64_t(std::count_if(last.begin(), last.end(), [](double x) { return !std::isfinite(x); }));
    REQUIRE(bad > 0);
    CHECK(evidence.diverged(Order::forward, 0) == bad);
    CHECK(evidence.moments(Order::forward, 0, 1, 0).count == 300 - bad);
    CHECK(std::isfinite(evidence.moments(Order::forward, 0, 1, 0).mean));
    CHECK_FALSE(evidence.has(Quantity::lipschitz_product, Order::forward));
}

TEST_CASE("certificate: the sure constant, the conditional one, factors of two maps, none") {
    Setup setup;
    setup.starts = {{0.0}};
    setup.truth.lipschitz_sure = Fact{0.5};
    setup.truth.displacement = [](std::span<const double>, double p) -> std::optional<Fact> {
        return Fact{std::isinf(p) ? 3.0 : 2.0, Label::bound};
    };
    setup.truth.lipschitz_moment = [](double p) -> std::optional<Fact> {
        return Fact{std::pow(0.25, p), Label::assumed};
    };
    CHECK(certificate_constant(setup, 0)->value == 6);
    CHECK(certificate_constant(setup, 0)->label == Label::bound);
    setup.truth.maps_per_factor = 2;
    CHECK(certificate_constant(setup, 0)->value == 12);  // D + D + (D + D)/2 + ...
    setup.truth.maps_per_factor = 1;
    setup.truth.lipschitz_sure = Fact{1.0};
    CHECK_FALSE(sure_certificate_constant(setup, 0));
    CHECK(certificate_constant(setup, 0)->value == doctest::Approx(2 / 0.75));
    CHECK(certificate_constant(setup, 0)->label == Label::assumed);
    setup.truth.lipschitz_moment = [](double) -> std::optional<Fact> { return Fact{1.0}; };
    CHECK_FALSE(certificate_constant(setup, 0));
}
