#include "analysis/claims/pass_ladder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace foldback::claims {
namespace {

constexpr std::size_t most_batches = 256;

std::size_t batches_of(const Setup& setup) { return std::min(most_batches, std::size_t(setup.replicas)); }
std::size_t batch_size(const Setup& setup) { return std::size_t(setup.dimension) + 1; }
std::size_t size_of_start(const Setup& setup) { return 1 + batches_of(setup) * batch_size(setup); }

// Adds to the batch means of one item, of all batches, a series over replicas, its share 1/checkpoints.
void add_to_batches(const Setup& setup, const std::vector<double>& values, double share, std::size_t item,
                    std::span<double> batches) {
    const std::size_t count = batches_of(setup), replicas = values.size();
    for (std::size_t b = 0; b < count; ++b) {
        const std::size_t first = b * replicas / count, last = (b + 1) * replicas / count;
        const double sum =
            std::accumulate(values.begin() + std::ptrdiff_t(first), values.begin() + std::ptrdiff_t(last), 0.0);
        batches[b * batch_size(setup) + item] += share * sum / double(last - first);
    }
}

void summarise_start(const Evidence& evidence, std::size_t start, std::span<double> summary) {
    const Setup& setup = evidence.setup();
    const Order order = setup.orders.front();
    const auto checkpoints = checkpoints_at_start(setup);
    const double share = 1 / double(checkpoints.size());
    const std::size_t dimension = std::size_t(setup.dimension), operators = setup.truth.composite->operators.size();
    std::fill(summary.begin(), summary.end(), 0.0);
    const auto batches = summary.subspan(1);
    for (std::size_t k : checkpoints) {
        for (std::size_t i = 0; i < dimension; ++i)
            add_to_batches(setup, evidence.values({Quantity::antithetic_deviation, order, start, k, i}), share, i,
                           batches);
        for (std::size_t n = 0; n < operators; ++n) {
            auto squares = evidence.values({Quantity::gradient_error, order, start, k, n});
            for (double& x : squares) x *= x;
            add_to_batches(setup, squares, share, dimension, batches);
            const auto rounding = evidence.values({Quantity::gradient_rounding, order, start, k, n});
            summary[0] = std::max(summary[0], *std::max_element(rounding.begin(), rounding.end()));
        }
    }
}

// What keeps a pass from having a bias of even order; empty if nothing does.
std::string not_symmetric(const char* what, const CompositeTruth::Pass& pass) {
    if (!pass.perturbed) return "";
    const std::string name = std::string("the perturbation of the ") + what;
    if (!pass.zero_mean) return name + " is not zero-mean: " + pass.biased_by;
    if (!pass.independent) return name + " depends on the signal: needs an absolute amplitude";
    return pass.symmetric ? "" : name + " has no symmetric law";
}

}  // namespace

std::string no_pass_ladder(const Setup& setup) {
    for (Quantity q : {Quantity::antithetic_deviation, Quantity::gradient_error, Quantity::gradient_rounding})
        if (auto why = no_passes(setup, q); !why.empty()) return why;
    const CompositeTruth& truth = *setup.truth.composite;
    if (!truth.forward.perturbed) return "the forward pass is not perturbed";
    for (const auto& [what, pass] :
         {std::pair{"forward pass", &truth.forward}, {"backward pass", &truth.backward}, {"gradient", &truth.gradient}})
        if (auto why = not_symmetric(what, *pass); !why.empty()) return why;
    for (const auto& one : truth.operators)
        if (!one.smooth) return one.name + " has no Lipschitz derivative: its bias may be of first order";
    return no_checkpoint_at_start(setup);
}

std::size_t pass_summary_size(const Setup& setup) { return setup.starts.size() * size_of_start(setup); }

std::string pass_summary_text() {
    return "start: largest rounding of a gradient; then by batch of replicas: mean antithetic deviation by component, "
           "mean |g~ - g|^2";
}

void summarise_passes(const Evidence& evidence, std::span<double> summary) {
    const Setup& setup = evidence.setup();
    std::fill(summary.begin(), summary.end(), std::numeric_limits<double>::quiet_NaN());
    for (Quantity q : {Quantity::antithetic_deviation, Quantity::gradient_error, Quantity::gradient_rounding})
        if (!evidence.has(q, setup.orders.front())) return;
    for (std::size_t s = 0; s < setup.starts.size(); ++s)
        summarise_start(evidence, s, summary.subspan(s * size_of_start(setup), size_of_start(setup)));
}

PassLadder::PassLadder(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, std::size_t start)
    : amplitudes_(ladder.values),
      batches_(batches_of(*ladder.setups.front())),
      dimension_(std::size_t(ladder.setups.front()->dimension)) {
    const std::size_t size = size_of_start(*ladder.setups.front());
    for (const auto& summary : summaries) points_.push_back(summary.subspan(start * size, size));
}

std::span<const double> PassLadder::batch(std::size_t point, std::size_t index) const {
    return points_[point].subspan(1 + index * (dimension_ + 1), dimension_ + 1);
}

bool PassLadder::finite() const {
    return std::all_of(points_.begin(), points_.end(), [](const auto& point) {
        return std::all_of(point.begin(), point.end(), [](double x) { return std::isfinite(x); });
    });
}

std::vector<SampleMoments> PassLadder::coordinates(std::size_t point) const {
    std::vector<SampleMoments> all;
    std::vector<double> one(batches_);
    for (std::size_t i = 0; i < dimension_; ++i) {
        for (std::size_t b = 0; b < batches_; ++b) one[b] = batch(point, b)[i];
        all.push_back(moments(one));
    }
    return all;
}

Measured PassLadder::error_squares() const {
    Measured y;
    for (std::size_t k = 0; k < size(); ++k) {
        y.ladder.x.push_back(amplitudes_[k] * amplitudes_[k]);
        y.ladder.values.emplace_back();
        for (std::size_t b = 0; b < batches_; ++b) y.ladder.values.back().push_back(batch(k, b).back());
        y.error.push_back(rounding(k) * (2 * std::sqrt(y.ladder.mean(k)) + rounding(k)));
    }
    return y;
}

Measured PassLadder::bias_along_its_direction() const {
    const std::size_t half = batches_ / 2;
    std::vector<double> direction(dimension_);
    for (std::size_t b = 0; b < half; ++b)
        for (std::size_t i = 0; i < dimension_; ++i) direction[i] += batch(size() - 1, b)[i];
    const double length = std::sqrt(std::inner_product(direction.begin(), direction.end(), direction.begin(), 0.0));
    Measured y;
    for (std::size_t k = 0; k < size(); ++k) {
        y.ladder.x.push_back(amplitudes_[k] * amplitudes_[k]);
        y.ladder.values.emplace_back();
        for (std::size_t b = half; b < batches_; ++b) {
            const auto values = batch(k, b).first(dimension_);
            const double along = std::inner_product(direction.begin(), direction.end(), values.begin(), 0.0);
            y.ladder.values.back().push_back(along / (length > 0 ? length : 1));
        }
        y.error.push_back(rounding(k));
    }
    return y;
}

}  // namespace foldback::claims
