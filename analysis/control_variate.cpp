#include "analysis/control_variate.hpp"

#include "sim/error.hpp"

namespace foldback {
namespace {

void check_paired(std::span<const double> y, std::span<const double> control) {
    if (y.size() != control.size()) throw InternalError("a control variate: one value for each of the quantity's");
}

void note_ratio(Controlled& result, std::span<const double> y) {
    const double before = moments(y).variance();
    if (before > 0) result.variance_ratio = moments(result.values).variance() / before;
}

// Cov(y, c)/Var c.
double regression(std::span<const double> y, std::span<const double> control) {
    const double my = moments(y).mean, mc = moments(control).mean;
    double covariance = 0, variance = 0;
    for (std::size_t r = 0; r < y.size(); ++r) {
        covariance += (y[r] - my) * (control[r] - mc);
        variance += (control[r] - mc) * (control[r] - mc);
    }
    return variance > 0 ? covariance / variance : 0;
}

}  // namespace

Estimate Controlled::mean(double alpha) const { return {moments(values).mean, mean_interval(values, alpha)}; }

Controlled with_control(std::span<const double> y, std::span<const double> control, double control_mean,
                        double coefficient) {
    check_paired(y, control);
    Controlled result{std::vector<double>(y.size()), coefficient};
    for (std::size_t r = 0; r < y.size(); ++r) result.values[r] = y[r] - coefficient * (control[r] - control_mean);
    note_ratio(result, y);
    return result;
}

Controlled with_fitted_control(std::span<const double> y, std::span<const double> control, double control_mean) {
    check_paired(y, control);
    if (y.size() < 8) return with_control(y, control, control_mean, 0);
    const std::size_t half = y.size() / 2;
    const double of_first = regression(y.first(half), control.first(half));
    const double of_second = regression(y.subspan(half), control.subspan(half));
    Controlled result{std::vector<double>(y.size()), 0.5 * (of_first + of_second)};
    for (std::size_t r = 0; r < y.size(); ++r)
        result.values[r] = y[r] - (r < half ? of_second : of_first) * (control[r] - control_mean);
    note_ratio(result, y);
    return result;
}

}  // namespace foldback
