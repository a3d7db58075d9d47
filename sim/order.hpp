#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace foldback {

/// The maps of X_n, in the order in which they are applied: those of trunk(n), then those of tail(n). Trunks form a
/// chain: trunk(n) is the beginning of trunk(m) for every m > n. So one pass upwards carries the state after the trunk,
/// and every n that is wanted applies its tail to a copy of it.
class Word {
  public:
    virtual ~Word();
    virtual std::uint64_t trunk_length(std::uint32_t n) = 0;
    /// The numbers (1, 2, ...) of the trunk's maps first, first + 1, ..., as many as `maps` has room for.
    virtual void trunk(std::uint64_t first, std::span<std::uint32_t> maps) = 0;
    virtual std::uint64_t tail_length(std::uint32_t n) = 0;
    virtual void tail(std::uint32_t n, std::uint64_t first, std::span<std::uint32_t> maps) = 0;
};

/// What a word may depend on: the W of a family such as window_W, and the run's seed. Never the replica.
struct WordArguments {
    std::uint32_t width = 0;
    std::uint64_t seed = 0;
};

/// A kind of order, one file in sim/orders/ each.
struct OrderKind {
    const char* name;  ///< "backward"; in a family # stands for the width: "window_#"
    const char* fold;  ///< what X_n is
    const char* cost;  ///< draws and applications
    const char* law;   ///< of X_n, against that of F_n; and whether X_n settles
    /// X_n has the law of F_n at every n for independent, identically distributed maps.
    bool same_law;
    /// Null for symmetrised alone, which is the mean of two orders.
    std::unique_ptr<Word> (*word)(WordArguments);
    std::uint32_t largest_width = 999'999'999;
};

// Those that kernels know by themselves.
extern const OrderKind forward_order, backward_order, symmetrised_order;

/// How the maps f_1, f_2, ... of one replica are composed.
/// forward: F_n = f_n o ... o f_1, a left fold; backward: B_n = f_1 o ... o f_n, a right fold.
struct Order {
    const OrderKind* kind = nullptr;  ///< out of orders()
    std::uint32_t width = 0;          ///< of a family

    static const Order forward, backward;
    friend bool operator==(const Order&, const Order&) = default;
};
inline constexpr Order Order::forward{&forward_order, 0};
inline constexpr Order Order::backward{&backward_order, 0};

/// "forward", "window_16".
std::string name(const Order& order);
/// No kind of that name, or a width beyond its largest: KeyError.
Order order_named(const std::string& name);

/// The maps of an order but symmetrised.
std::unique_ptr<Word> word_of(const Order& order, std::uint64_t seed);
/// The same, owned by the caller: for units compiled per instruction set.
Word* new_word(const Order& order, std::uint64_t seed);

/// A permutation of 1..n that depends on the seed and n alone, uniform over seeds.
void seeded_permutation(std::uint64_t seed, std::uint32_t n, std::uint32_t* maps);

/// Whether X_n has the law of F_n. epoch = 0: the maps are independent and identically distributed. Else they are
/// exchangeable within epochs of that many maps, and the epochs are independent and identically distributed: then the
/// maps of X_n must fall into epochs as those of F_n do, as they do for backward at complete epochs.
bool has_law_of_forward(const Order& order, std::uint64_t seed, std::uint32_t n, std::uint32_t epoch);

}  // namespace foldback
