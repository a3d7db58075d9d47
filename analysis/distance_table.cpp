#include "analysis/distance_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "analysis/batches.hpp"
#include "analysis/directions.hpp"
#include "analysis/kolmogorov.hpp"
#include "analysis/sliced_wasserstein.hpp"
#include "analysis/wasserstein.hpp"

namespace foldback {
namespace {

constexpr double alpha = 0.05;
constexpr int most_sliced_dimensions = 64;
constexpr std::size_t slices = 32, most_sliced_replicas = 2000;

bool tabulated(const Setup& setup) {
    return setup.metric == "euclidean" && setup.states && setup.has(Order::backward) && setup.replicas >= 4 &&
           setup.dimension <= most_sliced_dimensions;
}

struct Name {
    const char* name;
    const char* long_name;
};

std::vector<Name> distances_of(const Setup& setup) {
    if (setup.dimension > 1) return {{"sliced", "sliced Wasserstein distance W_2 from the law of the limit"}};
    return {{"w1", "Wasserstein distance W_1 from the law of the limit"},
            {"w2", "Wasserstein distance W_2 from the law of the limit"},
            {"ks", "Kolmogorov-Smirnov distance from the law of the limit"}};
}

/// What stands beside each distance: the end of its name, and of its long name.
constexpr Name columns[] = {{"", ""},
                                {"_lower", ": lower limit at 95 %, pointwise"},
                                {"_upper", ": upper limit at 95 %, pointwise"},
                                {"_floor", ": what two samples of one law come to"}};

/// One half of the replicas at a checkpoint, (replica, component); `sorted` with its batches, too, on the line.
struct Sample {
    std::vector<double> x, sorted;
    std::vector<std::vector<double>> batches, halves;
    bool finite = true;
};

constexpr std::size_t batch_count = 32;

std::vector<double> in_order(std::span<const double> x) {
    std::vector<double> sorted(x.begin(), x.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

Sample sample_of(const Evidence& evidence, const Address& at, bool first) {
    const Setup& setup = evidence.setup();
    const std::size_t d = std::size_t(setup.dimension), middle = std::size_t(setup.replicas) / 2;
    std::size_t begin = first ? 0 : middle, end = first ? middle : std::size_t(setup.replicas);
    if (d > 1) end = std::min(end, begin + most_sliced_replicas);
    Sample sample;
    sample.x.resize((end - begin) * d);
    for (std::size_t i = 0; i < d; ++i) {
        const auto all = evidence.values({Quantity::state, at.order, at.start, at.step, i});
        for (std::size_t r = begin; r < end; ++r) sample.x[(r - begin) * d + i] = all[r];
    }
    sample.finite = std::all_of(sample.x.begin(), sample.x.end(), [](double v) { return std::isfinite(v); });
    if (d > 1 || !sample.finite) return sample;
    const std::span<const double> whole = sample.x;
    sample.sorted = in_order(whole);
    for (std::size_t b = 0; b < batch_count; ++b) sample.batches.push_back(in_order(Batch{b, batch_count}.of(whole)));
    for (std::size_t b = 0; b < 2; ++b) sample.halves.push_back(in_order(Batch{b, 2}.of(whole)));
    return sample;
}

DistanceEstimate wasserstein_between(const Sample& x, const Sample& y, double p) {
    DistanceEstimate e{wasserstein_sorted(x.sorted, y.sorted, p), {}, 0};
    const auto floor_of = [p](const Sample& s) { return wasserstein_sorted(s.halves[0], s.halves[1], p); };
    const double floors[] = {floor_of(x), floor_of(y)};
    e.floor = std::max(floors[0], floors[1]);
    const double error = batch_radius(std::min(x.x.size(), y.x.size()), alpha / 2, [&](Batch b) {
        return wasserstein_sorted(x.batches[b.number], y.batches[b.number], p);
    });
    e.limits = {std::max(0.0, e.value - floors[0] - floors[1] - error), e.value + error};
    return e;
}

DistanceEstimate ks_between(const Sample& x, const Sample& y) {
    DistanceEstimate e{ks_distance(x.sorted, y.sorted), {}, dkw_radius(x.x.size(), y.x.size(), alpha)};
    e.limits = {std::max(0.0, e.value - e.floor), std::min(1.0, e.value + e.floor)};
    return e;
}

std::vector<DistanceEstimate> estimates(const Setup& setup, const Sample& x, const Sample& y) {
    if (!x.finite || !y.finite) {
        constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
        return std::vector<DistanceEstimate>(distances_of(setup).size(), {unknown, {unknown, unknown}, unknown});
    }
    if (setup.dimension == 1) return {wasserstein_between(x, y, 1), wasserstein_between(x, y, 2), ks_between(x, y)};
    const auto d = std::size_t(setup.dimension);
    constexpr std::uint64_t seed = 1;  // of the directions: fixed, so that a file's table is the same every time
    return {sliced_estimate(x.x, y.x, d, sphere_directions(d, slices, seed), alpha)};
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
    for (const Name& distance : distances_of(setup))
        for (const Name& column : columns) {
            Variable v{.path = std::string("/distance/") + distance.name + column.name, .dimensions = {"order", "start", "step"}};
            v.long_name = std::string(distance.long_name) + column.long_name;
            layout.variables.push_back(std::move(v));
        }
}

void write_distance_table(OutputFile& file, const Evidence& evidence) {
    const Setup& setup = evidence.setup();
    if (!tabulated(setup)) return;
    const auto distances = distances_of(setup);
    std::vector<std::vector<double>> values(distances.size() * std::size(columns));
    for (Order order : setup.orders)
        for (std::size_t s = 0; s < setup.starts.size(); ++s) {
            const Sample limit = sample_of(evidence, {Quantity::state, Order::backward, s, setup.last()}, false);
            for (std::size_t c = 0; c < setup.steps.size(); ++c) {
                const auto found = estimates(setup, sample_of(evidence, {Quantity::state, order, s, c}, true), limit);
                for (std::size_t k = 0; k < found.size(); ++k) {
                    const double row[] = {found[k].value, found[k].limits.lower, found[k].limits.upper, found[k].floor};
                    for (std::size_t i = 0; i < std::size(columns); ++i) values[k * std::size(columns) + i].push_back(row[i]);
                }
            }
        }
    for (std::size_t k = 0; k < distances.size(); ++k)
        for (std::size_t i = 0; i < std::size(columns); ++i)
            file.write_all(std::string("/distance/") + distances[k].name + columns[i].name,
                           values[k * std::size(columns) + i].data());
}

}  // namespace foldback
