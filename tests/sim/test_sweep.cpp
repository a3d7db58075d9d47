#include <doctest/doctest.h>

#include <array>
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "models/sine.hpp"
#include "sim/model_of.hpp"
#include "sim/sweep.hpp"

using namespace foldback;

namespace {

// x -> gain Q x + s N in D dimensions, Q a rotation in every plane of neighbours: a contraction by `gain`, never aligned with
// the axes, in which bitwise merging may stall at a few ulp.
template <int D>
struct Spiral {
    double gain, s;
    template <class R>
    struct Parameter { std::array<R, std::size_t(D)> shift; };
    int dimension() const { return D; }
    Consumption consumption() const { return {.normals = D}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        Parameter<R> p;
        for (auto& component : p.shift) component = R(s) * w.normal();
        return p;
    }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        for (std::size_t i = 0; i + 1 < D; ++i) {
            const R a = R(0.8) * x[i] - R(0.6) * x[i + 1], b = R(0.6) * x[i] + R(0.8) * x[i + 1];
            x[i] = a;
            x[i + 1] = b;
        }
        for (std::size_t i = 0; i < D; ++i) x[i] = fma(R(gain), x[i], p.shift[i]);
    }
    // 0.8 and 0.6 are rounded: their squares sum to 1 only to within an ulp for each plane.
    template <class R>
    R lipschitz(const Parameter<R>&) const { return R(gain * (1 + 1e-14)); }
};

template <int W, class M>
std::vector<double> recompose(const M& f, std::uint64_t seed, std::uint32_t replica, std::vector<double> start, std::uint32_t n) {
    Noise<Lanes<W>> noise(seed, replica, f.consumption());
    std::vector<Lanes<W>> x(start.begin(), start.end());
    for (std::uint32_t step = n; step > 0; --step) {
        noise.at(step);
        auto p = make_parameter<Lanes<W>>(f);
        draw_into(f, noise, p);
        apply_to(f, p, x.data());
    }
    std::vector<double> out;
    for (const auto& component : x) out.push_back(component[0]);
    return out;
}

template <int W, class M>
struct Swept {
    using R = Lanes<W>;
    std::vector<std::uint32_t> events;
    std::vector<R> starts, prefix;
    Sweep<R, M> sweep;

    Swept(const M& f, std::uint64_t seed, std::vector<std::uint32_t> at, std::vector<double> start_values, double tolerance,
          bool track_rounding = false)
        : events(std::move(at)), starts(start_values.begin(), start_values.end()),
          sweep(f, events.data(), events.size(), start_values.size() / std::size_t(dimension_of<R>(f)), tolerance,
                track_rounding) {
        Noise<R> noise(seed, 0, f.consumption());
        GainOf<R, M> gain;
        auto p = make_parameter<R>(f);
        prefix.push_back(R(1.0));
        for (std::uint32_t n = 1; n <= events.back(); ++n) {
            if (n % 16 == 0) prefix.push_back(gain.value());
            noise.at(n);
            draw_into(f, noise, p);
            gain.append(f, p);
        }
        sweep.run(noise, starts.data(), {reinterpret_cast<const double*>(prefix.data()), W});
    }
};

std::vector<std::uint32_t> every(std::uint32_t last) {
    std::vector<std::uint32_t> steps(last);
    std::iota(steps.begin(), steps.end(), 1U);
    return steps;
}

template <int D>
void check_dimension() {
    CAPTURE(D);
    const Spiral<D> f{0.9, 0.5};
    const std::vector<std::uint32_t> at{1, 15, 16, 17, 100, 399, 400};
    std::vector<double> starts(2 * D, -3.0);
    for (std::size_t i = D; i < 2 * D; ++i) starts[i] = 2.0;
    const Swept<2, Spiral<D>> bitwise(f, 5, at, starts, 0);
    const double tolerance = 1e-9;
    const Swept<2, Spiral<D>> tolerant(f, 5, at, starts, tolerance);
    std::size_t merged = 0;
    for (std::size_t e = 0; e < at.size(); ++e)
        for (std::size_t s = 0; s < 2; ++s) {
            const auto exact = recompose<2>(f, 5, 0, {starts.begin() + std::ptrdiff_t(s * D), starts.begin() + std::ptrdiff_t((s + 1) * D)}, at[e]);
            double moved = 0;
            for (std::size_t d = 0; d < D; ++d) {
                CHECK(bitwise.sweep.state(e, s)[d][0] == exact[d]);
                moved = std::hypot(moved, tolerant.sweep.state(e, s)[d][0] - exact[d]);
            }
            const double certified = tolerant.sweep.error(e, s)[0];
            CHECK(moved <= certified + 1e-13);
            CHECK(certified <= tolerance);
            merged += tolerant.sweep.merge_time(e, s)[0] > 0;
        }
    CHECK(merged >= 3);
}

}  // namespace

TEST_CASE("sweep: bitwise it is recomposition, on a tolerance it stays within what it certifies, dimension 1 to 10") {
    check_dimension<1>();
    check_dimension<2>();
    check_dimension<3>();
    check_dimension<5>();
    check_dimension<10>();
}

TEST_CASE("sweep: every n of a non-linear map equals recomposition") {
    const Sine f{0.9, 0.5};
    const Swept<2, Sine> all(f, 7, every(600), {0.0, 4.0}, 0);
    for (std::uint32_t n = 1; n <= 600; n += 7) {
        CHECK(all.sweep.state(n - 1, 0)[0][0] == recompose<2>(f, 7, 0, {0.0}, n)[0]);
        CHECK(all.sweep.state(n - 1, 1)[0][0] == recompose<2>(f, 7, 0, {4.0}, n)[0]);
    }
}

TEST_CASE("sweep: in one dimension the live set stays bounded as n grows with every n requested") {
    const Sine f{0.9, 0.5};
    std::vector<double> live;
    for (std::uint32_t last : {1'000U, 10'000U, 100'000U}) {
        const Swept<2, Sine> all(f, 7, every(last), {0.0}, 0);
        live.push_back(all.sweep.mean_live_set()[0]);
        MESSAGE("last = " << last << ": mean live set " << live.back());
    }
    CHECK(live[2] < 1.2 * live[0]);
    CHECK(live[2] > 20);
    // Maps that do not contract never merge: the control.
    const Swept<2, Sine> apart({1.0, 0.0}, 7, every(1'000), {1.0}, 0);
    CHECK(apart.sweep.mean_live_set()[0] > 400);
}

TEST_CASE("sweep: what is recorded of merging does not depend on the other lanes") {
    const Spiral<3> f{0.7, 0.5};
    const auto at = every(200);
    for (double tolerance : {0.0, 1e-6}) {
        const Swept<1, Spiral<3>> one(f, 5, at, {1, 2, 3}, tolerance, true);
        const Swept<4, Spiral<3>> four(f, 5, at, {1, 2, 3}, tolerance, true);
        for (std::size_t e = 0; e < at.size(); ++e) {
            CHECK(one.sweep.merge_time(e, 0)[0] == four.sweep.merge_time(e, 0)[0]);
            CHECK(one.sweep.rounding(e, 0)[0] == four.sweep.rounding(e, 0)[0]);
            for (std::size_t d = 0; d < 3; ++d) CHECK(one.sweep.state(e, 0)[d][0] == four.sweep.state(e, 0)[d][0]);
            if (tolerance > 0) CHECK(one.sweep.error(e, 0)[0] == four.sweep.error(e, 0)[0]);
        }
        CHECK(one.sweep.mean_live_set()[0] == four.sweep.mean_live_set()[0]);
    }
}

TEST_CASE("sweep: the rounding radius is Horner's, the largest of those whose states have met") {
    const Sine f{0.8, 0.5};
    const std::uint32_t last = 300;
    const Swept<8, Sine> all(f, 9, every(last), {4.0}, 0, true);  // of eight lanes few have all met: in the others, neighbours share
    using R = Lanes<1>;
    for (std::uint32_t replica = 0; replica < 8; ++replica) {
        std::vector<double> own;
        for (std::uint32_t n = 1; n <= last; ++n) {
            Noise<R> noise(9, replica, f.consumption());
            R x(4.0), radius(0.0);
            for (std::uint32_t step = n; step > 0; --step) {
                noise.at(step);
                const auto p = f.draw(noise);
                const R before = magnitude_of(f, &x);
                f.apply(p, x);
                radius = fma(f.lipschitz(p), radius, rounding_of_step(f, f.lipschitz(p), before, magnitude_of(f, &x)));
            }
            own.push_back(radius[0]);
        }
        int met = 0;
        for (std::uint32_t first = 0; first < last;) {  // leaves that have met are neighbours
            std::uint32_t end = first + 1;
            while (end < last && all.sweep.merge_time(end - 1, 0)[int(replica)] > 0) ++end;
            const double largest = *std::max_element(own.begin() + first, own.begin() + end);
            for (std::uint32_t n = first; n < end; ++n) CHECK(all.sweep.rounding(n, 0)[int(replica)] == largest);
            met += end - first > 1;
            first = end;
        }
        CHECK(met >= 1);
    }
}
