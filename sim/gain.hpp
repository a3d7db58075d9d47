#pragma once
#include "sim/random_map.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// A bound for Lip(f_1 o ... o f_n), the maps appended in the order 1, 2, ...: the model's own Gain, or else the product
/// of its Lipschitz constants.
template <class R, class M>
class GainOf {
  public:
    static constexpr bool known = HasGain<M, R> || HasLipschitz<M, R>;

    void append(const M& f, const ParameterOf<M, R>& p) {
        if constexpr (HasGain<M, R>) own_.append(f, p);
        else if constexpr (HasLipschitz<M, R>) product_ *= f.lipschitz(p);
    }
    R value() const {
        if constexpr (HasGain<M, R>) return own_.value(); else return product_;
    }

  private:
    struct None {};
    R product_ = R(1.0);
    decltype([] { if constexpr (HasGain<M, R>) return typename M::template Gain<R>{}; else return None{}; }()) own_{};
};

/// Of some replicas side by side, the Lipschitz product of the maps 1 .. 16 m - 1 for every m, `stride` doubles apart.
struct Prefix {
    const double* first = nullptr;
    std::size_t stride = 0;

    /// Of the maps before `step`, a multiple of 16.
    template <class R>
    R before(std::uint32_t step) const { return load<R>(first + step / 16 * stride); }
};

/// What rounding adds at one application of f_p, in the model's metric: 4 dim eps (L |x| + |f_p(x)|)  (theory.md, E).
template <class R, class M>
R rounding_of_step(const M& f, R lipschitz, R magnitude_before, R magnitude_after) {
    return R(4 * dimension_of<R>(f) * 0x1p-52) * fma(lipschitz, magnitude_before, magnitude_after);
}

}  // namespace foldback::inline FOLDBACK_ISA
