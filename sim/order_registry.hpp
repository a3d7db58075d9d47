#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sim/order.hpp"

namespace foldback {

/// The kinds a program knows: those of sim/orders/ and what it adds before it reads a configuration.
class OrderRegistry {
  public:
    /// Throws InternalError for a name that is taken, reserved for a group of the file, or not made of lower-case
    /// letters, digits, _ and at most one #.
    void add(const OrderKind& kind);
    const std::vector<const OrderKind*>& kinds() const { return kinds_; }
    /// Their names, families with #.
    std::vector<std::string> names() const;

  private:
    friend OrderRegistry& orders();
    OrderRegistry();
    std::vector<const OrderKind*> kinds_;
};
OrderRegistry& orders();

namespace rules {

template <class T>
class WordOf final : public Word {
  public:
    explicit WordOf(WordArguments arguments) : rule_(make(arguments)) {}
    std::uint64_t trunk_length(std::uint32_t n) override { return rule_.trunk_length(n); }
    void trunk(std::uint64_t first, std::span<std::uint32_t> maps) override {
        for (std::uint32_t& map : maps) map = std::uint32_t(rule_.trunk(first++));
    }
    std::uint64_t tail_length(std::uint32_t n) override { return rule_.tail_length(n); }
    void tail(std::uint32_t n, std::uint64_t first, std::span<std::uint32_t> maps) override {
        for (std::uint32_t& map : maps) map = std::uint32_t(rule_.tail(n, first++));
    }

  private:
    static T make(WordArguments arguments) {
        if constexpr (requires { T{arguments}; }) return T{arguments}; else return T{};
    }
    T rule_;
};

}  // namespace rules

/// The kind of order that T describes, a struct with
///   static constexpr const char *name, *fold, *cost, *law; static constexpr bool same_law;
///   trunk_length(n), tail_length(n)   how many maps there are before and after the fork at n
///   trunk(i), tail(n, i)              the number of the i-th of them, i = 0, 1, ...
/// made from WordArguments if it takes them, once per block of replicas.
template <class T>
const OrderKind& order_kind() {
    static constexpr std::unique_ptr<Word> (*make)(WordArguments) = [](WordArguments a) -> std::unique_ptr<Word> {
        return std::make_unique<rules::WordOf<T>>(a);
    };
    static constexpr std::uint32_t widest = [] {
        if constexpr (requires { T::largest_width; }) return T::largest_width; else return std::uint32_t(999'999'999);
    }();
    static constexpr OrderKind kind{T::name, T::fold, T::cost, T::law, T::same_law, make, widest};
    return kind;
}

}  // namespace foldback
