#include "analysis/distance_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "analysis/directions.hpp"
#include "analysis/kolmogorov.hpp"
#include "analysis/sliced_wasserstein.hpp"
#include "analysis/sorted_sample.hpp"
#include "analysis/wasserstein.hpp"
#include "sim/parallel.hpp"

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

/// One half of the replicas at a checkpoint, (replica, component).
struct Sample {
    std::vector<double> x;
    SortedSample sorted;  ///< on the line
    bool finite = true;
};

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
    if (d == 1 && sample.finite) sample.sorted = SortedSample(sample.x);
    return sample;
}

DistanceEstimate wasserstein_between(const SortedSample& x, const SortedSample& y, double p) {
    const double floors[] = {x.noise_floor(p), y.noise_floor(p)}, error = batch_radius_between(x, y, p, alpha / 2);
    DistanceEstimate e{wasserstein_sorted(x.whole, y.whole, p), {}, std::max(floors[0], floors[1])};
    e.limits = {std::max(0.0, e.value - floors[0] - floors[1] - error), e.value + error};
    return e;
}

DistanceEstimate ks_between(const SortedSample& x, const SortedSample& y) {
    DistanceEstimate e{ks_distance(x.whole, y.whole), {}, dkw_radius(x.whole.size(), y.whole.size(), alpha)};
    e.limits = {std::max(0.0, e.value - e.floor), std::min(1.0, e.value + e.floor)};
    return e;
}

std::vector<DistanceEstimate> estimates(const Setup& setup, const Sample& x, const Sample& y) {
    if (!x.finite || !y.finite) {
        constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
        return std::vector<DistanceEstimate>(distances_of(setup).size(), {unknown, {unknown, unknown}, unknown});
    }
    if (setup.dimension == 1) return {wasserstein_between(x.sorted, y.sorted, 1), wasserstein_between(x.sorted, y.sorted, 2), ks_between(x.sorted, y.sorted)};
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

void write_distance_table(OutputFile& file, const Evidence& evidence, int threads) {
    const Setup& setup = evidence.setup();
    if (!tabulated(setup)) return;
    const std::size_t orders = setup.orders.size(), starts = setup.starts.size(), steps = setup.steps.size();
    std::vector<Sample> limits(starts);
    in_parallel(threads, starts, [&](std::size_t s) { limits[s] = sample_of(evidence, {Quantity::state, Order::backward, s, setup.last()}, false); });
    std::vector<std::vector<DistanceEstimate>> found(orders * starts * steps);
    in_parallel(threads, found.size(), [&](std::size_t i) {
        const std::size_t c = i % steps, s = i / steps % starts;
        found[i] = estimates(setup, sample_of(evidence, {Quantity::state, setup.orders[i / steps / starts], s, c}, true), limits[s]);
    });
    const auto distances = distances_of(setup);
    for (std::size_t k = 0; k < distances.size(); ++k) {
        const auto write = [&](const Name& column, auto value) {
            std::vector<double> values;
            for (const auto& all : found) values.push_back(value(all[k]));
            file.write_all(std::string("/distance/") + distances[k].name + column.name, values.data());
        };
        write(columns[0], [](const DistanceEstimate& e) { return e.value; });
        write(columns[1], [](const DistanceEstimate& e) { return e.limits.lower; });
        write(columns[2], [](const DistanceEstimate& e) { return e.limits.upper; });
        write(columns[3], [](const DistanceEstimate& e) { return e.floor; });
    }
}

}  // namespace foldback
