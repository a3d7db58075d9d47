#pragma once
#include <functional>
#include <span>
#include <vector>

namespace foldback::flows {

/// Of the local error at every step: |error| <= absolute + relative |y|, by component.
struct Tolerance {
    double absolute = 1e-13, relative = 1e-12;
};

/// y' = f(y): f(y, dy) writes f(y) into dy.
using RightHandSide = std::function<void(const std::vector<double>& y, std::vector<double>& dy)>;

/// y at the ascending `times` >= 0, from y(0) = start: Dormand and Prince's pair of orders 5(4) with their dense
/// output, so that the steps are chosen by the tolerance alone, wherever the times lie. All NaN from the first time
/// that cannot be reached: the solution grew out of the range of double, or asks for more than a million steps.
std::vector<std::vector<double>> solve_at(const RightHandSide& f, std::span<const double> start,
                                          std::span<const double> times, Tolerance tolerance = {});

}  // namespace foldback::flows
