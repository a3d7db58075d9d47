#include "analysis/claims/law_modulus.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/certificate.hpp"
#include "analysis/increasing.hpp"

namespace foldback::claims {
namespace {

std::vector<double> points_of(const std::vector<double>& unsorted) {
    constexpr std::size_t outermost = 64, quantiles = 256;
    const std::vector<double> sample = increasing(unsorted);
    const std::size_t n = sample.size();
    std::vector<double> points;
    for (std::size_t i = 0; i < std::min(n, outermost); ++i) {
        points.push_back(sample[i]);
        points.push_back(sample[n - 1 - i]);
    }
    for (std::size_t i = 0; i < quantiles && n > 0; ++i) points.push_back(sample[i * n / quantiles]);
    return points;
}

/// The point at distance r from x, on the side of `sign`; outside the state space (distances NaN or infinite): its
/// border.
double at_distance(const Setup& setup, double x, double sign, double r) {
    if (setup.metric == "euclidean" || !setup.distance) return x + sign * r;
    const auto within = [&](double y) { return setup.distance({&x, 1}, {&y, 1}) <= r; };
    double near = 0, far = std::max(std::abs(x) * 0x1p-60, 1e-300);  // |y - x|
    while (far < 1e300 && within(x + sign * far)) {
        near = far;
        far *= 16;
    }
    for (int i = 0; i < 60; ++i) {
        const double middle = near + 0.5 * (far - near);
        (within(x + sign * middle) ? near : far) = middle;
    }
    return x + sign * far;
}

double largest_mass(const Setup& setup, const MarginalLaw& law, const std::vector<double>& points, double r) {
    double largest = 0;
    for (double x : points)
        largest = std::max(largest, law.cdf(std::min(at_distance(setup, x, 1, r), law.known_up_to)) -
                                        law.cdf(std::min(at_distance(setup, x, -1, r), law.known_up_to)));
    return largest;
}

}  // namespace

double distance_to_limit(const Setup& setup, std::size_t start, const MarginalLaw& law, const std::vector<double>& sample) {
    const double n = setup.steps.back();
    const std::vector<double> points = points_of(sample);
    double best = infinity;
    if (const auto sure = sure_certificate_constant(setup, start)) {
        const double k = setup.truth.maps_per_factor;
        best = largest_mass(setup, law, points,
                            std::pow(setup.truth.lipschitz_sure->value, std::floor(n / k)) * sure->value);
    }
    for (double p : {1.0, 2.0}) {
        const auto tail = setup.tail(n, start, p);
        if (!tail) continue;
        if (tail->value == 0) return 0;
        for (double r = tail->value; r < 1e3 * (1 + tail->value) && best > 0; r *= 4) {
            const double missed = std::pow(tail->value / r, p);
            if (missed >= best) continue;
            const double mass = largest_mass(setup, law, points, r);
            best = std::min(best, mass + missed);
            if (mass >= best) break;
        }
    }
    return best;
}

}  // namespace foldback::claims
