#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "sim/load_columns.hpp"
#include "sim/noise.hpp"
#include "sim/workspace.hpp"

// Rows of a data set, as the text of a loss reads them: rows.count() of them, x(s, i) the feature i of row s, y(s) its
// target. All replicas see the same SharedRows; every lane has drawn its own DrawnRows.
namespace foldback::inline FOLDBACK_ISA {

struct SharedRows {
    const double* features;  ///< (row, column)
    const double* targets;   ///< (row)
    std::size_t rows, columns;

    std::size_t count() const { return rows; }
    double share() const { return 1.0 / double(rows); }
    double x(std::size_t s, std::size_t i) const { return features[s * columns + i]; }
    double y(std::size_t s) const { return targets[s]; }
    SharedRows part(std::size_t first, std::size_t length) const {
        return {features + first * columns, targets + first, length, columns};
    }
};

template <class R>
class DrawnRows {
  public:
    DrawnRows(std::size_t count, std::size_t columns, std::size_t shuffled)
        : count_(count),
          columns_(columns),
          features_(count * columns * W),
          targets_(count * W),
          index_(count * W),
          order_(shuffled * W),
          share_(1.0 / double(count)) {}

    std::size_t count() const { return count_; }
    double share() const { return share_; }  ///< of one row: 1 / count()
    R x(std::size_t s, std::size_t i) const { return load<R>(&features_[(i * count_ + s) * W]); }
    R y(std::size_t s) const { return load<R>(&targets_[s * W]); }
    /// Which row of the data row s of a lane is.
    std::uint32_t index(std::size_t s, int lane) const { return std::uint32_t(index_[s * W + std::size_t(lane)]); }

    /// The mean of table[index] over the rows, lane by lane.
    R mean_of(const double* table) const {
        R sum(0.0);
        for (std::size_t s = 0; s < count_; ++s) sum += each_lane<R>([&](int l) { return table[index(s, l)]; });
        return sum / R(double(count_));
    }

    /// Row s of lane l is row drawn[l] of the data; of a single lane, row `drawn`.
    template <class Index>
    void set_index(std::size_t s, const Index& drawn) {
        static_assert(sizeof drawn == W * sizeof(std::uint64_t));
        std::memcpy(&index_[s * W], &drawn, sizeof drawn);
    }
    /// Copies the rows that set_index chose.
    void gather(const SharedRows& data) {
        for (std::size_t s = 0; s < count_; ++s) {
            const double* from[W];
            for (std::size_t l = 0; l < W; ++l) from[l] = data.features + index_[s * W + l] * columns_;
            store(&targets_[s * W], each_lane<R>([&](int l) { return data.targets[index(s, l)]; }));
            gather_columns(s, from);
        }
    }

    /// All rows in their order, for all lanes alike: they stay.
    bool holds_all() const { return known_; }
    void gather_all(const SharedRows& data) {
        for (std::size_t s = 0; s < count_; ++s)
            for (std::size_t l = 0; l < W; ++l) index_[s * W + l] = s;
        gather(data);
        known_ = true;
    }

    /// Chooses the rows of batch `at` of an epoch of `size` rows. Their order is a pure function of (seed, replica,
    /// epoch), made by Fisher and Yates; that of the last epoch asked for is kept, until another one is wanted.
    void choose_from_epoch(Noise<R>& w, std::uint32_t epoch, std::uint32_t at, std::uint32_t size) {
        const NoiseAddress here = w.address();
        if (!known_ || here.seed != seed_ || here.first_replica != first_replica_ || epoch != epoch_) {
            shuffle(w, epoch, size);
            w.at(here.step);
            seed_ = here.seed;
            first_replica_ = here.first_replica;
            epoch_ = epoch;
            known_ = true;
        }
        for (std::size_t k = 0; k < count_ * W; ++k) index_[k] = order_[at * count_ * W + k];
    }

  private:
    static constexpr std::size_t W = width<R>;

    // The lanes of a register, filled one register after the other.
    static constexpr std::size_t V = std::min<std::size_t>(W, widest);

    void gather_columns(std::size_t s, const double* const* from) {
        constexpr std::size_t most = std::min<std::size_t>(V, 4), two = std::min<std::size_t>(V, 2);
        std::size_t done = 0;
        for (; done + most <= columns_; done += most) gather_block<most>(s, done, from);
        for (; done + two <= columns_; done += two) gather_block<two>(s, done, from);
        for (; done < columns_; ++done)
            for (std::size_t l = 0; l < W; ++l) features_[(done * count_ + s) * W + l] = from[l][done];
    }
    template <std::size_t H>
    void gather_block(std::size_t s, std::size_t first, const double* const* from) {
        for (std::size_t l = 0; l < W; l += V) {
            Lanes<int(V)> x[H];
            load_columns<int(H)>(from + l, first, x);
            for (std::size_t i = 0; i < H; ++i) store(&features_[((first + i) * count_ + s) * W + l], x[i]);
        }
    }

    // The general draws of step `epoch`, which sampling with its own packed integers does not use; off uniform by less
    // than size / 2^32.
    void shuffle(Noise<R>& w, std::uint32_t epoch, std::uint32_t size) {
        w.at(epoch);
        std::size_t l = 0;
        w.general([&](auto& stream) {
            for (std::size_t k = 0; k < size; ++k) order_[k * W + l] = std::uint32_t(k);
            for (std::uint64_t left = size; left > 1; --left) {
                std::uint32_t& last = order_[(left - 1) * W + l];
                std::uint32_t& drawn = order_[(std::uint64_t(stream()) * left >> 32) * W + l];
                const std::uint32_t kept = last;
                last = drawn;
                drawn = kept;
            }
            ++l;
            return 0.0;
        });
    }

    std::size_t count_, columns_;
    Workspace<double> features_;      // (column, row, lane)
    Workspace<double> targets_;       // (row, lane)
    Workspace<std::uint64_t> index_;  // (row, lane)
    Workspace<std::uint32_t> order_;  // (position in the epoch, lane)
    double share_;
    bool known_ = false;
    std::uint64_t seed_ = 0;
    std::uint32_t first_replica_ = 0, epoch_ = 0;
};

/// Sums over rows.
template <class X>
struct Score {
    X loss;  ///< of the losses, without the regulariser
    X hits;  ///< the number of rows whose class is foretold; 0 where there are no classes
};

/// f(0), ..., f(B - 1), one by one: small arrays that they index stay in registers.
template <std::size_t B, class F>
[[gnu::always_inline]] inline void unrolled(F f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) { (f(K), ...); }(std::make_index_sequence<B>{});
}

/// Calls f(B, first) for blocks of B = 8, 4, 2, 1 consecutive items that cover 0 .. count - 1; B is a constant's type.
template <class F>
void in_blocks(std::size_t count, F f) {
    std::size_t first = 0;
    for (; first + 8 <= count; first += 8) f(std::integral_constant<int, 8>{}, first);
    if (count - first >= 4) {
        f(std::integral_constant<int, 4>{}, first);
        first += 4;
    }
    if (count - first >= 2) {
        f(std::integral_constant<int, 2>{}, first);
        first += 2;
    }
    if (count - first >= 1) f(std::integral_constant<int, 1>{}, first);
}

}  // namespace foldback::inline FOLDBACK_ISA
