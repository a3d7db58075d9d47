#pragma once
#include <cstdint>
#include <type_traits>

#include "sim/distributions.hpp"
#include "sim/lanes.hpp"
#include "sim/philox.hpp"
#include "sim/stream.hpp"

namespace foldback {

/// How many items of each packed kind a model draws at every step.
struct Consumption {
    std::uint32_t coins = 0, integers = 0, uniforms = 0, normals = 0;
};

inline namespace FOLDBACK_ISA {

/// Where a Noise stands.
struct NoiseAddress {
    std::uint64_t seed;
    std::uint32_t first_replica, step;
};

/// The draws of width<R> consecutive replicas: a value indexed by (seed, replica, step), never consumed.
///
/// | expression        | type     | law                                                                             |
/// |-------------------|----------|---------------------------------------------------------------------------------|
/// | w.at(n)           | void     | the next reads are those of step n; any order of steps gives the same values    |
/// | w.coin()          | R        | +1 or -1, fair; item n k + j of the replica's coins (128 to a Philox block)     |
/// | w.integer(m)      | Index    | in [0, m), multiply-shift on 32 bits: off uniform by less than m / 2^32         |
/// | w.uniform()       | R        | (word >> 12 + 1/2) 2^-52, in (0, 1); word = lo | hi << 32, 2 to a block         |
/// | w.normal()        | R        | Box-Muller on the two uniforms of a block: item 2b cosine, 2b + 1 sine          |
/// | w.exponential()   | R        | -log(uniform), reads an item of the uniforms                                    |
/// | w.general(f)      | R        | f(Stream&) per replica, in their order: any Boost.Random distribution           |
/// | w.address()       | NoiseAddress | seed, first replica and step: for what several steps share                  |
///
/// j counts the reads of a kind at this step; k is the model's Consumption of it. Reading more than k throws
/// InternalError: item k would be the next step's. Counter = (block low, block high, replica, purpose), key = seed.
template <class R>
class Noise {
  public:
    static constexpr int lanes = width<R>;
    using Index = std::conditional_t<std::is_same_v<R, double>, std::uint64_t, Words<lanes>>;

    Noise(std::uint64_t seed, std::uint32_t first_replica, Consumption per_step)
        : seed_(seed), first_replica_(first_replica), coins_(per_step.coins), integers_(per_step.integers),
          uniforms_(per_step.uniforms), normals_(per_step.normals) {
        for (int i = 0; i < lanes; ++i) replicas_.set(i, first_replica + std::uint32_t(i));
    }

    void at(std::uint32_t step) {
        step_ = step;
        for (Cursor* kind : {&coins_, &integers_, &uniforms_, &normals_}) {
            kind->item = std::uint64_t(step) * kind->per_step;
            kind->end = kind->item + kind->per_step;
        }
    }

    NoiseAddress address() const { return {seed_, first_replica_, step_}; }

    R coin() {
        const std::uint64_t item = take(coins_, "coins");
        const auto& words = block(coins_, item / 128, Purpose::coins);
        const Words<lanes> bit = words[(item % 128) / 32] >> int(item % 32) & Words<lanes>(1);
        return scalar(as_lanes<lanes>((bit ^ Words<lanes>(1)) << 63 | as_words(Lanes<lanes>(1.0))));
    }

    Index integer(std::uint32_t m) {
        const std::uint64_t item = take(integers_, "integers");
        const auto& words = block(integers_, item / 4, Purpose::integers);
        return scalar(multiply_low_halves(words[item % 4], Words<lanes>(m)) >> 32);
    }

    R uniform() {
        const std::uint64_t item = take(uniforms_, "uniforms");
        const auto& words = block(uniforms_, item / 2, Purpose::uniforms);
        return scalar(to_uniform(words, 2 * (item % 2)));
    }

    R normal() {
        const std::uint64_t item = take(normals_, "normals");
        if (normals_.block != item / 2) {
            const auto& words = block(normals_, item / 2, Purpose::normals);
            const auto pair = normal_pair(to_uniform(words, 0), to_uniform(words, 2));
            pair_[0] = pair.first;
            pair_[1] = pair.second;
        }
        return scalar(pair_[item % 2]);
    }

    R exponential() { return foldback::exponential(uniform()); }

    template <class F>
    R general(F draw) {
        return each_lane<R>([&](int i) {
            Stream stream(seed_, first_replica_ + std::uint32_t(i), step_);
            return draw(stream);
        });
    }

  private:
    struct Cursor {
        explicit Cursor(std::uint32_t k) : per_step(k) {}
        std::uint32_t per_step;
        std::uint64_t item = 0, end = 0;
        std::uint64_t block = ~std::uint64_t{0};  // which block `words` holds: a memo of a pure function
        PhiloxBlock<lanes> words{};
    };

    std::uint64_t take(Cursor& kind, const char* what) {
        if (kind.item == kind.end) noise_exhausted(what);
        return kind.item++;
    }

    const PhiloxBlock<lanes>& block(Cursor& kind, std::uint64_t number, Purpose purpose) {
        if (kind.block != number) {
            kind.block = number;
            kind.words = philox_block<lanes>({Words<lanes>(number & 0xffffffffULL), Words<lanes>(number >> 32), replicas_,
                                            Words<lanes>(std::uint64_t(purpose))}, seed_);
        }
        return kind.words;
    }

    static Lanes<lanes> to_uniform(const PhiloxBlock<lanes>& words, std::uint64_t first) {
        const Words<lanes> word = words[first] | words[first + 1] << 32;
        return as_lanes<lanes>(word >> 12 | as_words(Lanes<lanes>(1.0))) - Lanes<lanes>(1.0 - 0x1p-53);
    }

    static R scalar(Lanes<lanes> x) {
        if constexpr (std::is_same_v<R, double>) return x[0]; else return x;
    }
    static Index scalar(Words<lanes> x) {
        if constexpr (std::is_same_v<R, double>) return x[0]; else return x;
    }

    std::uint64_t seed_;
    std::uint32_t first_replica_, step_ = 0;
    Words<lanes> replicas_{0};
    Cursor coins_, integers_, uniforms_, normals_;
    Lanes<lanes> pair_[2]{0.0, 0.0};
};

/// table[index], lane by lane.
inline double gather(const double* table, std::uint64_t index) { return table[index]; }
template <int W>
Lanes<W> gather(const double* table, Words<W> index) {
    Lanes<W> r;
    for (int i = 0; i < W; ++i) r.v[i] = table[index.v[i]];
    return r;
}

}  // namespace FOLDBACK_ISA
}  // namespace foldback
