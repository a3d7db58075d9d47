#include "analysis/kolmogorov.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "analysis/increasing.hpp"

namespace foldback {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool has_nan(std::span<const double> x) {
    return std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

/// Calls visit(value, count below, count up to it) for each distinct value in increasing order.
template <class Visit>
void each_distinct(const std::vector<double>& x, Visit visit) {
    for (std::size_t first = 0, last; first < x.size(); first = last) {
        last = first + 1;
        while (last < x.size() && x[last] == x[first]) ++last;
        visit(x[first], first, last);
    }
}

template <class Below>
double distance_to(std::span<const double> x, const std::function<double(double)>& cdf, Below below) {
    if (x.empty() || has_nan(x)) return nan;
    const double n = double(x.size());
    double distance = 0.0;
    each_distinct(increasing(x), [&](double value, std::size_t before, std::size_t up_to) {
        const double at = cdf(value), left = below(value, at);
        const double here = std::max(std::abs(double(up_to) / n - at), std::abs(left - double(before) / n));
        distance = std::isnan(at) || std::isnan(left) || std::isnan(distance) ? nan : std::max(distance, here);
    });
    return distance;
}

}  // namespace

double ks_distance(std::span<const double> x, const std::function<double(double)>& cdf) {
    return distance_to(x, cdf, [](double, double at) { return at; });
}

double ks_distance(std::span<const double> x, const std::function<double(double)>& cdf,
                   const std::function<double(double)>& cdf_below) {
    return distance_to(x, cdf, [&](double value, double) { return cdf_below(value); });
}

double ks_distance(std::span<const double> x, std::span<const double> y) {
    if (x.empty() || y.empty() || has_nan(x) || has_nan(y)) return nan;
    const std::vector<double> a = increasing(x), b = increasing(y);
    const double m = double(a.size()), n = double(b.size());
    double distance = 0.0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        const double value = std::min(a[i], b[j]);
        while (i < a.size() && a[i] == value) ++i;
        while (j < b.size() && b[j] == value) ++j;
        distance = std::max(distance, std::abs(double(i) / m - double(j) / n));
    }
    return distance;
}

double dkw_radius(std::size_t n, double alpha) {
    if (n == 0) return 1.0;
    return std::min(1.0, std::sqrt(std::log(2.0 / alpha) / (2.0 * double(n))));
}

namespace {

/// P(U + V > r) for independent U, V with P(U > u) = min(1, 2 exp(-2 m u^2)), P(V > v) = min(1, 2 exp(-2 n v^2)).
double two_band_tail(double r, double m, double n) {
    const double least_u = std::sqrt(std::numbers::ln2 / (2.0 * m)), least_v = std::sqrt(std::numbers::ln2 / (2.0 * n));
    if (r <= least_u + least_v) return 1.0;
    const double sum = m + n, top = r - least_v;
    // int_{least_u}^{top} 8 m u exp(-2 m u^2) 2 exp(-2 n (r - u)^2) du; the exponent is a parabola about `centre`.
    const double centre = n * r / sum;
    const auto antiderivative = [&](double u) {
        const double w = u - centre;
        return centre * std::sqrt(std::numbers::pi / (8.0 * sum)) * std::erf(std::sqrt(2.0 * sum) * w) -
               std::exp(-2.0 * sum * w * w) / (4.0 * sum);
    };
    const double overlap =
        16.0 * m * std::exp(-2.0 * m * n / sum * r * r) * (antiderivative(top) - antiderivative(least_u));
    return 2.0 * std::exp(-2.0 * m * top * top) + overlap;
}

}  // namespace

double dkw_radius(std::size_t m, std::size_t n, double alpha) {
    if (m == 0 || n == 0) return 1.0;
    double low = 0.0, high = dkw_radius(m, 0.5 * alpha) + dkw_radius(n, 0.5 * alpha);
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (two_band_tail(middle, double(m), double(n)) > alpha ? low : high) = middle;
    }
    return std::min(1.0, high);
}

Interval ks_interval(double distance, double radius) { return {distance - radius, distance + radius}; }

namespace {

/// 1 - K(x), K the limit law of sqrt(n) sup |F_n - F|.
double kolmogorov_tail(double x) {
    if (x <= 0.0) return 1.0;
    if (x < 1.0) {  // the theta function's other series converges fast here
        const double a = std::numbers::pi * std::numbers::pi / (8.0 * x * x);
        double sum = 0.0;
        for (int k = 1; k <= 9; k += 2) sum += std::exp(-a * k * k);
        return 1.0 - std::sqrt(2.0 * std::numbers::pi) / x * sum;
    }
    double sum = 0.0, sign = 2.0;
    for (int k = 1; k <= 8; ++k, sign = -sign) sum += sign * std::exp(-2.0 * k * k * x * x);
    return sum;
}

double stephens_tail(double distance, double n) {
    const double root = std::sqrt(n);
    return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

/// A square matrix times a power of ten, so that high powers do not overflow.
struct ScaledMatrix {
    std::size_t size;
    std::vector<double> a;
    int exponent = 0;
};

ScaledMatrix product(const ScaledMatrix& x, const ScaledMatrix& y) {
    ScaledMatrix r{x.size, std::vector<double>(x.size * x.size, 0.0), x.exponent + y.exponent};
    for (std::size_t i = 0; i < x.size; ++i)
        for (std::size_t k = 0; k < x.size; ++k)
            for (std::size_t j = 0; j < x.size; ++j) r.a[i * x.size + j] += x.a[i * x.size + k] * y.a[k * x.size + j];
    if (r.a[(r.size / 2) * r.size + r.size / 2] > 1e140) {
        for (double& v : r.a) v *= 1e-140;
        r.exponent += 140;
    }
    return r;
}

/// P(sup |F_n - F| < distance), exact: n!/n^n times an entry of the n-th power of a matrix of size 2k - 1 (Durbin 1973;
/// Marsaglia, Tsang & Wang 2003).
double marsaglia_tsang_wang(double distance, std::size_t n) {
    const double nd = double(n) * distance;
    const std::size_t k = std::size_t(nd) + 1, size = 2 * k - 1;
    const double h = double(k) - nd;
    ScaledMatrix matrix{size, std::vector<double>(size * size), 0};
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) matrix.a[i * size + j] = j <= i + 1 ? 1.0 : 0.0;
    for (std::size_t i = 0; i < size; ++i) {
        matrix.a[i * size] -= std::pow(h, double(i + 1));
        matrix.a[(size - 1) * size + i] -= std::pow(h, double(size - i));
    }
    matrix.a[(size - 1) * size] += 2.0 * h - 1.0 > 0.0 ? std::pow(2.0 * h - 1.0, double(size)) : 0.0;
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j <= std::min(i + 1, size - 1); ++j)
            for (std::size_t g = 1; g <= i + 1 - j; ++g) matrix.a[i * size + j] /= double(g);
    ScaledMatrix power{size, std::vector<double>(size * size, 0.0), 0};
    for (std::size_t i = 0; i < size; ++i) power.a[i * size + i] = 1.0;
    for (std::size_t e = n; e > 0; e /= 2) {
        if (e % 2 == 1) power = product(power, matrix);
        if (e > 1) matrix = product(matrix, matrix);
    }
    double s = power.a[(k - 1) * size + k - 1];
    int exponent = power.exponent;
    for (std::size_t i = 1; i <= n; ++i) {
        s *= double(i) / double(n);
        if (s < 1e-140) {
            s *= 1e140;
            exponent -= 140;
        }
    }
    return s * std::pow(10.0, exponent);
}

double clamp_probability(double p) { return std::clamp(p, 0.0, 1.0); }

}  // namespace

PValue ks_p_value(double distance, std::size_t n) {
    if (std::isnan(distance) || n == 0) return {nan, "not a number"};
    if (distance <= 0.0) return {1.0, "trivial"};
    if (distance >= 1.0) return {0.0, "trivial"};
    if (n <= 140 && double(n) * distance * distance <= 4.0)
        return {clamp_probability(1.0 - marsaglia_tsang_wang(distance, n)), "exact (Marsaglia-Tsang-Wang)"};
    return {clamp_probability(stephens_tail(distance, double(n))), "Kolmogorov's series, Stephens' argument"};
}

PValue ks_p_value(double distance, std::size_t m, std::size_t k) {
    if (std::isnan(distance) || m == 0 || k == 0) return {nan, "not a number"};
    const double n = double(m) * double(k) / (double(m) + double(k));
    return {clamp_probability(stephens_tail(distance, n)), "Kolmogorov's series, Stephens' argument"};
}

double round_to_grid(double x, double grid) { return std::nearbyint(x / grid) * grid + 0.0; }

void round_to_grid(std::span<double> x, double grid) {
    for (double& value : x) value = round_to_grid(value, grid);
}

}  // namespace foldback
