#include "analysis/claims/ode_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/affine_recursion.hpp"
#include "analysis/claims/common.hpp"
#include "analysis/control_variate.hpp"
#include "analysis/flows/gradient_flow.hpp"
#include "analysis/flows/moment_closure.hpp"
#include "sim/time_grid.hpp"

namespace foldback::claims {
namespace {

using Vector = std::vector<double>;

// The closure has d + d^2 equations.
constexpr int most_dimensions = 64;
// What integrating the flows, and the recursion's rounding, can move a moment by, relative to the moments' size.
constexpr double relative_error = 1e-11;

/// The references at one time, and the two numbers of each miss that stand behind a summary's series.
struct References {
    Vector flow;
    flows::MeanAndCovariance closure;
};

double norm(const Vector& a) {
    double sum = 0;
    for (double x : a) sum += x * x;
    return std::sqrt(sum);
}
Vector difference(const Vector& a, const Vector& b) {
    Vector c(a);
    for (std::size_t i = 0; i < c.size(); ++i) c[i] -= b[i];
    return c;
}
double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}
double trace(const Vector& matrix, std::size_t d) {
    double sum = 0;
    for (std::size_t i = 0; i < d; ++i) sum += matrix[i * d + i];
    return sum;
}

std::vector<References> references(const Setup& setup, std::size_t start) {
    const SgdTruth& sgd = *setup.truth.sgd;
    const auto flow = flows::gradient_flow(sgd, setup.starts[start], setup.times);
    auto closure = flows::moment_closure(sgd, setup.starts[start], setup.times);
    std::vector<References> all;
    for (std::size_t k = 0; k < flow.size(); ++k) all.push_back({flow[k], std::move(closure[k])});
    return all;
}

// From the flow to the closure's mean; the first axis where they are one.
Vector direction(const References& at) {
    Vector v = difference(at.closure.mean, at.flow);
    const double length = norm(v);
    if (length == 0) v[0] = 1;
    for (double& x : v) x /= length == 0 ? 1 : length;
    return v;
}

// E of the linear twin after n maps: y' = y - h H (y - th*).
Vector twin_mean(const Setup& setup, std::size_t start, std::int64_t n) {
    const SgdTruth& sgd = *setup.truth.sgd;
    const std::size_t d = sgd.optimum.size();
    Vector away = difference(setup.starts[start], sgd.optimum);
    for (std::int64_t k = 0; k < n; ++k) {
        const Vector before = away;
        for (std::size_t i = 0; i < d * d; ++i) away[i / d] -= sgd.step * sgd.hessian[i] * before[i % d];
    }
    for (std::size_t i = 0; i < d; ++i) away[i] += sgd.optimum[i];
    return away;
}

// Exact moments. A block: the three misses, the error of each, the distance of the closure's mean from the flow.
enum Exact { exact_misses = 0, exact_errors = 3, exact_apart = 6, exact_size = 7 };

void summarise_exactly(const Setup& setup, std::size_t start, const std::vector<References>& at,
                       std::span<double> blocks) {
    AffineRecursion moments(*setup.truth.affine, setup.starts[start]);
    for (std::size_t k = 0; k < at.size(); ++k) {
        const auto block = blocks.subspan(k * exact_size, exact_size);
        moments.to(std::uint32_t(steps_of_time(setup.times[k], setup.truth.sgd->step)));
        block[0] = norm(difference(moments.mean(), at[k].flow));
        block[1] = norm(difference(moments.mean(), at[k].closure.mean));
        block[2] = norm(difference(moments.covariance(), at[k].closure.covariance));
        const double size = norm(setup.starts[start]) + norm(moments.mean());
        block[3] = block[4] = relative_error * size;
        block[5] = relative_error * norm(moments.covariance());
        block[exact_apart] = norm(difference(at[k].closure.mean, at[k].flow));
    }
}

// Monte Carlo. A block: v . F_n by replica, its control taken off; |F_n - mean|^2 R/(R - 1) by replica; v . flow,
// v . closure's mean, trace of the closure's covariance.
std::size_t replica_block(const Setup& setup) { return 2 * std::size_t(setup.replicas) + 3; }

void summarise_replicas(const Evidence& evidence, std::size_t start, std::size_t checkpoint, const References& at,
                        std::span<double> block) {
    const Setup& setup = evidence.setup();
    const std::size_t replicas = std::size_t(setup.replicas), d = std::size_t(setup.dimension);
    const Vector v = direction(at);
    Vector along(replicas), twin(replicas), squares(replicas);
    const bool controlled = has_control(setup) && evidence.has(Quantity::control, Order::forward);
    for (std::size_t i = 0; i < d; ++i) {
        const auto x = evidence.values({Quantity::state, Order::forward, start, checkpoint, i});
        const double mean = moments(x).mean, unbias = double(replicas) / (double(replicas) - 1);
        for (std::size_t r = 0; r < replicas; ++r) {
            along[r] += v[i] * x[r];
            squares[r] += (x[r] - mean) * (x[r] - mean) * unbias;
        }
        if (!controlled) continue;
        const auto y = evidence.values({Quantity::control, Order::forward, start, checkpoint, i});
        for (std::size_t r = 0; r < replicas; ++r) twin[r] += v[i] * y[r];
    }
    if (controlled)
        along = with_fitted_control(along, twin, dot(v, twin_mean(setup, start, setup.steps[checkpoint]))).values;
    std::copy(along.begin(), along.end(), block.begin());
    std::copy(squares.begin(), squares.end(), block.begin() + std::ptrdiff_t(replicas));
    block[2 * replicas] = dot(v, at.flow);
    block[2 * replicas + 1] = dot(v, at.closure.mean);
    block[2 * replicas + 2] = trace(at.closure.covariance, d);
}

std::span<const double> block_of(const Setup& setup, std::span<const double> summary, std::size_t start,
                                 std::size_t time) {
    const std::size_t size = has_exact_moments(setup) ? std::size_t(exact_size) : replica_block(setup);
    return summary.subspan((start * setup.times.size() + time) * size, size);
}

}  // namespace

std::string no_flows(const Setup& setup) {
    const auto& sgd = setup.truth.sgd;
    if (!sgd) return "the model is not SGD without momentum on a loss whose derivatives are known";
    if (setup.truth.epoch != 0) return "batches are drawn without replacement within epochs: needs independent maps";
    if (!sgd->gradient || !sgd->hessian_at || !sgd->covariance_at || !(sgd->quadratic || sgd->third))
        return "the loss does not know its derivatives up to the third, and its noise, at every point";
    if (setup.dimension > most_dimensions)
        return "dimension " + std::to_string(setup.dimension) + ": the moment closure needs " +
               std::to_string(most_dimensions) + " or less";
    if (setup.times.empty())
        return "no times t = n h that all points share: write ensemble.steps = { time = [0.5, 1.0] }";
    return has_exact_moments(setup) ? "" : missing_orders(setup, {Order::forward});
}

bool has_exact_moments(const Setup& setup) { return setup.truth.affine && setup.truth.sgd->quadratic; }

bool has_control(const Setup& setup) {
    const SgdTruth& sgd = *setup.truth.sgd;
    return setup.can_record(Quantity::control) && !sgd.optimum.empty() && !sgd.hessian.empty();
}

std::size_t miss_summary_size(const Setup& setup) {
    return setup.starts.size() * setup.times.size() *
           (has_exact_moments(setup) ? std::size_t(exact_size) : replica_block(setup));
}

void summarise_misses(const Evidence& evidence, std::span<double> summary) {
    const Setup& setup = evidence.setup();
    const bool exact = has_exact_moments(setup);
    std::fill(summary.begin(), summary.end(), std::numeric_limits<double>::quiet_NaN());
    if (!exact && !evidence.has(Quantity::state, Order::forward)) return;
    const std::size_t size = exact ? std::size_t(exact_size) : replica_block(setup),
                      of_start = setup.times.size() * size;
    for (std::size_t s = 0; s < setup.starts.size(); ++s) {
        const auto at = references(setup, s);
        const auto blocks = summary.subspan(s * of_start, of_start);
        if (exact) {
            summarise_exactly(setup, s, at, blocks);
            continue;
        }
        for (std::size_t k = 0; k < at.size(); ++k) {
            const auto n = std::uint32_t(steps_of_time(setup.times[k], setup.truth.sgd->step));
            const auto found = std::find(setup.steps.begin(), setup.steps.end(), n);
            if (found == setup.steps.end()) continue;
            summarise_replicas(evidence, s, std::size_t(found - setup.steps.begin()), at[k],
                               blocks.subspan(k * size, size));
        }
    }
}

Measured miss_along(const Ladder& ladder, const std::vector<std::span<const double>>& summaries, std::size_t start,
                    std::size_t time, Miss miss) {
    Measured y;
    y.ladder.x = ladder.values;
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        const Setup& setup = *ladder.setups[k];
        const auto block = block_of(setup, summaries[k], start, time);
        const std::size_t which = std::size_t(miss), replicas = std::size_t(setup.replicas);
        if (has_exact_moments(setup)) {  // three equal values: limits of no width
            y.ladder.values.emplace_back(3, block[exact_misses + which]);
            y.error.push_back(block[exact_errors + which]);
            continue;
        }
        const auto series = block.subspan(miss == Miss::covariance ? replicas : 0, replicas);
        const double reference = block[2 * replicas + which];
        y.ladder.values.emplace_back(series.begin(), series.end());
        for (double& value : y.ladder.values.back()) value -= reference;
        y.error.push_back(relative_error * std::abs(reference));
    }
    return y;
}

std::vector<double> closure_from_flow(const Ladder& ladder, const std::vector<std::span<const double>>& summaries,
                                      std::size_t start, std::size_t time) {
    std::vector<double> apart;
    for (std::size_t k = 0; k < ladder.size(); ++k) {
        const Setup& setup = *ladder.setups[k];
        const auto block = block_of(setup, summaries[k], start, time);
        const std::size_t references = 2 * std::size_t(setup.replicas);
        apart.push_back(has_exact_moments(setup) ? block[exact_apart] : block[references + 1] - block[references]);
    }
    return apart;
}

}  // namespace foldback::claims
