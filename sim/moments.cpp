#include "sim/moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/lanes.hpp"

namespace foldback {

double SampleMoments::skewness() const { return m2 > 0.0 ? m3 / (m2 * std::sqrt(m2)) : 0.0; }
double SampleMoments::kurtosis() const { return m2 > 0.0 ? m4 / (m2 * m2) : 0.0; }

namespace {

using Pair = Lanes<2>;  // what every instruction set has registers for

// N sums over n items of what term(at) says each adds to them, at(x) being the item of the sample x. The tree is fixed:
// item i goes to lane i % 8, the lanes are added in pairs, then the last n % 8 items. Additions that wait for each other
// would take most of the time of recording states.
template <std::size_t N, class Term>
std::array<double, N> sums(std::size_t n, Term term) {
    std::array<std::array<Pair, 4>, N> lanes;
    for (auto& each : lanes) each.fill(Pair(0.0));
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (std::size_t pair = 0; pair < 4; ++pair) {
            const auto terms = term([first = i + 2 * pair](std::span<const double> x) { return load<Pair>(&x[first]); });
            for (std::size_t k = 0; k < N; ++k) lanes[k][pair] = lanes[k][pair] + terms[k];
        }
    std::array<double, N> result;
    for (std::size_t k = 0; k < N; ++k) {
        const Pair s = (lanes[k][0] + lanes[k][2]) + (lanes[k][1] + lanes[k][3]);
        result[k] = s[0] + s[1];
    }
    for (; i < n; ++i) {
        const auto terms = term([i](std::span<const double> x) { return x[i]; });
        for (std::size_t k = 0; k < N; ++k) result[k] += terms[k];
    }
    return result;
}

void extremes(std::span<const double> x, double& least, double& most) {
    std::array<Pair, 4> low, high;
    low.fill(least);
    high.fill(most);
    std::size_t i = 0;
    for (; i + 8 <= x.size(); i += 8)
        for (std::size_t pair = 0; pair < 4; ++pair) {
            const auto value = load<Pair>(&x[i + 2 * pair]);
            low[pair] = smaller(low[pair], value);
            high[pair] = larger(high[pair], value);
        }
    for (int lane = 0; lane < 8; ++lane) {
        least = smaller(least, low[std::size_t(lane / 2)][lane % 2]);
        most = larger(most, high[std::size_t(lane / 2)][lane % 2]);
    }
    for (; i < x.size(); ++i) {
        least = smaller(least, x[i]);
        most = larger(most, x[i]);
    }
}

}  // namespace

SampleMoments moments(std::span<const double> x) {
    SampleMoments r;
    r.count = x.size();
    if (x.empty()) return r;
    extremes(x, r.min, r.max);
    const double n = double(x.size());
    const double origin = x[0];
    const double first_mean = sums<1>(x.size(), [&](auto at) { return std::array{at(x) - origin}; })[0] / n;
    const auto residual = sums<1>(x.size(), [&](auto at) { return std::array{(at(x) - origin) - first_mean}; });
    const double offset = first_mean + residual[0] / n;
    const auto powers = sums<3>(x.size(), [&](auto at) {
        const auto d = (at(x) - origin) - offset, d2 = d * d;
        return std::array{d2, d2 * d, d2 * d2};
    });
    r.mean = origin + offset;
    r.m2 = powers[0] / n;
    r.m3 = powers[1] / n;
    r.m4 = powers[2] / n;
    return r;
}

double covariance(std::span<const double> a, double mean_a, std::span<const double> b, double mean_b) {
    return sums<1>(a.size(), [&](auto at) { return std::array{(at(a) - mean_a) * (at(b) - mean_b)}; })[0] / double(a.size());
}

// NaN from the first infinity or NaN on.
bool all_finite(std::span<const double> x) { return sums<1>(x.size(), [&](auto at) { return std::array{at(x) * 0.0}; })[0] == 0.0; }

SampleMoments merge(const SampleMoments& a, const SampleMoments& b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    const double na = double(a.count), nb = double(b.count), n = na + nb;
    const double p = na / n, q = nb / n;
    const double d = b.mean - a.mean, d2 = d * d;
    SampleMoments r;
    r.count = a.count + b.count;
    r.mean = a.mean + d * q;
    r.m2 = p * a.m2 + q * b.m2 + p * q * d2;
    r.m3 = p * a.m3 + q * b.m3 + p * q * (p - q) * d2 * d + 3.0 * p * q * d * (b.m2 - a.m2);
    r.m4 = p * a.m4 + q * b.m4 + p * q * (p * p - p * q + q * q) * d2 * d2 + 6.0 * p * q * d2 * (p * b.m2 + q * a.m2) +
           4.0 * p * q * d * (b.m3 - a.m3);
    r.min = std::min(a.min, b.min);
    r.max = std::max(a.max, b.max);
    return r;
}

SampleMoments transformed(const SampleMoments& x, double scale, double shift) {
    if (x.count == 0) return x;
    SampleMoments r = x;
    const double s2 = scale * scale;
    r.mean = scale * x.mean + shift;
    r.m2 = s2 * x.m2;
    r.m3 = s2 * scale * x.m3;
    r.m4 = s2 * s2 * x.m4;
    r.min = scale * (scale < 0.0 ? x.max : x.min) + shift;
    r.max = scale * (scale < 0.0 ? x.min : x.max) + shift;
    return r;
}

}  // namespace foldback
