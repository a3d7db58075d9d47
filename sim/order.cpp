#include "sim/order.hpp"

#include <algorithm>
#include <array>

#include "sim/error.hpp"
#include "sim/nearest_name.hpp"
#include "sim/order_registry.hpp"
#include "sim/orders/backward.hpp"
#include "sim/orders/block_reversed.hpp"
#include "sim/orders/forward.hpp"
#include "sim/orders/palindrome.hpp"
#include "sim/orders/reshuffled.hpp"
#include "sim/orders/symmetrised.hpp"
#include "sim/orders/window.hpp"
#include "sim/settings.hpp"

namespace foldback {
namespace {

template <class T>
std::unique_ptr<Word> word(WordArguments arguments) {
    return std::make_unique<rules::WordOf<T>>(arguments);
}

bool is_family(const OrderKind& kind) { return std::string_view(kind.name).find('#') != std::string_view::npos; }

/// The number in the place of a family's #; the name is one of the family.
std::uint32_t width_in(const std::string& text, const OrderKind& kind) {
    const std::string_view family = kind.name;
    const std::size_t mark = family.find('#');
    return std::uint32_t(std::stoul(text.substr(mark, text.size() - (family.size() - 1))));
}

/// Calls visit(position, map) for the maps of X_n until it returns false; whether it never did.
template <class Visit>
bool every_map(Word& word, std::uint32_t n, Visit visit) {
    std::array<std::uint32_t, 256> chunk;
    std::uint64_t position = 0;
    for (const bool tail : {false, true}) {
        const std::uint64_t length = tail ? word.tail_length(n) : word.trunk_length(n);
        for (std::uint64_t first = 0; first < length; first += chunk.size()) {
            const std::span<std::uint32_t> maps(chunk.data(), std::size_t(std::min<std::uint64_t>(chunk.size(), length - first)));
            if (tail) word.tail(n, first, maps); else word.trunk(first, maps);
            for (std::uint32_t map : maps)
                if (!visit(position++, map)) return false;
        }
    }
    return true;
}

}  // namespace

Word::~Word() = default;

constinit const OrderKind forward_order{ForwardOrder::name, ForwardOrder::fold, ForwardOrder::cost, ForwardOrder::law, ForwardOrder::same_law, &word<ForwardOrder>};
constinit const OrderKind backward_order{BackwardOrder::name, BackwardOrder::fold, BackwardOrder::cost, BackwardOrder::law, BackwardOrder::same_law, &word<BackwardOrder>};
constinit const OrderKind symmetrised_order{SymmetrisedOrder::name, SymmetrisedOrder::fold, SymmetrisedOrder::cost, SymmetrisedOrder::law, SymmetrisedOrder::same_law, nullptr};

// One line per kind, in the order in which they are listed.
OrderRegistry::OrderRegistry() {
    add(forward_order);
    add(backward_order);
    add(order_kind<WindowOrder>());
    add(order_kind<BlockReversedOrder>());
    add(order_kind<PalindromeOrder>());
    add(order_kind<ReshuffledOrder>());
    add(symmetrised_order);
}

OrderRegistry& orders() {
    static OrderRegistry registry;
    return registry;
}

void OrderRegistry::add(const OrderKind& kind) {
    const std::string_view text = kind.name;
    const bool spelled = !text.empty() && text.front() >= 'a' && text.front() <= 'z' && std::count(text.begin(), text.end(), '#') <= 1 &&
                         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_#") == std::string_view::npos;
    if (!spelled) throw InternalError("an order is called '" + std::string(text) + "': use lower-case letters, digits, _ and one # for a width");
    for (const char* group : {"claims", "config", "distance", "law", "maps", "merging", "model", "moments", "paths", "progress", "replica", "stopped"})
        if (text == group) throw InternalError("an order is called '" + std::string(text) + "', a group of every file: choose another name");
    for (const OrderKind* other : kinds_)
        if (text == other->name || is_allowed(text, {other->name})) throw InternalError("an order is called '" + std::string(text) + "', as another one: choose another name");
    kinds_.push_back(&kind);
}

std::vector<std::string> OrderRegistry::names() const {
    std::vector<std::string> names;
    for (const OrderKind* kind : kinds_) names.emplace_back(kind->name);
    return names;
}

std::string name(const Order& order) {
    std::string text = order.kind->name;
    const std::size_t mark = text.find('#');
    return mark == std::string::npos ? text : text.replace(mark, 1, std::to_string(order.width));
}

Order order_named(const std::string& text) {
    for (const OrderKind* kind : orders().kinds()) {
        if (!is_allowed(text, {kind->name})) continue;
        if (!is_family(*kind)) return {kind, 0};
        const std::uint32_t width = width_in(text, *kind);
        if (width > kind->largest_width)
            throw KeyError("ensemble.orders", "ensemble.orders: '" + text + "' is too wide; the largest width of " + kind->name + " is " + std::to_string(kind->largest_width));
        return {kind, width};
    }
    throw KeyError("ensemble.orders", "ensemble.orders: '" + text + "' is unknown; " + suggestion(text, orders().names()));
}

std::unique_ptr<Word> word_of(const Order& order, std::uint64_t seed) {
    if (!order.kind->word) throw InternalError("the order " + name(order) + " is no word of maps");
    return order.kind->word({order.width, seed});
}

Word* new_word(const Order& order, std::uint64_t seed) { return word_of(order, seed).release(); }

bool has_law_of_forward(const Order& order, std::uint64_t seed, std::uint32_t n, std::uint32_t epoch) {
    if (!order.kind->same_law) return false;
    if (epoch == 0 || n <= 1 || order == Order::forward) return true;
    if (order == Order::backward) return n <= epoch || n % epoch == 0;
    std::vector<std::uint64_t> epoch_of((n - 1) / epoch + 1, ~std::uint64_t{0});  // by the epoch of F_n's map at that position
    const bool whole = every_map(*word_of(order, seed), n, [&](std::uint64_t position, std::uint32_t map) {
        if (position >= n) return false;
        std::uint64_t& mine = epoch_of[std::size_t(position / epoch)];
        if (mine == ~std::uint64_t{0}) mine = (map - 1) / epoch;
        return mine == (map - 1) / epoch;
    });
    std::sort(epoch_of.begin(), epoch_of.end());
    return whole && std::adjacent_find(epoch_of.begin(), epoch_of.end()) == epoch_of.end();
}

void seeded_permutation(std::uint64_t seed, std::uint32_t n, std::uint32_t* maps) {
    ReshuffledOrder order({n, seed});
    for (std::uint32_t i = 0; i < n; ++i) maps[i] = std::uint32_t(order.trunk(i));
}

}  // namespace foldback
