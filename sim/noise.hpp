#pragma once
#include <algorithm>
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
/// | w.coin(x)         | R        | +x or -x by the next coin                                                       |
/// | w.integer(m)      | Index    | in [0, m), multiply-shift on 32 bits: off uniform by less than m / 2^32         |
/// | w.uniform()       | R        | (word >> 12 + 1/2) 2^-52, in (0, 1); word = lo | hi << 32, 2 to a block         |
/// | w.normal()        | R        | Box-Muller on the two uniforms of a block: item 2b cosine, 2b + 1 sine          |
/// | w.normals(to, k)  | void     | the same as k reads, to[0] the first of them                                    |
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
        : seed_(seed), first_replica_(first_replica), per_step_(per_step) {
        for (int i = 0; i < page_lanes; ++i) {
            in_page_.set(i, std::uint64_t(i / lanes));
            replicas_.set(i, first_replica + std::uint32_t(i % lanes));
        }
    }

    void at(std::uint32_t step) {
        step_ = step;
        read_ = {};
    }

    NoiseAddress address() const { return {seed_, first_replica_, step_}; }

    R coin() { return coin(R(1.0)); }
    R coin(const R& x) {
        const std::uint64_t item = take(read_.coins, per_step_.coins, "coins");
        const Words<lanes>& word = fetch(coins_, item / 128, Purpose::coins)[item % 128 / 32];
        // The bit goes where the sign is, inverted.
        return scalar(as_lanes<lanes>((~(word << int(63 - item % 32)) & Words<lanes>(1ULL << 63)) ^ as_words(Lanes<lanes>(x))));
    }

    Index integer(std::uint32_t m) {
        const std::uint64_t item = take(read_.integers, per_step_.integers, "integers");
        return scalar(multiply_low_halves(fetch(integers_, item / 4, Purpose::integers)[item % 4], Words<lanes>(m)) >> 32);
    }

    R uniform() {
        const std::uint64_t item = take(read_.uniforms, per_step_.uniforms, "uniforms"), first = 2 * (item % 2);
        const PhiloxBlock<lanes>& words = fetch(uniforms_, item / 2, Purpose::uniforms);
        return scalar(to_uniform(words[first], words[first + 1]));
    }

    R normal() {
        const std::uint64_t item = take(read_.normals, per_step_.normals, "normals");
        return normals_of(item / page_normals)[item % page_normals];
    }
    void normals(R* to, std::uint32_t count) {
        std::uint64_t item = take(read_.normals, per_step_.normals, "normals", count);
        const std::uint64_t end = item + count;
        while (item < end) {
            const R* page = normals_of(item / page_normals);
            const std::uint64_t stop = std::min(end, (item / page_normals + 1) * page_normals);
            for (; item < stop; ++item) *to++ = page[item % page_normals];
        }
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
    // Blocks are made by the page, so many at a time as keep the processor busy: a memo of a pure function.
    static constexpr std::uint64_t blocks = lanes < widest || lanes >= interleaved * widest ? 1 : std::uint64_t(interleaved * widest / lanes);
    static constexpr int page_lanes = lanes * int(blocks);
    static constexpr std::uint64_t page_normals = 2 * blocks;

    struct Page {
        std::uint64_t number = ~std::uint64_t{0};  // which page `block` holds
        PhiloxBlock<lanes> block[blocks]{};
    };

    // The number of the kind's next item among all steps', of `count` that are read.
    std::uint64_t take(std::uint32_t& read, std::uint32_t per_step, const char* what, std::uint32_t count = 1) {
        if (count > per_step - read) noise_exhausted(what);
        const std::uint64_t item = std::uint64_t(step_) * per_step + read;
        read += count;
        return item;
    }

    const PhiloxBlock<lanes>& fetch(Page& kind, std::uint64_t block, Purpose purpose) {
        if (kind.number != block / blocks) fill(kind, block / blocks, purpose);
        return kind.block[block % blocks];
    }

    [[gnu::noinline]] void fill(Page& kind, std::uint64_t page, Purpose purpose) {
        kind.number = page;
        const PhiloxBlock<page_lanes> words = blocks_of(page, purpose);
        for (std::size_t b = 0; b < blocks; ++b)
            for (std::size_t i = 0; i < 4; ++i) kind.block[b][i] = part<lanes>(words[i], b);
    }

    const R* normals_of(std::uint64_t page) {
        if (page_ != page) fill_normals(page);
        return normals_;
    }
    [[gnu::noinline]] void fill_normals(std::uint64_t page) {
        page_ = page;
        const PhiloxBlock<page_lanes> words = blocks_of(page, Purpose::normals);
        const auto pairs = normal_pair(to_uniform(words[0], words[1]), to_uniform(words[2], words[3]));
        for (std::size_t b = 0; b < blocks; ++b) {
            normals_[2 * b] = scalar(part<lanes>(pairs.first, b));
            normals_[2 * b + 1] = scalar(part<lanes>(pairs.second, b));
        }
    }

    // Four words of all blocks of a page: (block, lane).
    PhiloxBlock<page_lanes> blocks_of(std::uint64_t page, Purpose purpose) const {
        const std::uint64_t first = page * blocks;  // its low half does not overflow within a page
        return philox_block<page_lanes>({Words<page_lanes>(first & 0xffffffffULL) + in_page_, Words<page_lanes>(first >> 32), replicas_,
                                         Words<page_lanes>(std::uint64_t(purpose))}, seed_);
    }

    template <int W>
    static Lanes<W> to_uniform(const Words<W>& low, const Words<W>& high) {
        return as_lanes<W>((low | high << 32) >> 12 | as_words(Lanes<W>(1.0))) - Lanes<W>(1.0 - 0x1p-53);
    }

    static R scalar(Lanes<lanes> x) {
        if constexpr (std::is_same_v<R, double>) return x[0]; else return x;
    }
    static Index scalar(Words<lanes> x) {
        if constexpr (std::is_same_v<R, double>) return x[0]; else return x;
    }

    std::uint64_t seed_;
    std::uint32_t first_replica_, step_ = 0;
    Consumption per_step_, read_;
    Words<page_lanes> in_page_{0}, replicas_{0};  // the block in the page, and the replica, of each of its lanes
    Page coins_, integers_, uniforms_;
    std::uint64_t page_ = ~std::uint64_t{0};  // whose normals are held: cosine and sine of each block
    R normals_[page_normals]{};
};

/// table[index], lane by lane.
inline double gather(const double* table, std::uint64_t index) { return table[index]; }
template <int W>
Lanes<W> gather(const double* table, Words<W> index) {
    Lanes<W> r;
    for (int i = 0; i < W; ++i) r.set(i, table[index[i]]);
    return r;
}

}  // namespace FOLDBACK_ISA
}  // namespace foldback
