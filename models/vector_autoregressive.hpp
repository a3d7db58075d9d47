#pragma once
#include "models/laws/vector_affine.hpp"
#include "models/laws/vector_noise.hpp"

namespace foldback {

/// x -> A x + S N in R^d, N standard normal in R^r: VAR(1), S (d, r) a factor of the noise's covariance S S^T; s = 0.5
/// means S = s I. Stationary law, if the spectral radius of A is below 1: normal, mean 0, covariance C = A C A^T + S
/// S^T (Lyapunov's equation).
struct VectorAutoregressive : VectorAffineMap {
    static constexpr const char* kind = "vector_autoregressive";
    static constexpr const char* summary = "x -> A x + S N(0, I) in R^d, the VAR(1) process; stationary normal";
    static constexpr const char* example =
        "[model]\nkind = \"vector_autoregressive\"\nA    = [[0.6, 0.3], [-0.2, 0.7]]\nS    = [[1.0, 0.0], [0.5, "
        "0.4]]\n";
    static constexpr Bits bits = Bits::portable;

    VectorNoise law;

    static VectorAutoregressive from(Settings& table) {
        VectorNoise law = VectorNoise::from(table);
        const int d = law.dimension;
        return {{d}, std::move(law)};
    }
    std::vector<NamedArray> parameters() const { return law.parameters(); }
    Consumption consumption() const { return {.normals = unsigned(law.noise_dimension)}; }
    Truth truth() const { return law.truth(); }

    template <class R>
    Parameter<R> parameter() const {
        const auto d = std::size_t(dim);
        Parameter<R> p = unset_parameter<R>();
        for (std::size_t i = 0; i < d * d; ++i) p.A[i] = R(law.A.data()[i]);
        p.lipschitz = R(law.norm.value);
        return p;
    }
    template <class R>
    void draw(Noise<R>& w, Parameter<R>& p) const {
        const auto d = std::size_t(dim), r = std::size_t(law.noise_dimension);
        for (std::size_t i = 0; i < d; ++i) p.b[i] = R(0.0);
        for (std::size_t j = 0; j < r; ++j) {
            const R n = w.normal();
            for (std::size_t i = 0; i < d; ++i) p.b[i] = fma(R(law.S.data()[i * r + j]), n, p.b[i]);
        }
    }
};

}  // namespace foldback
