#include "sim/quantity.hpp"

#include <array>

#include "sim/error.hpp"

namespace foldback {
namespace {

using Q = Quantity;
//                  name                 by: order  start  step   comp   asked
constexpr std::array<QuantityInfo, 16> table{{
    {Q::state, "state", true, true, true, true, false, "state of the composition after n maps"},
    {Q::increment, "increment", true, true, true, false, true, "distance between the states after n + 1 and n maps"},
    {Q::spread, "spread", true, false, true, false, true, "largest distance between the starts after n maps"},
    {Q::rounding_radius, "rounding_radius", true, true, true, false, true, "distance by which rounding can have moved the state"},
    {Q::path_mean, "path_mean", true, true, true, true, true, "mean of the states after 1, ..., n maps"},
    {Q::diverged_step, "diverged_step", true, true, false, false, false, "first step with a non-finite state, 0 if there is none"},
    {Q::certified_radius, "certified_radius", true, true, true, false, true, "bound for the distance to the backward limit"},
    {Q::merge_time, "merge_time", true, true, true, false, false, "maps applied until the partial composition met its older neighbour, 0 if it did not"},
    {Q::merge_error, "merge_error", true, true, true, false, false, "bound for the error by merging on a tolerance"},
    {Q::live_set, "live_set", true, false, false, false, false, "mean number of live partial compositions"},
    {Q::lipschitz_product, "lipschitz_product", false, false, true, false, true, "bound for the Lipschitz constant of n composed maps"},
    {Q::next_displacement, "next_displacement", false, true, true, false, true, "distance from the start to its image under map n + 1"},
    {Q::stopped_state, "state", true, true, false, true, false, "state at the stopping time"},
    {Q::stop_step, "stop_step", false, false, false, false, false, "stopping time of the Lipschitz product"},
    {Q::stopped_radius, "radius", false, true, false, false, false, "bound for the distance from the stopped backward state to an exact draw"},
    {Q::stop_censored, "censored", false, false, false, false, false, "whether max_steps came before the stopping time"},
}};

}  // namespace

const QuantityInfo& info(Quantity quantity) {
    for (const auto& row : table)
        if (row.quantity == quantity) return row;
    throw InternalError("a quantity without a row in the table");
}

const QuantityInfo& info(const std::string& name) {
    for (const auto& row : table)
        if (row.observable && row.name == name) return row;
    throw InternalError("no observable is called '" + name + "'");
}

std::string path_of(Quantity quantity, Order order) {
    const std::string last = info(quantity).name;
    switch (quantity) {
        case Q::lipschitz_product:
        case Q::next_displacement: return "/maps/" + last;
        case Q::stop_step:
        case Q::stopped_radius:
        case Q::stop_censored: return "/stopped/" + last;
        case Q::stopped_state: return std::string("/stopped/") + name(order) + "/" + last;
        case Q::merge_time:
        case Q::merge_error:
        case Q::live_set: return "/merging/" + last;
        default: return std::string("/") + name(order) + "/" + last;
    }
}

}  // namespace foldback
