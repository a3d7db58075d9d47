#pragma once
#include <cstdint>

#include "sim/block.hpp"
#include "sim/gain.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// The coalescing sweep: all of B_{n_1}(x), ..., B_{n_E}(x) for all starts x in one pass from the last step to the first.
/// At step n_e the starts are injected; every drawn map is applied once to every live partial composition; at steps
/// divisible by 16 neighbours that have met become one. Costs n_E draws and n_E (mean live set) applications.
/// Source: theory.md, `coalescence`.
///
/// Injected compositions are *leaves*, numbered in the order of injection (late steps first, starts in their order), so
/// that those which share a live composition are always a range of leaves. Two leaves are merged lane by lane: a live
/// composition leaves the list when all lanes have met, but what is recorded does not depend on that.
template <class R, class M>
class Sweep {
  public:
    /// `events`: the steps 1 <= n_1 < ... < n_E; rounding radii need M's lipschitz.
    Sweep(const M& f, const std::uint32_t* events, std::size_t event_count, std::size_t start_count, double tolerance,
          bool track_rounding)
        : f_(f), events_(events), event_count_(event_count), start_count_(start_count), dim_(std::size_t(dimension_of<R>(f))),
          tolerance_(tolerance), track_rounding_(track_rounding), leaves_(event_count * start_count), x_(leaves_ * dim_),
          first_(leaves_), last_(leaves_), merge_time_(leaves_), item_of_(leaves_), rounding_(track_rounding_ ? leaves_ : 0),
          error_(tolerance > 0 ? leaves_ : 0), previous_(2 * dim_) {}

    /// `starts`: (start, component). `prefix`: read only when merging on a tolerance.
    void run(Noise<R>& noise, const R* starts, const Prefix& prefix) {
        live_ = 0;
        next_event_ = event_count_;
        live_count_ = live_sum_ = R(0.0);
        auto p = make_parameter<R>(f_);
        for (std::uint32_t step = events_[event_count_ - 1]; step > 0; --step) {
            if (next_event_ > 0 && events_[next_event_ - 1] == step) inject(starts);
            noise.at(step);
            draw_into(f_, noise, p);
            apply(p);
            if (step % 16 == 0) merge(step, prefix);
            live_sum_ += live_count_;
        }
        for (std::size_t i = 0; i < live_; ++i)
            for (std::size_t q = first_[i]; q <= last_[i]; ++q) item_of_[q] = i;
        if (track_rounding_) share_rounding();
    }

    /// B_{events[event]}(starts[start]), its components.
    const R* state(std::size_t event, std::size_t start) const { return x_.data() + item_of_[leaf(event, start)] * dim_; }
    /// rounding_radius of that state (theory.md, E), by Horner's rule along the sweep: the largest of those that have met.
    R rounding(std::size_t event, std::size_t start) const { return rounding_[item_of_[leaf(event, start)]]; }
    /// What merging on a tolerance can have changed in it, at most.
    R error(std::size_t event, std::size_t start) const { return error_[leaf(event, start)]; }
    /// Maps applied to this leaf until it met the leaf before it, seen at steps divisible by 16; 0 if it never did.
    R merge_time(std::size_t event, std::size_t start) const { return merge_time_[leaf(event, start)]; }
    /// Mean number of different live compositions over the steps.
    R mean_live_set() const { return live_sum_ / R(double(events_[event_count_ - 1])); }

  private:
    std::size_t leaf(std::size_t event, std::size_t start) const { return (event_count_ - 1 - event) * start_count_ + start; }

    void inject(const R* starts) {
        --next_event_;
        for (std::size_t s = 0; s < start_count_; ++s) {
            const std::size_t q = leaf(next_event_, s);
            for (std::size_t d = 0; d < dim_; ++d) x_[live_ * dim_ + d] = starts[s * dim_ + d];
            first_[live_] = last_[live_] = q;
            merge_time_[q] = R(0.0);
            if (track_rounding_) rounding_[live_] = R(0.0);
            if (tolerance_ > 0) error_[q] = R(0.0);
            ++live_;
        }
        live_count_ += R(double(start_count_));
    }

    void apply(const ParameterOf<M, R>& p) {
        if constexpr (HasLipschitz<M, R>)
            if (track_rounding_) return apply_all<true>(p);
        apply_all<false>(p);
    }

    template <bool Track>
    void apply_all(const ParameterOf<M, R>& p) {
        if constexpr (is_scalar<R, M>) apply_inlined<Track>(p); else apply_each<Track>(p);
    }
    // With the map's constants in registers throughout: most of a run in one dimension is spent here.
    template <bool Track>
    [[gnu::flatten]] void apply_inlined(const ParameterOf<M, R>& p) {
        apply_each<Track>(p);
    }

    template <bool Track>
    void apply_each(const ParameterOf<M, R>& p) {
        for (std::size_t i = 0; i < live_; ++i) {
            R* x = &x_[i * dim_];
            if constexpr (Track) {
                const R before = magnitude_of(f_, x), lipschitz = f_.lipschitz(p);
                apply_to(f_, p, x);
                rounding_[i] = fma(lipschitz, rounding_[i], rounding_of_step(f_, lipschitz, before, magnitude_of(f_, x)));
            } else {
                apply_to(f_, p, x);
            }
        }
    }

    // All comparisons see the values before this merge, so that the outcome in a lane does not depend on its neighbours.
    void merge(std::uint32_t step, const Prefix& prefix) {
        if (live_ == 0) return;
        std::size_t kept = 0;
        R moved(0.0);  // by how much (at most) this merge moved the item before, as it counts in B_n
        R* before = previous_.data();
        R* here = previous_.data() + dim_;
        copy(before, &x_[0]);
        for (std::size_t i = 1; i < live_; ++i) {
            R* x = &x_[i * dim_];
            copy(here, x);
            const std::size_t q = first_[i];
            const auto already = merge_time_[q] != R(0.0);
            const auto meets = tolerance_ > 0 ? distance_between(f_, here, before) <= R(tolerance_) : equal_bits(here, before);
            const auto newly = meets & !already;
            if (any(newly)) {
                const std::uint32_t injected = events_[event_count_ - 1 - q / start_count_];
                merge_time_[q] = select(newly, R(double(injected - step + 1)), merge_time_[q]);
                live_count_ -= select(newly, R(1.0), R(0.0));
            }
            const auto joined = newly | already;
            if (tolerance_ > 0) {
                moved = select(newly, R(tolerance_) * prefix.before<R>(step) + moved, select(already, moved, R(0.0)));
                for (std::size_t d = 0; d < dim_; ++d) x[d] = select(joined, x_[kept * dim_ + d], x[d]);
                for (std::size_t l = q; l <= last_[i]; ++l) error_[l] += moved;
            }
            if (all(joined)) {
                last_[kept] = last_[i];
                if (track_rounding_) rounding_[kept] = larger(rounding_[kept], rounding_[i]);
            } else if (++kept != i) {
                copy(&x_[kept * dim_], x);
                if (track_rounding_) rounding_[kept] = rounding_[i];
                first_[kept] = first_[i];
                last_[kept] = last_[i];
            }
            std::swap(before, here);
        }
        live_ = kept + 1;
    }

    // Radii of equal states grow alike, so that the largest of them may be taken late: when all lanes have met, or now, in the
    // lanes that have. Which it is shows in no lane.
    void share_rounding() {
        for (std::size_t i = 1; i < live_; ++i)
            rounding_[i] = select(merge_time_[first_[i]] != R(0.0), larger(rounding_[i], rounding_[i - 1]), rounding_[i]);
        for (std::size_t i = live_; i-- > 1;)
            rounding_[i - 1] = select(merge_time_[first_[i]] != R(0.0), rounding_[i], rounding_[i - 1]);
    }

    void copy(R* to, const R* from) const {
        for (std::size_t d = 0; d < dim_; ++d) to[d] = from[d];
    }
    auto equal_bits(const R* x, const R* y) const {
        auto equal = as_words(x[0]) == as_words(y[0]);
        for (std::size_t d = 1; d < dim_; ++d) equal = equal & (as_words(x[d]) == as_words(y[d]));
        return equal;
    }

    const M& f_;
    const std::uint32_t* events_;
    std::size_t event_count_, start_count_, dim_;
    double tolerance_;
    bool track_rounding_;
    std::size_t leaves_, live_ = 0, next_event_ = 0;
    Workspace<R> x_;                                 // live compositions, oldest injection first
    Workspace<std::size_t> first_, last_;            // the leaves that share each
    Workspace<R> merge_time_;                        // by leaf
    Workspace<std::size_t> item_of_;                 // by leaf, once the sweep is over
    Workspace<R> rounding_;                          // by live composition: the largest radius of the leaves that share it
    Workspace<R> error_, previous_;
    R live_count_, live_sum_;
};

}  // namespace foldback::inline FOLDBACK_ISA
