#pragma once
#include <cstdint>

#include "sim/block.hpp"
#include "sim/gain.hpp"
#include "sim/order.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// An order that is a word of maps, composed as it reads: one pass over the trunk carries the state of every start, and at
/// each event n the tail of n is applied to a copy. Costs a draw and an application (per start) for every map of the
/// longest trunk and of every event's tail.
template <class R, class M>
class WordFold {
  public:
    /// `events`: the steps 1 <= n_1 < ... < n_E.
    WordFold(const M& f, const Shape& shape, const Order& order, const std::uint32_t* events, std::size_t event_count, bool track_rounding)
        : f_(f), word_(new_word(order, shape.seed)), events_(events), event_count_(event_count), starts_(shape.start_count()),
          dim_(std::size_t(shape.dimension)), track_rounding_(track_rounding), trunk_(starts_ * dim_), trunk_rounding_(starts_),
          x_(event_count * starts_ * dim_), rounding_(event_count * starts_), maps_(chunk), p_(make_parameter<R>(f)) {}
    ~WordFold() { delete word_; }
    WordFold(const WordFold&) = delete;
    WordFold& operator=(const WordFold&) = delete;

    void run(Noise<R>& noise, const R* starts) {
        for (std::size_t i = 0; i < starts_ * dim_; ++i) trunk_[i] = starts[i];
        for (std::size_t s = 0; s < starts_; ++s) trunk_rounding_[s] = R(0.0);
        std::uint64_t applied = 0;
        for (std::size_t e = 0; e < event_count_; ++e) {
            const std::uint32_t n = events_[e];
            for (const std::uint64_t length = word_->trunk_length(n); applied < length;) {
                const std::size_t count = length - applied < chunk ? std::size_t(length - applied) : chunk;
                word_->trunk(applied, {maps_.data(), count});
                apply(noise, count, trunk_.data(), trunk_rounding_.data());
                applied += count;
            }
            R* x = &x_[e * starts_ * dim_];
            R* rounding = &rounding_[e * starts_];
            for (std::size_t i = 0; i < starts_ * dim_; ++i) x[i] = trunk_[i];
            for (std::size_t s = 0; s < starts_; ++s) rounding[s] = trunk_rounding_[s];
            const std::uint64_t length = word_->tail_length(n);
            for (std::uint64_t first = 0; first < length; first += chunk) {
                const std::size_t count = length - first < chunk ? std::size_t(length - first) : chunk;
                word_->tail(n, first, {maps_.data(), count});
                apply(noise, count, x, rounding);
            }
        }
    }

    /// X_{events[event]}(starts[start]), its components.
    const R* state(std::size_t event, std::size_t start) const { return &x_[(event * starts_ + start) * dim_]; }
    R* state(std::size_t event, std::size_t start) { return &x_[(event * starts_ + start) * dim_]; }
    R rounding(std::size_t event, std::size_t start) const { return rounding_[event * starts_ + start]; }
    R& rounding(std::size_t event, std::size_t start) { return rounding_[event * starts_ + start]; }

  private:
    static constexpr std::size_t chunk = 256;  // map numbers asked for at a time

    void apply(Noise<R>& noise, std::size_t count, R* x, R* rounding) {
        for (std::size_t i = 0; i < count; ++i) {
            noise.at(maps_[i]);
            draw_into(f_, noise, p_);
            for (std::size_t s = 0; s < starts_; ++s) apply(x + s * dim_, rounding[s]);
        }
    }

    void apply(R* x, R& rounding) {
        if constexpr (HasLipschitz<M, R>) {
            if (track_rounding_) {
                const R before = magnitude_of(f_, x), lipschitz = f_.lipschitz(p_);
                apply_to(f_, p_, x);
                rounding = fma(lipschitz, rounding, rounding_of_step(f_, lipschitz, before, magnitude_of(f_, x)));
                return;
            }
        }
        apply_to(f_, p_, x);
    }

    const M& f_;
    Word* word_;
    const std::uint32_t* events_;
    std::size_t event_count_, starts_, dim_;
    bool track_rounding_;
    Workspace<R> trunk_, trunk_rounding_;  // after the trunk of the last event
    Workspace<R> x_, rounding_;            // (event, start, component), (event, start)
    Workspace<std::uint32_t> maps_;
    ParameterOf<M, R> p_;
};

}  // namespace foldback::inline FOLDBACK_ISA
