#include "sim/block_moments.hpp"

#include <cmath>
#include <limits>
#include <span>

#include "sim/moments.hpp"

namespace foldback {
namespace {

std::vector<double> zeros(std::size_t n) { return std::vector<double>(n, 0.0); }

SampleMoments at(const StateMoments& s, std::size_t row, std::size_t i) {
    return {std::uint64_t(s.count[row]), s.mean[i], s.m2[i], s.m3[i], s.m4[i], s.min[i], s.max[i]};
}

void put(StateMoments& s, std::size_t i, const SampleMoments& m) {
    s.mean[i] = m.mean;
    s.m2[i] = m.m2;
    s.m3[i] = m.m3;
    s.m4[i] = m.m4;
    s.min[i] = m.min;
    s.max[i] = m.max;
}

// Of no replica at all: nothing was measured.
SampleMoments nothing() {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {0, nan, nan, nan, nan, nan, nan};
}

// The finite replicas of one (start, step), component by component.
class Rows {
  public:
    Rows(const double* values, std::size_t components, std::size_t capacity, std::size_t count)
        : components_(components), capacity_(capacity), values_(values), count_(count) {
        bool finite = true;
        for (std::size_t d = 0; d < components; ++d) finite &= all_finite(component(d));
        if (!finite) keep_finite();
    }
    std::size_t count() const { return count_; }
    std::span<const double> component(std::size_t d) const { return {values_ + d * capacity_, count_}; }

  private:
    void keep_finite() {
        std::size_t kept = 0;
        finite_.resize(components_ * capacity_);
        for (std::size_t r = 0; r < count_; ++r) {
            bool good = true;
            for (std::size_t d = 0; d < components_; ++d) good &= bool(std::isfinite(values_[d * capacity_ + r]));
            if (!good) continue;
            for (std::size_t d = 0; d < components_; ++d) finite_[d * capacity_ + kept] = values_[d * capacity_ + r];
            ++kept;
        }
        values_ = finite_.data();
        count_ = kept;
    }

    std::size_t components_, capacity_;
    const double* values_;
    std::size_t count_;
    std::vector<double> finite_;
};

void take(StateMoments& into, const StateMoments& from, std::size_t row) {
    const std::size_t dim = into.components;
    into.count[row] = from.count[row];
    for (std::size_t i = row * dim; i < (row + 1) * dim; ++i) put(into, i, at(from, row, i));
    for (std::size_t c = row * dim * dim; !into.cov.empty() && c < (row + 1) * dim * dim; ++c) into.cov[c] = from.cov[c];
}

}  // namespace

StateMoments moments_of_block(const std::vector<double>& values, const Shape& shape, const std::vector<std::size_t>& steps,
                              std::size_t capacity, std::size_t count, bool covariance) {
    StateMoments s;
    s.starts = shape.start_count();
    s.steps = steps.size();
    s.components = std::size_t(shape.dimension);
    const std::size_t rows = s.starts * s.steps, dim = s.components;
    s.count = zeros(rows);
    s.mean = s.m2 = s.m3 = s.m4 = s.min = s.max = zeros(rows * dim);
    if (covariance) s.cov = zeros(rows * dim * dim);
    for (std::size_t start = 0; start < s.starts; ++start)
        for (std::size_t step = 0; step < s.steps; ++step) {
            const std::size_t row = start * s.steps + step;
            const Rows x(&values[(start * shape.steps.size() + steps[step]) * dim * capacity], dim, capacity, count);
            s.count[row] = double(x.count());
            for (std::size_t d = 0; d < dim; ++d) put(s, row * dim + d, x.count() > 0 ? moments(x.component(d)) : nothing());
            for (std::size_t c = row * dim * dim; covariance && x.count() == 0 && c < (row + 1) * dim * dim; ++c) s.cov[c] = nothing().mean;
            for (std::size_t d = 0; covariance && x.count() > 0 && d < dim; ++d)
                for (std::size_t e = 0; e <= d; ++e)
                    s.cov[(row * dim + d) * dim + e] = s.cov[(row * dim + e) * dim + d] =
                        foldback::covariance(x.component(d), s.mean[row * dim + d], x.component(e), s.mean[row * dim + e]);
        }
    return s;
}

void merge(StateMoments& into, const StateMoments& more) {
    if (into.count.empty()) {
        into = more;
        return;
    }
    const std::size_t dim = into.components;
    for (std::size_t row = 0; row < into.count.size(); ++row) {
        const double na = into.count[row], nb = more.count[row], n = na + nb;
        if (nb == 0) continue;
        if (na == 0) {
            take(into, more, row);
            continue;
        }
        for (std::size_t d = 0; d < dim && !into.cov.empty(); ++d)
            for (std::size_t e = 0; e < dim; ++e) {
                const std::size_t i = row * dim + d, j = row * dim + e, c = i * dim + e;
                const double between = (more.mean[i] - into.mean[i]) * (more.mean[j] - into.mean[j]) * (na / n) * (nb / n);
                into.cov[c] = into.cov[c] * (na / n) + more.cov[c] * (nb / n) + between;
            }
        for (std::size_t d = 0; d < dim; ++d) put(into, row * dim + d, merge(at(into, row, row * dim + d), at(more, row, row * dim + d)));
        into.count[row] = n;
    }
}

}  // namespace foldback
