#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "analysis/path_spectrum.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/sine.hpp"

using namespace foldback;

namespace {

/// x -> A x + b, A one of two fixed matrices, dimension 5: more than the columns found together.
struct FiveDimensional {
    static constexpr int d = 5;
    std::array<double, 2 * d * d> matrices;

    FiveDimensional() : matrices{} {
        for (int k = 0; k < 2 * d * d; ++k) matrices[std::size_t(k)] = ((k * k * k + 5 * k) % 23 - 11) / 40.0;
    }
    template <class R>
    struct Parameter {
        std::uint64_t which;
        R shift;
    };
    Consumption consumption() const { return {.integers = 1, .normals = 1}; }
    int dimension() const { return d; }
    Parameter<double> draw(Noise<double>& w) const { return {w.integer(2), w.normal()}; }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        std::array<R, d> y;
        for (std::size_t i = 0; i < d; ++i) {
            y[i] = p.shift;
            for (std::size_t j = 0; j < d; ++j) y[i] += R(entry(p.which, i, j)) * x[j];
        }
        for (std::size_t i = 0; i < d; ++i) x[i] = y[i];
    }
    double entry(std::uint64_t which, std::size_t i, std::size_t j) const { return matrices[(which * d + i) * d + j]; }
};

/// A smooth planar map with coupled, nonlinear components.
struct Planar {
    template <class R>
    struct Parameter {
        R angle;
    };
    Consumption consumption() const { return {.uniforms = 1}; }
    int dimension() const { return 2; }
    Parameter<double> draw(Noise<double>& w) const { return {w.uniform()}; }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        const auto [s, c] = elementary::sincos(x[0] + p.angle);
        const R u = elementary::tanh(R(0.7) * x[1] * c), v = R(0.5) * s / (R(1.0) + x[1] * x[1]);
        x[0] = u;
        x[1] = v;
    }
};

template <class M>
void check_against_differences(const M& f, std::vector<double> x, std::uint32_t step) {
    const std::size_t d = x.size();
    Noise<double> noise(5, 3, f.consumption());
    noise.at(step);
    auto p = make_parameter<double>(f);
    draw_into(f, noise, p);
    Jacobian<double, M> jacobian(f);
    std::vector<double> image(d), matrix(d * d), plain = x;
    jacobian(p, x.data(), image.data(), matrix.data());
    apply_to(f, p, plain.data());
    CHECK(image == plain);
    const double h = 1e-5;
    for (std::size_t j = 0; j < d; ++j) {
        std::vector<double> up = x, down = x;
        up[j] += h;
        down[j] -= h;
        apply_to(f, p, up.data());
        apply_to(f, p, down.data());
        for (std::size_t i = 0; i < d; ++i)
            CHECK(matrix[i * d + j] == doctest::Approx((up[i] - down[i]) / (2 * h)).epsilon(1e-8).scale(1));
    }
}

}  // namespace

TEST_CASE("Jacobian: that of the models, against difference quotients") {
    for (std::uint32_t step : {1u, 2u, 77u}) {
        check_against_differences(BernoulliConvolution{{}, 0.3}, {0.8}, step);
        check_against_differences(Sine{0.9, 0.5}, {1.3}, step);
        check_against_differences(Planar{}, {0.4, -1.2}, step);
        check_against_differences(FiveDimensional{}, {1, -2, 0.5, 3, 0.1}, step);
    }
}

TEST_CASE("Jacobian: of an affine map it is the matrix, exactly") {
    const FiveDimensional f;
    Jacobian<double, FiveDimensional> jacobian(f);
    const std::vector<double> x{1, -2, 0.5, 3, 0.1};
    std::vector<double> image(5), matrix(25);
    for (std::uint64_t which : {0u, 1u}) {
        jacobian({which, 0.25}, x.data(), image.data(), matrix.data());
        for (std::size_t i = 0; i < 5; ++i)
            for (std::size_t j = 0; j < 5; ++j) CHECK(matrix[i * 5 + j] == f.entry(which, i, j));
    }
}

TEST_CASE("Jacobian: lanes give what single replicas give") {
    const Sine f{0.9, 0.5};
    Noise<Lanes<2>> noise(5, 6, f.consumption());
    noise.at(4);
    const auto p = f.draw(noise);
    Jacobian<Lanes<2>, Sine> jacobian(f);
    Lanes<2> x(1.3), image(0.0), slope(0.0);
    jacobian(p, &x, &image, &slope);
    for (int i = 0; i < 2; ++i) {
        Noise<double> alone(5, 6 + std::uint32_t(i), f.consumption());
        alone.at(4);
        const auto q = f.draw(alone);
        double y = 1.3, d = 0;
        Jacobian<double, Sine>{f}(q, &y, &y, &d);
        CHECK(image[i] == y);
        CHECK(slope[i] == d);
    }
    CHECK(slope[0] == doctest::Approx(0.9 * std::cos(1.3)));
}

TEST_CASE("path_spectrum: exact for constant slopes, below chi for smooth maps") {
    const std::vector<double> start{0.5};
    const auto affine = path_spectrum(BernoulliConvolution{{}, 0.3}, 11, 2, start, 200).exponents(0.01);
    CHECK(affine[0].value == doctest::Approx(std::log(0.3)).epsilon(1e-14));

    const Sine sine{0.9, 0.5};
    const auto smooth = path_spectrum(sine, 11, 2, start, 20000).exponents(1e-3);
    CHECK(smooth[0].limits.upper < std::log(0.9));
    // E log|cos X| under the stationary law, by the plain path.
    Noise<double> noise(11, 2, sine.consumption());
    double x = 0.5, sum = 0;
    for (std::uint32_t n = 1; n <= 20000; ++n) {
        sum += std::log(std::abs(0.9 * std::cos(x)));
        noise.at(n);
        sine.apply(sine.draw(noise), x);
    }
    CHECK(smooth[0].value == doctest::Approx(sum / 20000).epsilon(1e-9));
}

TEST_CASE("path_spectrum: the exponents of a product of matrices add up to its determinant") {
    const FiveDimensional f;
    const auto spectrum = path_spectrum(f, 3, 0, std::vector<double>(5, 0.0), 3000).exponents(1e-3);
    REQUIRE(spectrum.size() == 5);
    double sum = 0;
    for (std::size_t j = 0; j < 5; ++j) {
        sum += spectrum[j].value;
        if (j > 0) CHECK(spectrum[j].value < spectrum[j - 1].value + 1e-2);
    }
    const auto log_determinant = [&](std::uint64_t which) {
        std::array<std::array<double, 5>, 5> a{};
        for (std::size_t i = 0; i < 5; ++i)
            for (std::size_t j = 0; j < 5; ++j) a[i][j] = f.entry(which, i, j);
        double log = 0;
        for (std::size_t k = 0; k < 5; ++k) {
            std::size_t pivot = k;
            for (std::size_t i = k; i < 5; ++i)
                if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
            std::swap(a[k], a[pivot]);
            log += std::log(std::abs(a[k][k]));
            for (std::size_t i = k + 1; i < 5; ++i)
                for (std::size_t j = 5; j-- > k;) a[i][j] -= a[i][k] / a[k][k] * a[k][j];
        }
        return log;
    };
    Noise<double> noise(3, 0, f.consumption());
    double expected = 0;
    for (std::uint32_t n = 1; n <= 3000; ++n) {
        noise.at(n);
        expected += log_determinant(f.draw(noise).which);
    }
    CHECK(sum == doctest::Approx(expected / 3000).epsilon(1e-9));
    CHECK_THROWS(path_spectrum(f, 3, 0, std::vector<double>(4, 0.0), 10));
}
