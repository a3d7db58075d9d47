#include "models/losses/sgd_truth.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/laws/affine_moments.hpp"
#include "sim/elementary.hpp"

namespace foldback {

namespace {

using Values = std::vector<double>;

double mean(const Values& v) { return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size()); }
double power_mean(const Values& v, double p) {
    double sum = 0;
    for (double x : v) sum += std::pow(x, p);
    return sum / double(v.size());
}

/// Bounds for the Lipschitz constants of the maps of single samples.
Values sample_constants(const SgdPlan& plan, const FiniteSumFacts& facts) {
    Values constants(facts.lower.size());
    for (std::size_t i = 0; i < constants.size(); ++i)
        constants[i] = std::max(step_norm(plan, facts.lower[i]), step_norm(plan, facts.upper[i]));
    return constants;
}

// A batch's constant lies between these two: above 0 where |1 - h mu| or the gap between mu and L keeps it there.
struct LogRange {
    double lower, upper;
};
LogRange log_range(const SgdPlan& plan, const FiniteSumFacts& facts, const Values& constants) {
    const auto [least, most] = std::minmax_element(facts.lower.begin(), facts.lower.end());
    double gap = infinity;
    for (std::size_t i = 0; i < constants.size(); ++i) gap = std::min(gap, facts.upper[i] - facts.lower[i]);
    const double a = 1 - plan.step * *most, b = 1 - plan.step * *least;
    const double away = a > 0 ? a : b < 0 ? -b : 0;
    // With momentum the norm is at least the root of the determinant.
    const double lower = std::max({away, plan.step * gap / 2, std::sqrt(plan.momentum)});
    return {std::log(lower), std::log(*std::max_element(constants.begin(), constants.end()))};
}

void add_single_sample_contraction(Truth& t, const Values& constants, Label label) {
    t.lipschitz_moment = [constants, label](double p) -> std::optional<Fact> {
        return Fact{power_mean(constants, p), label};
    };
    if (std::count(constants.begin(), constants.end(), 0.0) > 0) {
        t.chi = Fact{-infinity, label};
        t.log_lipschitz_variance = Fact{infinity, label};
        return;
    }
    // Both from the first one's logarithm: where all are equal, the variance is 0 without rounding.
    const double first = std::log(constants[0]), count = double(constants.size());
    double log_mean = first, square = 0;
    for (double k : constants) log_mean += (std::log(k) - first) / count;
    for (double k : constants) square += std::pow(std::log(k) - log_mean, 2) / count;
    t.chi = Fact{log_mean, label};
    t.log_lipschitz_variance = Fact{square, label};
}

// The constant of a batch is at most the mean of its samples' constants.
void add_batch_contraction(Truth& t, const Values& constants, const LogRange& range) {
    t.lipschitz_moment = [constants](double p) -> std::optional<Fact> {
        const double value = p >= 1 ? power_mean(constants, p) : std::pow(mean(constants), p);
        return Fact{value, Label::bound};
    };
    t.chi = Fact{std::log(mean(constants)), Label::bound};
    const double width = range.upper - range.lower;  // a variance is at most a quarter of the squared range
    t.log_lipschitz_variance = Fact{width * width / 4, Label::bound};
}

void add_contraction(Truth& t, const SgdPlan& plan, const FiniteSumFacts& facts) {
    if (facts.lower.empty()) return;
    const Values constants = sample_constants(plan, facts);
    const auto [smallest, largest] = std::minmax_element(constants.begin(), constants.end());
    // Equal constants at equal lower bounds: every batch has that very constant.
    const bool constant = *smallest == *largest && *smallest == step_norm(plan, facts.lower[0]) &&
                          std::equal(facts.lower.begin() + 1, facts.lower.end(), facts.lower.begin());
    const bool single = plan.sampling.batch == 1;
    const Label label = facts.sharp && single ? Label::exact : Label::bound;
    if (single || constant)
        add_single_sample_contraction(t, constants, label);
    else
        add_batch_contraction(t, constants, log_range(plan, facts, constants));
    // With replacement a batch may hold one sample throughout.
    const bool attained = facts.sharp && (single || !plan.sampling.reshuffled);
    t.lipschitz_sure = Fact{*largest, attained ? Label::exact : Label::bound};
}

struct GradientSums {
    Values mean;
    double variance = 0;            // trace of the covariance
    double first = 0, largest = 0;  // of |f(x) - x| for batches of one
};

GradientSums gradient_sums(const SgdPlan& plan, const MeanLoss& loss, std::span<const double> x) {
    GradientSums sums{Values(loss.dimension()), 0, 0, 0};
    const auto theta = x.first(loss.dimension());
    double count = 0, square = 0;
    loss.each_gradient(theta, [&](std::span<const double> g) {
        count += 1;
        const double move = std::sqrt(squared_move(plan, x, g));
        sums.first += move;
        sums.largest = std::max(sums.largest, move);
        for (std::size_t j = 0; j < g.size(); ++j) {
            sums.mean[j] += g[j];
            square += g[j] * g[j];
        }
    });
    sums.first /= count;
    double mean_square = 0;
    for (double& g : sums.mean) {
        g /= count;
        mean_square += g * g;
    }
    sums.variance = std::max(0.0, square / count - mean_square);
    return sums;
}

std::optional<Fact> displacement(const SgdPlan& plan, const FiniteSumFacts& facts, std::span<const double> x,
                                 double p) {
    const GradientSums sums = gradient_sums(plan, *facts.mean, x);
    const bool single = plan.sampling.batch == 1;
    if (std::isinf(p)) return Fact{sums.largest, plan.sampling.reshuffled && !single ? Label::bound : Label::exact};
    const double square = mean_squared_move(plan, x, sums.mean, sums.variance * plan.noise_factor(facts.samples));
    if (p == 2) return Fact{std::sqrt(square)};
    if (p == 1) return single ? Fact{sums.first} : Fact{std::min(sums.first, std::sqrt(square)), Label::bound};
    if (p < 2) return Fact{std::sqrt(square), Label::bound};
    return std::nullopt;
}

std::shared_ptr<const SgdTruth> sgd_facts(const SgdPlan& plan, const FiniteSumFacts& facts) {
    auto sgd = std::make_shared<SgdTruth>();
    const auto loss = facts.mean;
    const double noise = plan.noise_factor(facts.samples);
    sgd->step = plan.step;
    sgd->quadratic = facts.quadratic;
    sgd->loss = [loss](std::span<const double> x) { return loss->value(x); };
    sgd->gradient = [loss](std::span<const double> x) { return loss->gradient(x); };
    if (!facts.lower.empty()) {
        const double lower = *std::min_element(facts.lower.begin(), facts.lower.end());
        const double upper = *std::max_element(facts.upper.begin(), facts.upper.end());
        const bool attained = facts.sharp && (plan.sampling.batch == 1 || !plan.sampling.reshuffled);
        const Label label = attained ? Label::exact : Label::bound;
        if (lower >= 0) sgd->smoothness = Fact{upper, label};
        sgd->curvature = Fact{std::max(upper, -lower), label};
    }
    if (!loss->has_hessian()) return sgd;
    const auto scaled = [noise](Values v) {
        for (double& x : v) x *= noise;
        return v;
    };
    sgd->hessian_at = [loss](std::span<const double> x) { return loss->hessian(x); };
    sgd->covariance_at = [loss, scaled](std::span<const double> x) { return scaled(loss->covariance(x)); };
    sgd->third = [loss](std::span<const double> x, std::span<const double> P) { return loss->third(x, P); };
    sgd->strong_convexity = facts.strong_convexity;
    const Optimum* optimum = facts.optimum ? facts.optimum->get() : nullptr;
    if (!optimum) return sgd;
    sgd->optimum = optimum->theta;
    sgd->optimum_error = optimum->error;
    sgd->hessian = loss->hessian(optimum->theta);
    sgd->covariance = scaled(loss->covariance(optimum->theta));
    double trace = 0;
    const std::size_t d = loss->dimension();
    for (std::size_t j = 0; j < d; ++j) trace += sgd->covariance[j * d + j];
    sgd->gradient_noise = Fact{trace};
    return sgd;
}

}  // namespace

double SgdPlan::step_at(double t) const {
    if (!falls()) return step;
    return exponent == 1 ? step / (t + t0) : step * elementary::pow(t + t0, -exponent);
}

Truth of_falling_steps(Truth truth) {
    Truth left;
    left.homogeneous = false;
    left.epoch = truth.epoch;
    left.atoms = truth.atoms;
    left.composite = truth.composite;
    left.note = "the step falls: no two maps have one law";
    return left;
}

double SgdPlan::noise_factor(std::size_t samples) const {
    const double b = sampling.batch, m = double(samples);
    return (sampling.reshuffled && m > 1 ? (m - b) / (m - 1) : 1) / b;
}

double step_norm(const SgdPlan& plan, double curvature) {
    const double a = 1 - plan.step * curvature, beta = plan.momentum;
    if (beta == 0) return std::abs(a);
    // The squares of the singular values have sum T and product beta^2.
    const double T = a * a + (a - 1) * (a - 1) + 2 * beta * beta;
    return std::sqrt((T + std::sqrt(std::max(0.0, (T - 2 * beta) * (T + 2 * beta)))) / 2);
}

double squared_move(const SgdPlan& plan, std::span<const double> x, std::span<const double> g) {
    double sum = 0;
    for (std::size_t j = 0; j < g.size(); ++j) {
        if (plan.momentum == 0) {
            sum += std::pow(plan.step * g[j], 2);
        } else {
            const double v = x[g.size() + j], u = plan.momentum * v - plan.step * g[j];
            sum += u * u + (u - v) * (u - v);
        }
    }
    return sum;
}

// A quadratic in g with leading part h^2 |g|^2, twice that with momentum.
double mean_squared_move(const SgdPlan& plan, std::span<const double> x, std::span<const double> mean_gradient,
                         double variance) {
    const double leading = (plan.momentum == 0 ? 1 : 2) * plan.step * plan.step;
    return squared_move(plan, x, mean_gradient) + leading * variance;
}

Truth finite_sum_truth(const SgdPlan& plan, const FiniteSumFacts& facts) {
    Truth t;
    add_contraction(t, plan, facts);
    t.displacement = [plan, facts](std::span<const double> x, double p) { return displacement(plan, facts, x, p); };
    t.atoms = true;
    if (plan.sampling.reshuffled && !plan.sampling.full) t.epoch = std::uint32_t(facts.samples / plan.sampling.batch);
    const auto sgd = sgd_facts(plan, facts);
    if (plan.momentum == 0) t.sgd = sgd;
    return t;
}

}  // namespace foldback
