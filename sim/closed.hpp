#pragma once
#include <cstdint>

#include "sim/gain.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// Backward states of a model whose maps are closed under composition: the composed map f_1 o ... o f_n is carried from
/// step 1 up and evaluated at the events. O(n) for all n, but other rounding than applying the maps one by one.
template <class R, class M>
    requires HasComposition<M, R>
class ClosedBackward {
  public:
    ClosedBackward(const M& f, const std::uint32_t* events, std::size_t event_count, std::size_t start_count, bool track_rounding)
        : f_(f), events_(events), event_count_(event_count), start_count_(start_count), dim_(std::size_t(dimension_of<R>(f))),
          track_rounding_(track_rounding), x_(event_count * start_count * dim_), rounding_(event_count * start_count),
          sums_(start_count), y_(dim_) {}

    void run(Noise<R>& noise, const R* starts) {
        auto p = make_parameter<R>(f_);
        auto composed = f_.template identity<R>();
        GainOf<R, M> gain;
        for (std::size_t s = 0; s < start_count_; ++s) sums_[s] = R(0.0);
        std::size_t e = 0;
        for (std::uint32_t n = 1; e < event_count_; ++n) {
            noise.at(n);
            draw_into(f_, noise, p);
            if (track_rounding_) add_rounding(p, gain.value(), starts);
            gain.append(f_, p);
            f_.compose(composed, p);
            if (events_[e] != n) continue;
            for (std::size_t s = 0; s < start_count_; ++s) evaluate(composed, e, s, n, starts);
            ++e;
        }
    }

    const R* state(std::size_t event, std::size_t start) const { return &x_[(event * start_count_ + start) * dim_]; }
    R rounding(std::size_t event, std::size_t start) const { return rounding_[event * start_count_ + start]; }

  private:
    // Every term of the composed map is a product of at most n factors in a sum of at most n terms: n times the first-order
    // sum 4 dim eps sum_k L_1...L_{k-1} (L_k |x| + |f_k(x)|) bounds its error.
    void add_rounding(const ParameterOf<M, R>& p, R gain, const R* starts) {
        if constexpr (HasLipschitz<M, R>) {
            for (std::size_t s = 0; s < start_count_; ++s) {
                for (std::size_t d = 0; d < dim_; ++d) y_[d] = starts[s * dim_ + d];
                const R before = magnitude_of(f_, y_.data());
                apply_to(f_, p, y_.data());
                sums_[s] = fma(gain, rounding_of_step(f_, R(f_.lipschitz(p)), before, magnitude_of(f_, y_.data())), sums_[s]);
            }
        }
    }

    void evaluate(const typename M::template Composition<R>& composed, std::size_t e, std::size_t s, std::uint32_t n, const R* starts) {
        R* x = &x_[(e * start_count_ + s) * dim_];
        for (std::size_t d = 0; d < dim_; ++d) x[d] = starts[s * dim_ + d];
        if constexpr (is_scalar<R, M>) f_.evaluate(composed, *x); else f_.evaluate(composed, std::span<R>(x, dim_));
        rounding_[e * start_count_ + s] = R(double(n)) * sums_[s];
    }

    const M& f_;
    const std::uint32_t* events_;
    std::size_t event_count_, start_count_, dim_;
    bool track_rounding_;
    Workspace<R> x_, rounding_, sums_, y_;
};

}  // namespace foldback::inline FOLDBACK_ISA
