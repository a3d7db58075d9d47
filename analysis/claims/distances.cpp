#include "analysis/claims/distances.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/interval.hpp"

namespace foldback::claims {

States::States(const Evidence& evidence, Order order, std::size_t start, std::size_t step)
    : dim_(std::size_t(evidence.setup().dimension)) {
    for (std::size_t d = 0; d < dim_; ++d) {
        const auto component = evidence.values({Quantity::state, order, start, step, d});
        values_.resize(component.size() * dim_);
        for (std::size_t r = 0; r < component.size(); ++r) values_[r * dim_ + d] = component[r];
    }
}

std::vector<double> distances(const Setup& setup, const States& x, const States& y) {
    std::vector<double> r(x.size());
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = setup.distance(x[i], y[i]);
    return r;
}

double largest_distance(const Setup& setup) {
    double r = 0;
    for (const auto& x : setup.starts)
        for (const auto& y : setup.starts) r = std::max(r, setup.distance(x, y));
    return r;
}

namespace {

std::vector<double> rounding_of_states(const Evidence& evidence, Order order, std::size_t start, std::size_t step) {
    const Setup& setup = evidence.setup();
    constexpr double unit = resolution * 0x1p-52;
    if (evidence.has(Quantity::rounding_radius, order))
        return evidence.values({Quantity::rounding_radius, order, start, step});
    std::vector<double> r(std::size_t(setup.replicas), unit);
    if (setup.metric != "euclidean") return r;
    if (!evidence.has(Quantity::state, order)) {
        double square = 0;
        for (std::size_t d = 0; d < std::size_t(setup.dimension); ++d) {
            const SampleMoments m = evidence.moments(order, start, step, d);
            const double largest = std::max(std::abs(m.min), std::abs(m.max));
            square += largest * largest;
        }
        std::fill(r.begin(), r.end(), unit * std::sqrt(square));
        return r;
    }
    const States x(evidence, order, start, step);
    for (std::size_t i = 0; i < r.size(); ++i) {
        double square = 0;
        for (double v : x[i]) square += v * v;
        r[i] = unit * std::sqrt(square);
    }
    return r;
}

}  // namespace

std::vector<double> uncertainty(const Evidence& evidence, Order order, std::size_t start, std::size_t step) {
    std::vector<double> r = rounding_of_states(evidence, order, start, step);
    if (order == Order::backward && evidence.has(Quantity::merge_error, order)) {
        const auto error = evidence.values({Quantity::merge_error, order, start, step});
        for (std::size_t i = 0; i < r.size(); ++i) r[i] += error[i];
    }
    return r;
}

std::optional<double> sure_contraction(const Setup& setup, double n) {
    const auto& sure = setup.truth.lipschitz_sure;
    if (!sure || !std::isfinite(sure->value)) return std::nullopt;
    return std::pow(sure->value, std::floor(n / setup.truth.maps_per_factor));
}

bool checks_sure_contraction(const Setup& setup) {
    const auto& sure = setup.truth.lipschitz_sure;
    if (!sure || !std::isfinite(sure->value)) return false;
    const auto& variance = setup.truth.log_lipschitz_variance;
    return !setup.has_lipschitz || sure->label == Label::assumed || !variance || variance->value != 0;
}

std::size_t steps_up_to(const Setup& setup, std::uint64_t limit) {
    return std::size_t(
        std::count_if(setup.steps.begin(), setup.steps.end(), [&](std::uint32_t n) { return n <= limit; }));
}

// std::pow takes a hundred times as long as the two powers that claims use.
static double power(double x, double p) { return p == 1 ? x : p == 2 ? x * x : std::pow(x, p); }

void judge_norm(Cell& cell, const std::vector<double>& d, double p, double bound, const std::vector<double>& slack,
                double rest, double level, ClaimResult& result) {
    std::vector<double> powers(d.size()), slack_powers(d.size());
    for (std::size_t i = 0; i < d.size(); ++i) {
        powers[i] = power(d[i], p);
        slack_powers[i] = power(slack[i], p);
    }
    const double measured = std::pow(moments(powers).mean, 1 / p);
    // Minkowski: || d || moves by at most || slack ||.
    const double uncertain = std::pow(moments(slack_powers).mean, 1 / p) + rest;
    Interval limits = root(mean_interval(powers, level), p);
    limits = {std::max(limits.lower - uncertain, 0.0), limits.upper + uncertain};
    judge_at_most(cell, measured, limits, bound, 0, double(d.size()), result);
    if (uncertain <= 0.01 * bound) return;
    cell.verdict = Verdict::unresolved;
}

std::string nearest_to_bound(const ClaimResult& result) {
    const auto search = [&](bool on_paths) {
        const Cell* nearest = nullptr;
        for (const Cell& cell : result.cells)
            if (cell.verdict != Verdict::unresolved && std::isfinite(cell.tightness) &&
                (!on_paths || cell.lower == cell.measured) && (!nearest || cell.tightness > nearest->tightness))
                nearest = &cell;
        return nearest;
    };
    const Cell* nearest = search(true);
    if (!nearest) nearest = search(false);
    if (!nearest) return "";
    const auto at = std::size_t(nearest - result.cells.data()), steps = result.plan.axis_values.size();
    return "; nearest to its bound (tightness " + number(nearest->tightness) + ") at " + result.plan.axis + " " +
           number(result.plan.axis_values[at % steps]) + ": " + result.plan.cases[at / steps];
}

}  // namespace foldback::claims
