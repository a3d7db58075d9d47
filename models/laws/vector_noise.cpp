#include "models/laws/vector_noise.hpp"

#include <cmath>

#include "models/laws/affine_moments.hpp"
#include "models/laws/marginals.hpp"
#include "models/laws/normal_moments.hpp"
#include "models/laws/spectral_norm.hpp"
#include "sim/error.hpp"

namespace foldback {

namespace {

/// A S A^T.
std::vector<double> conjugate(std::span<const double> A, std::span<const double> s, std::size_t d) {
    std::vector<double> half(d * d), result(d * d);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j)
            for (std::size_t k = 0; k < d; ++k) half[i * d + j] += A[i * d + k] * s[k * d + j];
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j)
            for (std::size_t k = 0; k < d; ++k) result[i * d + j] += half[i * d + k] * A[j * d + k];
    return result;
}

}  // namespace

VectorNoise VectorNoise::from(Settings& table) {
    const Matrix A = table.matrix("A");
    if (A.rows != A.cols)
        throw table.wrong("A", "is " + std::to_string(A.rows) + " x " + std::to_string(A.cols), "it must be square");
    VectorNoise law{A.rows, A.rows, A.data, {}, spectral_norm(A.data, A.rows)};
    if (table.has("S")) {
        const Matrix S = table.matrix("S");
        if (S.rows != A.rows)
            throw table.wrong("S", "has " + std::to_string(S.rows) + " rows",
                              "it must have " + std::to_string(A.rows) + ", as A");
        law.noise_dimension = S.cols;
        law.S = S.data;
        return law;
    }
    const double s = table.number("s", Range::non_negative());
    const auto d = std::size_t(A.rows);
    law.S.assign(d * d, 0.0);
    for (std::size_t i = 0; i < d; ++i) law.S[i * d + i] = s;
    return law;
}

std::vector<NamedArray> VectorNoise::parameters() const {
    const auto d = std::size_t(dimension), r = std::size_t(noise_dimension);
    return {{"A", {d, d}, A}, {"S", {d, r}, S}};
}

Truth VectorNoise::truth() const {
    const auto d = std::size_t(dimension), r = std::size_t(noise_dimension);
    Truth t;
    t.lipschitz_moment = [norm = norm](double p) -> std::optional<Fact> {
        return Fact{std::pow(norm.value, p), norm.label};
    };
    t.lipschitz_sure = norm;
    t.chi = Fact{std::log(norm.value), norm.label};
    t.log_lipschitz_variance = Fact{norm.value == 0 ? infinity : 0};
    if (d == 1 && norm.value > 0) t.lyapunov = t.chi;

    std::vector<double> noise(d * d);  // S S^T
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j)
            for (std::size_t k = 0; k < r; ++k) noise[i * d + j] += S[i * r + k] * S[j * r + k];
    double trace = 0;
    for (std::size_t i = 0; i < d; ++i) trace += noise[i * d + i];

    t.displacement = [A = A, d, trace](std::span<const double> x, double p) -> std::optional<Fact> {
        double drift = 0, last = 0;  // f(x) - x ~ N((A - I) x, S S^T)
        for (std::size_t i = 0; i < d; ++i) {
            last = -x[i];
            for (std::size_t j = 0; j < d; ++j) last += A[i * d + j] * x[j];
            drift += last * last;
        }
        if (trace == 0) return Fact{std::sqrt(drift)};
        if (d == 1 && p == 1) return Fact{mean_absolute_normal(last, std::sqrt(trace))};
        if (p > 2) return std::nullopt;
        return Fact{std::sqrt(drift + trace), p == 2 ? Label::exact : Label::bound};  // D_p <= D_2 for p < 2
    };
    add_affine_law(
        t, {A, std::vector<double>(d), noise, [A = A, d](std::span<const double> s) { return conjugate(A, s, d); },
            [d](std::span<const double>) { return std::vector<double>(d * d); }});
    t.atoms = trace == 0;
    bool spread = true;
    for (std::size_t i = 0; i < d && !t.covariance.empty(); ++i) spread = spread && t.covariance[i * d + i] > 0;
    if (t.covariance.empty())
        t.note = "no stationary law: the spectral radius of A is not below 1 (or its dimension is above 40)";
    else if (spread)
        for (std::size_t i = 0; i < d; ++i) t.marginals.push_back(normal_law(0, std::sqrt(t.covariance[i * d + i])));
    return t;
}

}  // namespace foldback
