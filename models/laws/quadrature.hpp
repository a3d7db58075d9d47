#pragma once
#include <functional>
#include <vector>

namespace foldback {

/// The integral of g over (lower, upper), either end possibly infinite, cut at the `corners` inside, where g need not
/// be smooth: double-exponential quadrature (Takahasi and Mori 1974) on each part, to a relative 1e-10.
double integrate(const std::function<double(double)>& g, double lower, double upper, std::vector<double> corners = {});

}  // namespace foldback
