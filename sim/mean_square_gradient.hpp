#pragma once
#include "sim/block.hpp"
#include "sim/random_map.hpp"
#include "sim/slot.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// (1/n) sum_{t<n} |grad l(F_t)|^2 along the forward chain: what descent-nonconvex bounds (theory.md, C). Of models that
/// observe no loss: nothing.
template <class R, class M>
class MeanSquareGradient {
  public:
    MeanSquareGradient(const M&, const Shape&) {}
    void begin(const Shape&) {}
    void add(const M&, const Shape&, const R*) {}
    void record(const Shape&, std::size_t, std::uint32_t, BlockBuffers::ByOrder&, Slot) const {}
};

template <class R, class M>
requires ObservesLoss<M, R>
class MeanSquareGradient<R, M> {
  public:
    MeanSquareGradient(const M& f, const Shape& shape) : observer_(f), sum_(shape.start_count()), seen_(loss_observable_count) {}

    void begin(const Shape& shape) {
        for (std::size_t s = 0; s < shape.start_count(); ++s) sum_[s] = R(0.0);
    }
    /// The states of all starts, before the next map.
    void add(const M& f, const Shape& shape, const R* states) {
        for (std::size_t s = 0; s < shape.start_count(); ++s) {
            observer_.observe(f, LossObservables{}.with(LossObservable::gradient_norm), states + s * std::size_t(shape.dimension), seen_.data());
            const R norm = seen_[unsigned(LossObservable::gradient_norm)];
            sum_[s] = fma(norm, norm, sum_[s]);
        }
    }
    /// At checkpoint c, after n maps; 0 at n = 0, the empty sum.
    void record(const Shape& shape, std::size_t c, std::uint32_t n, BlockBuffers::ByOrder& out, Slot slot) const {
        for (std::size_t s = 0; s < shape.start_count(); ++s)
            slot.put(out.mean_square_gradient, s * shape.steps.size() + c, n > 0 ? sum_[s] / R(double(n)) : R(0.0));
    }

  private:
    typename M::template Observer<R> observer_;
    Workspace<R> sum_, seen_;
};

}  // namespace foldback::inline FOLDBACK_ISA
