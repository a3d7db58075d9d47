#include "analysis/claims/order_ladder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/claims/common.hpp"
#include "sim/sgd_truth.hpp"

namespace foldback::claims {
namespace {

// The expansion is in n h L; every checkpoint is recomposed directly, so that long runs would pay n for each of them.
constexpr double largest_length = 0.05;
constexpr std::uint32_t most_steps = 256;

double length(const Ladder& ladder) {
    const auto& sgd = ladder.setups.front()->truth.sgd;
    if (!sgd || !sgd->curvature) return std::numeric_limits<double>::quiet_NaN();
    return double(ladder.setups.front()->steps.back()) * ladder.values.front() * sgd->curvature->value;
}

// n eps max|X_n|, the start included: of each of n steps at most half an ulp a component, in two compositions.
double rounding_of(const Evidence& evidence, std::size_t start) {
    const Setup& setup = evidence.setup();
    const Order order = setup.orders.front();
    double largest = 0;
    for (double x : setup.starts[start]) largest += x * x;
    if (!evidence.has(Quantity::state, order)) return std::numeric_limits<double>::quiet_NaN();
    std::vector<double> squares(std::size_t(setup.replicas));
    for (std::size_t i = 0; i < std::size_t(setup.dimension); ++i) {
        const auto x = evidence.values({Quantity::state, order, start, setup.last(), i});
        for (std::size_t r = 0; r < squares.size(); ++r) squares[r] += x[r] * x[r];
    }
    largest = std::max(largest, *std::max_element(squares.begin(), squares.end()));
    return double(setup.steps.back()) * std::numeric_limits<double>::epsilon() * std::sqrt(largest);
}

std::size_t size_of_start(const Setup& setup, std::size_t quantities) {
    return quantities * std::size_t(setup.replicas) + 1;
}

}  // namespace

std::string no_order_expansion(const Ladder& ladder, Quantity quantity) {
    for (const Setup* setup : ladder.setups) {
        if (!setup->can_record(quantity))
            return "the model's maps are not known to be gradient steps with a Hessian: order_difference is not there";
        const std::uint32_t n = setup->steps.back();
        if (n < 2) return "the last checkpoint is n = 1: one step has one order";
        if (n > most_steps)
            return "the last checkpoint is n = " + std::to_string(n) +
                   ": an expansion for few steps, needs n <= " + std::to_string(most_steps);
    }
    if (const double at = length(ladder); at > largest_length)
        return "n h L = " + number(at) + " at the smallest step: needs n h L <= " + number(largest_length);
    return "";
}

std::string order_label(const Setup& setup) { return "n = " + std::to_string(setup.steps.back()); }

std::string order_rests_on(const Ladder& ladder) {
    const double at = length(ladder);
    return std::isnan(at) ? "small n h L at the smallest step, L not known"
                          : "n h L = " + number(at) + " at the smallest step";
}

std::size_t order_summary_size(const Setup& setup, std::size_t quantities) {
    return setup.starts.size() * size_of_start(setup, quantities);
}

void summarise_orders(const Evidence& evidence, const std::vector<Quantity>& quantities, std::span<double> summary) {
    const Setup& setup = evidence.setup();
    std::fill(summary.begin(), summary.end(), std::numeric_limits<double>::quiet_NaN());
    const std::size_t replicas = std::size_t(setup.replicas), size = size_of_start(setup, quantities.size());
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        const auto part = summary.subspan(s * size, size);
        for (std::size_t q = 0; q < quantities.size(); ++q) {
            if (!evidence.has(quantities[q], Order::forward)) return;
            const auto values = evidence.values({quantities[q], Order::forward, s, setup.last(), 0});
            std::copy(values.begin(), values.end(), part.begin() + std::ptrdiff_t(q * replicas));
        }
        part.back() = rounding_of(evidence, s);
    }
}

Measured measured_orders(const Ladder& ladder, const std::vector<std::span<const double>>& summaries,
                         std::size_t quantities, std::size_t which, std::size_t start) {
    Measured y;
    y.ladder.x = ladder.values;
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        const std::size_t replicas = std::size_t(ladder.setups[k]->replicas);
        const std::size_t size = size_of_start(*ladder.setups[k], quantities);
        const auto part = summaries[k].subspan(start * size, size);
        const auto values = part.subspan(which * replicas, replicas);
        y.ladder.values.emplace_back(values.begin(), values.end());
        y.error.push_back(part.back());
    }
    return y;
}

std::size_t first_above_rounding(const Measured& y) {
    std::size_t first = y.size();
    while (first > 0 && y.ladder.mean(first - 1) >= resolution * y.error[first - 1]) --first;
    return first;
}

void report_means(const Measured& y, std::size_t row, double level, ClaimResult& result) {
    for (std::size_t k = 0; k < y.size(); ++k) {
        Cell& cell = result.at(row, k);
        cell.verdict = Verdict::not_applicable;
        if (!(y.ladder.mean(k) >= resolution * y.error[k])) continue;
        const Interval limits = mean_interval(y.ladder.values[k], level);
        cell.measured = y.ladder.mean(k);
        cell.lower = limits.lower;
        cell.upper = limits.upper;
    }
}

}  // namespace foldback::claims
