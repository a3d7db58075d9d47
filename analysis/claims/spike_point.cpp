#include "analysis/claims/spike_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "analysis/claims/common.hpp"
#include "analysis/hill.hpp"

namespace foldback::claims {
namespace {

constexpr double fewest_maps = 100;

/// Index of the checkpoint nearest to half the last step.
std::size_t middle_of(const Setup& setup) {
    const double half = setup.steps.back() / 2.0;
    return std::size_t(
        std::min_element(setup.steps.begin(), setup.steps.end(),
                         [half](double a, double b) { return std::abs(a - half) < std::abs(b - half); }) -
        setup.steps.begin());
}

double log_size(double x) { return std::log(std::max(std::abs(x), std::numeric_limits<double>::min())); }

}  // namespace

std::string SpikePoint::text() {
    return "growth of log|w| per map: count, mean, m2, m3, m4, min, max; replicas with a non-finite state, the first "
           "step of "
           "all; Hill's tail index of |w_n|, its k";
}

void SpikePoint::into(std::span<double> summary) const {
    const double all[size] = {double(growth.count), growth.mean, growth.m2,      growth.m3,  growth.m4, growth.min,
                              growth.max,           diverged,    first_diverged, tail_index, tail_k};
    std::copy(std::begin(all), std::end(all), summary.begin());
}

SpikePoint SpikePoint::from(std::span<const double> s) {
    const SampleMoments growth{std::isnan(s[0]) ? 0 : std::uint64_t(s[0]), s[1], s[2], s[3], s[4], s[5], s[6]};
    return {growth, s[7], s[8], s[9], s[10]};
}

Interval SpikePoint::growth_limits(double level) const { return mean_interval(growth, level); }
Interval SpikePoint::tail_limits(double level) const { return hill_limits(tail_index, std::size_t(tail_k), level); }

std::string no_spike_point(const Setup& setup) {
    if (setup.dimension != 1)
        return "the state has " + std::to_string(setup.dimension) + " dimensions: needs scalar maps";
    const Truth& t = setup.truth;
    if (!t.affine || !t.lyapunov || !t.lipschitz_moment || !t.lipschitz_moment(2) || !t.log_lipschitz_variance ||
        !(t.log_lipschitz_variance->value < infinity))
        return "needs scalar affine maps whose E log|a|, Var log|a| and E a^2 are known";
    if (const auto missing = missing_law(setup); !missing.empty()) return missing;
    if (const auto failed = not_independent(setup); !failed.empty()) return failed;
    const double last = setup.steps.back(), middle = setup.steps[middle_of(setup)];
    if (last < fewest_maps || middle < last / 4 || middle > 3 * last / 4)
        return "needs " + number(fewest_maps) + " maps or more and a checkpoint about half-way: the last is " +
               number(last) + ", nearest to its half is " + number(middle);
    if (setup.replicas < 100) return std::to_string(setup.replicas) + " replicas: needs 100 or more";
    return "";
}

SpikePoint spike_point(const Evidence& evidence) {
    const Setup& setup = evidence.setup();
    const Order order = orders_of_one_law(setup).front();
    const std::size_t middle = middle_of(setup);
    const auto late = evidence.values({Quantity::state, order, 0, setup.last()});
    const auto early = evidence.values({Quantity::state, order, 0, middle});
    const auto diverged = evidence.values({Quantity::diverged_step, order, 0});
    const double maps = double(setup.steps.back()) - double(setup.steps[middle]);
    SpikePoint point;
    std::vector<double> growth(late.size());
    for (std::size_t r = 0; r < late.size(); ++r) {
        if (std::isfinite(late[r])) {
            growth[r] = (log_size(late[r]) - log_size(early[r])) / maps;
            continue;
        }
        growth[r] = std::log(std::numeric_limits<double>::max()) / diverged[r];
        point.first_diverged = point.diverged > 0 ? std::min(point.first_diverged, diverged[r]) : diverged[r];
        ++point.diverged;
    }
    point.growth = moments(growth);
    const HillEstimate tail = hill(late, late.size() / 10, 0.05);
    point.tail_index = tail.index;
    point.tail_k = double(tail.k);
    return point;
}

double driftless_growth(const Setup& setup) {
    const std::uint32_t last = setup.steps.back(), middle = setup.steps[middle_of(setup)];
    double sum = 0;
    for (std::uint32_t k = middle + 1; k <= last; ++k) sum += 1 / std::sqrt(double(k));
    return std::sqrt(setup.truth.log_lipschitz_variance->value / (2 * std::numbers::pi)) * sum / double(last - middle);
}

Phase phase_of(const Setup& setup) {
    if (setup.truth.lyapunov->value > 0) return Phase::diverges;
    return setup.truth.lipschitz_moment(2)->value < 1 ? Phase::finite_variance : Phase::heavy_tail;
}

Interval measured_phase(Interval growth, Interval tail_index, double driftless) {
    const double diverges = double(Phase::diverges), heavy = double(Phase::heavy_tail),
                 light = double(Phase::finite_variance);
    if (growth.lower > driftless) return {diverges, diverges};
    // A tail that a non-finite state leaves unknown compares as neither.
    const double first = tail_index.upper < 2 ? heavy : light, last = tail_index.lower > 2 ? light : heavy;
    return {first, growth.upper < driftless ? last : diverges};
}

}  // namespace foldback::claims
