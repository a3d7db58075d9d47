#include "analysis/anderson_darling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "analysis/increasing.hpp"

namespace foldback {
namespace {

constexpr double pi = std::numbers::pi;

bool has_nan(std::span<const double> x) {
    return std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

}  // namespace

std::optional<double> anderson_darling(std::span<const double> x, const std::function<double(double)>& cdf,
                                       const std::function<double(double)>& survival) {
    if (x.empty() || has_nan(x)) return std::nullopt;
    const std::vector<double> data = increasing(x);
    const double n = double(data.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        const double below = cdf(data[i]), above = survival(data[i]);
        if (!(below > 0.0 && below < 1.0 && above > 0.0 && above < 1.0)) return std::nullopt;
        const double rank = double(i);  // from 0: weights 2 i + 1 and 2 (n - i) - 1
        sum += ((2.0 * rank + 1.0) * std::log(below) + (2.0 * (n - rank) - 1.0) * std::log(above)) / n + 1.0;
    }
    return -sum;
}

std::optional<double> anderson_darling(std::span<const double> x, const std::function<double(double)>& cdf) {
    return anderson_darling(x, cdf, [&](double value) { return 1.0 - cdf(value); });
}

namespace {

/// (1/pi) int exp(-z u/2)/(u sqrt|D(u)|) du over [a_(2k-1), a_(2k)], a_j = j(j+1),
/// D(u) = -cos((pi/2) sqrt(1 + 4u))/(pi u). With sqrt(1 + 4u) = 4k + sin(phi) the integrand is smooth and even about
/// both ends: the midpoint rule converges exponentially.
double smirnov_term(double z, int k) {
    const int nodes = 48 + 2 * int(z);
    double sum = 0.0;
    for (int i = 0; i < nodes; ++i) {
        const double phi = pi * ((i + 0.5) / nodes - 0.5);
        // 1 - |sin phi| without cancellation near the ends, where the cosine vanishes.
        const double half = std::sin(0.25 * pi - 0.5 * std::abs(phi)), gap = 2.0 * half * half;
        const double v = 4.0 * k + std::sin(phi), u = 0.25 * (v * v - 1.0);
        sum += std::exp(-0.5 * z * u) * std::sqrt(pi / (u * std::sin(0.5 * pi * gap))) * 0.5 * v * std::cos(phi);
    }
    return sum / nodes;
}

}  // namespace

double anderson_darling_limit_tail(double z) {
    if (std::isnan(z)) return z;
    if (z < 0.05) return 1.0;  // the rest is below 1e-10
    double sum = 0.0, sign = 1.0;
    for (int k = 1; k <= 200; ++k, sign = -sign) {
        const double term = smirnov_term(z, k);
        sum += sign * term;
        if (term < 1e-17 * std::abs(sum)) break;
    }
    return std::min(1.0, sum);
}

namespace {

/// Marsaglia & Marsaglia's fit of P(A_n^2 < z) - P(A_inf^2 < z) as a function of x = P(A_inf^2 < z).
double finite_sample_correction(double x, double n) {
    if (x > 0.8)
        return (-130.2137 + (745.2337 - (1705.091 - (1950.646 - (1116.360 - 255.7844 * x) * x) * x) * x) * x) / n;
    const double border = 0.01265 + 0.1757 / n;
    if (x < border) {
        const double t = std::sqrt(x / border);
        return t * (1.0 - t) * (49.0 * t - 102.0) * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n;
    }
    const double t = (x - border) / (0.8 - border);
    const double shape = -0.00022633 + (6.54034 - (14.6538 - (14.458 - (8.259 - 1.91864 * t) * t) * t) * t) * t;
    return shape * (0.04213 + 0.01365 / n) / n;
}

}  // namespace

double anderson_darling_p_value(double z, std::size_t n) {
    const double limit = anderson_darling_limit_tail(z), size = double(n);
    if (std::isnan(limit) || n == 0) return std::nan("");
    constexpr double frozen = 1e-3;
    const double p = limit > frozen ? limit - finite_sample_correction(1.0 - limit, size)
                                    : limit * (1.0 - finite_sample_correction(1.0 - frozen, size) / frozen);
    return std::clamp(p, 0.0, 1.0);
}

double anderson_darling_critical(double alpha, std::size_t n) {
    double low = 0.05, high = 1400.0;
    for (int i = 0; i < 64; ++i) {
        const double middle = 0.5 * (low + high);
        (anderson_darling_p_value(middle, n) > alpha ? low : high) = middle;
    }
    return high;
}

namespace {

/// Variance of the two-sample A^2 under the null without ties (Scholz & Stephens 1987, eq. 4, k = 2).
double two_sample_variance(double m, double n) {
    const double total = m + n, H = 1.0 / m + 1.0 / n;
    const std::size_t size = std::size_t(total);
    double h = 0.0;
    for (std::size_t i = 1; i < size; ++i) h += 1.0 / double(i);
    double g = 0.0, partial = 0.0;
    for (std::size_t i = 1; i + 1 < size; ++i) {
        partial += 1.0 / double(i);
        g += (h - partial) / (total - double(i));
    }
    const double a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * H;
    const double b = 4.0 * (2.0 * g - 4.0) + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * H - 8.0 * h + 4.0 * g - 6.0;
    const double c = 4.0 * (6.0 * h + 2.0 * g - 2.0) + 2.0 * (4.0 * h - 4.0 * g + 6.0) + (2.0 * h - 6.0) * H + 4.0 * h;
    const double d = 4.0 * (2.0 * h + 6.0) - 8.0 * h;
    return (((a * total + b) * total + c) * total + d) / ((total - 1.0) * (total - 2.0) * (total - 3.0));
}

/// (N-1)/N sum over distinct values, for each sample (1/n_i) (l/N) (N M_i - n_i B)^2/(B (N - B) - N l/4).
double midrank_statistic(const std::vector<double>& a, const std::vector<double>& b) {
    const double m = double(a.size()), n = double(b.size()), total = m + n;
    double sum = 0.0;
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
        const double value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t i0 = i, j0 = j;
        while (i < a.size() && a[i] == value) ++i;
        while (j < b.size() && b[j] == value) ++j;
        const double ma = 0.5 * double(i0 + i), mb = 0.5 * double(j0 + j), rank = ma + mb;  // midranks
        const double ties = double(i - i0 + j - j0);
        const double da = total * ma - m * rank, db = total * mb - n * rank;
        sum += ties / total * (da * da / m + db * db / n) / (rank * (total - rank) - 0.25 * total * ties);
    }
    return (total - 1.0) / total * sum;
}

}  // namespace

std::optional<AndersonDarling> anderson_darling_two_sample(std::span<const double> x, std::span<const double> y) {
    if (x.size() < 2 || y.size() < 2 || has_nan(x) || has_nan(y)) return std::nullopt;
    const std::vector<double> a = increasing(x), b = increasing(y);
    if (a.front() == b.front() && a.back() == b.back() && a.front() == a.back()) return std::nullopt;
    const double statistic = midrank_statistic(a, b);
    const double limit_variance = 2.0 / 3.0 * (pi * pi - 9.0);
    const double matched =
        1.0 + std::sqrt(limit_variance / two_sample_variance(double(a.size()), double(b.size()))) * (statistic - 1.0);
    return AndersonDarling{statistic, anderson_darling_limit_tail(matched)};
}

}  // namespace foldback
