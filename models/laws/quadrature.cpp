#include "models/laws/quadrature.hpp"

#include <algorithm>
#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/sinh_sinh.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <cmath>

namespace foldback {

double integrate(const std::function<double(double)>& g, double lower, double upper, std::vector<double> corners) {
    constexpr double tolerance = 1e-10;
    std::erase_if(corners, [&](double c) { return !(c > lower && c < upper); });
    corners.insert(corners.end(), {lower, upper});
    std::sort(corners.begin(), corners.end());
    corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
    // Nodes may round to an end of the interval, where g may be infinite.
    const auto tame = [&](double x) {
        const double y = g(x);
        return std::isfinite(y) ? y : 0.0;
    };
    boost::math::quadrature::tanh_sinh<double> finite;
    boost::math::quadrature::exp_sinh<double> half;
    boost::math::quadrature::sinh_sinh<double> whole;
    double sum = 0;
    for (std::size_t i = 0; i + 1 < corners.size(); ++i) {
        const double a = corners[i], b = corners[i + 1];
        if (std::isinf(a) && std::isinf(b))
            sum += whole.integrate(tame, tolerance);
        else if (std::isinf(a) || std::isinf(b))
            sum += half.integrate(tame, a, b, tolerance);
        else
            sum += finite.integrate(tame, a, b, tolerance);
    }
    return sum;
}

}  // namespace foldback
