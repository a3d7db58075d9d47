#include "sim/moments.hpp"

#include <algorithm>
#include <cmath>

namespace foldback {

double SampleMoments::skewness() const { return m2 > 0.0 ? m3 / (m2 * std::sqrt(m2)) : 0.0; }
double SampleMoments::kurtosis() const { return m2 > 0.0 ? m4 / (m2 * m2) : 0.0; }

SampleMoments moments(std::span<const double> x) {
    SampleMoments r;
    r.count = x.size();
    if (x.empty()) return r;
    const double n = double(x.size());
    const double origin = x[0];
    double sum = 0.0;
    for (const double value : x) {
        sum += value - origin;
        r.min = std::min(r.min, value);
        r.max = std::max(r.max, value);
    }
    const double first_mean = sum / n;
    double residual = 0.0;
    for (const double value : x) residual += (value - origin) - first_mean;
    const double offset = first_mean + residual / n;
    double s2 = 0.0, s3 = 0.0, s4 = 0.0;
    for (const double value : x) {
        const double d = (value - origin) - offset, d2 = d * d;
        s2 += d2;
        s3 += d2 * d;
        s4 += d2 * d2;
    }
    r.mean = origin + offset;
    r.m2 = s2 / n;
    r.m3 = s3 / n;
    r.m4 = s4 / n;
    return r;
}

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
