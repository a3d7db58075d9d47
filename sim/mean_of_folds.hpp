#pragma once
#include <cstdint>

#include "sim/sweep.hpp"
#include "sim/word_fold.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// The order `symmetrised`, (F_n + B_n)/2: the backward states are those of an exact sweep.
template <class R, class M>
class MeanOfFolds {
  public:
    /// `shared`: whether the caller has a sweep of the same events that merges equal bits only.
    MeanOfFolds(const M& f, const Shape& shape, const std::uint32_t* events, std::size_t event_count, const bool* tracked, bool shared)
        : f_(f), event_count_(event_count), starts_(shape.start_count()), dim_(std::size_t(shape.dimension)), shared_(shared),
          tracked_(tracked), mean_(f, shape, Order::forward, events, event_count, tracked != nullptr),
          own_(f, events, shared ? 0 : event_count, starts_, 0, tracked != nullptr) {}

    /// `sweep`: the caller's, after its run on the same noise.
    void run(Noise<R>& noise, const R* starts, const Sweep<R, M>& sweep) {
        if (event_count_ == 0) return;
        mean_.run(noise, starts);
        if (!shared_) own_.run(noise, starts, {});
        const Sweep<R, M>& backward = shared_ ? sweep : own_;
        for (std::size_t e = 0; e < event_count_; ++e)
            for (std::size_t s = 0; s < starts_; ++s) {
                R* x = mean_.state(e, s);
                const R* y = backward.state(e, s);
                for (std::size_t d = 0; d < dim_; ++d) x[d] = R(0.5) * (x[d] + y[d]);
                // Each of the two is off by its radius at most, their mean by no more than the larger one.
                if (tracked_ && tracked_[e])
                    mean_.rounding(e, s) = larger(mean_.rounding(e, s), backward.rounding(e, s)) +
                                           rounding_of_step(f_, R(0.0), R(0.0), magnitude_of(f_, x));
            }
    }

    const R* state(std::size_t event, std::size_t start) const { return mean_.state(event, start); }
    R rounding(std::size_t event, std::size_t start) const { return mean_.rounding(event, start); }

  private:
    const M& f_;
    std::size_t event_count_, starts_, dim_;
    bool shared_;
    const bool* tracked_;  // by event: whether its rounding radius is wanted; null: for none
    WordFold<R, M> mean_;  // forward, until the backward states are added
    Sweep<R, M> own_;
};

}  // namespace foldback::inline FOLDBACK_ISA
