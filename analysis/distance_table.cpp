#include "analysis/distance_table.hpp"

#include <algorithm>

#include "analysis/kolmogorov.hpp"
#include "analysis/wasserstein.hpp"

namespace foldback {
namespace {

bool tabulated(const Setup& setup) {
    return setup.dimension == 1 && setup.metric == "euclidean" && setup.states && setup.has(Order::backward) && setup.replicas >= 4;
}

struct Column {
    const char* name;
    const char* long_name;
};
constexpr Column columns[] = {
    {"w1", "Wasserstein distance W_1 from the law of the limit"},
    {"w1_floor", "W_1 between two samples of the law of the limit"},
    {"w2", "Wasserstein distance W_2 from the law of the limit"},
    {"w2_floor", "W_2 between two samples of the law of the limit"},
    {"ks", "Kolmogorov-Smirnov distance from the law of the limit"},
    {"ks_floor", "Kolmogorov-Smirnov distance that two samples of one law exceed with probability 0.05 at most"},
};

std::vector<double> sorted_half(const Evidence& evidence, Order order, std::size_t start, std::size_t step, bool first) {
    auto all = evidence.values({Quantity::state, order, start, step, 0});
    const auto middle = all.begin() + std::ptrdiff_t(all.size() / 2);
    std::vector<double> half(first ? all.begin() : middle, first ? middle : all.end());
    std::sort(half.begin(), half.end());
    return half;
}

}  // namespace

void add_distance_table(Layout& layout, const Setup& setup) {
    if (!tabulated(setup)) return;
    layout.groups.push_back({"/distance", {}});
    std::string meanings;
    std::vector<std::int64_t> numbers;
    for (Order order : setup.orders) {
        meanings += (meanings.empty() ? "" : " ") + std::string(name(order));
        numbers.push_back(std::int64_t(numbers.size()));
    }
    layout.scales.push_back({"/distance/order", Type::int64, numbers.size(), numbers, "1", "order of composition",
                             {{"flag_values", numbers}, {"flag_meanings", meanings}}});
    layout.scales.push_back({"/distance/start", Type::int64, setup.starts.size(), {}, "1", "start (its coordinates: start_state)", {}});
    layout.scales.push_back({"/distance/step", Type::int64, setup.steps.size(), std::vector<std::int64_t>(setup.steps.begin(), setup.steps.end()),
                             "1", "number of maps composed", {}});
    for (const Column& column : columns) {
        Variable v{.path = std::string("/distance/") + column.name, .dimensions = {"order", "start", "step"}};
        v.long_name = column.long_name;
        layout.variables.push_back(std::move(v));
    }
}

void write_distance_table(OutputFile& file, const Evidence& evidence) {
    const Setup& setup = evidence.setup();
    if (!tabulated(setup)) return;
    std::vector<std::vector<double>> values(std::size(columns));
    for (Order order : setup.orders)
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const auto reference = sorted_half(evidence, Order::backward, s, setup.last(), false);
            const auto other = sorted_half(evidence, Order::backward, s, setup.last(), true);
            const double floors[] = {wasserstein_sorted(other, reference, 1), wasserstein_sorted(other, reference, 2),
                                     dkw_radius(other.size(), reference.size(), 0.05)};
            for (std::size_t c = 0; c < setup.steps.size(); ++c) {
                const auto x = sorted_half(evidence, order, s, c, true);
                const double distances[] = {wasserstein_sorted(x, reference, 1), wasserstein_sorted(x, reference, 2), ks_distance(x, reference)};
                for (std::size_t k = 0; k < 3; ++k) {
                    values[2 * k].push_back(distances[k]);
                    values[2 * k + 1].push_back(floors[k]);
                }
            }
        }
    for (std::size_t k = 0; k < values.size(); ++k) file.write_all(std::string("/distance/") + columns[k].name, values[k].data());
}

}  // namespace foldback
