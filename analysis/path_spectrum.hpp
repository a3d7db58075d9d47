#pragma once
#include <cstdint>
#include <span>

#include "analysis/lyapunov.hpp"
#include "sim/error.hpp"
#include "sim/jacobian.hpp"
#include "sim/noise.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// The Lyapunov spectrum of model f along the forward path of one replica: the Jacobians of f_1, ..., f_steps at
/// F_0, ..., F_{steps-1}, from the noise that any run with this seed gives the replica; `first` leading exponents (0:
/// all). exponents(alpha) of the result gives values and limits. At most chi = E log Lip (theory.md, `lyapunov`).
/// Throws InternalError when `start` has another length than the model's states.
template <class M>
LyapunovSpectrum path_spectrum(const M& f, std::uint64_t seed, std::uint32_t replica, std::span<const double> start,
                               std::uint32_t steps, std::size_t first = 0) {
    Jacobian<double, M> jacobian(f);
    const std::size_t dim = jacobian.dimension();
    if (start.size() != dim) throw InternalError("path_spectrum: the start must have as many components as a state");
    LyapunovSpectrum spectrum(dim, first);
    Noise<double> noise(seed, replica, f.consumption());
    auto p = make_parameter<double>(f);
    Workspace<double> x(dim), matrix(dim * dim);
    for (std::size_t i = 0; i < dim; ++i) x[i] = start[i];
    for (std::uint32_t n = 1; n <= steps; ++n) {
        noise.at(n);
        draw_into(f, noise, p);
        jacobian(p, x.data(), x.data(), matrix.data());
        spectrum.append(std::span<const double>(matrix.data(), dim * dim));
    }
    return spectrum;
}

}  // namespace foldback::inline FOLDBACK_ISA
