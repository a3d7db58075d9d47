#include "models/laws/affine_family.hpp"

#include <algorithm>
#include <cmath>

#include "models/laws/affine_moments.hpp"
#include "models/laws/choice.hpp"
#include "models/laws/marginals.hpp"
#include "models/laws/normal_moments.hpp"
#include "models/laws/spectral_norm.hpp"
#include "sim/error.hpp"

namespace foldback {

AffineFamily AffineFamily::from(Settings& table) {
    AffineFamily family;
    double sum = 0;
    std::vector<Settings> maps = table.tables("maps");
    for (Settings& map : maps) {
        family.weights_.push_back(maps.size() == 1 ? map.number("weight", 1.0, Range::open_closed(0, 1))
                                                   : map.number("weight", Range::open_closed(0, 1)));
        sum += family.weights_.back();
        const Matrix A = map.matrix("A");
        const std::vector<double> b = map.vector("b");
        if (A.rows != A.cols)
            throw map.wrong("A", "is " + std::to_string(A.rows) + " x " + std::to_string(A.cols), "it must be square");
        if (family.norms_.empty()) family.d_ = A.rows;
        if (A.rows != family.d_)
            throw map.wrong("A", "has dimension " + std::to_string(A.rows),
                            "it must be " + std::to_string(family.d_) + ", as in the first map");
        if (b.size() != std::size_t(A.rows))
            throw map.wrong("b", "has length " + std::to_string(b.size()),
                            "it must be " + std::to_string(A.rows) + ", as A has rows");
        family.A_.insert(family.A_.end(), A.data.begin(), A.data.end());
        family.b_.insert(family.b_.end(), b.begin(), b.end());
        family.norms_.push_back(spectral_norm(A.data, A.rows));
    }
    if (std::abs(sum - 1) > 1e-9)
        throw table.wrong("maps", "has weights that sum to " + std::to_string(sum), "they must sum to 1 within 1e-9");
    if (auto noise = table.optional_table("noise")) family.noise_ = NamedLaw::from(*noise);
    if (auto factor = table.optional_table("factor")) family.factor_ = NamedLaw::from(*factor);
    family.prepare();
    return family;
}

void AffineFamily::prepare() {
    const auto d = std::size_t(d_), count = size();
    double sum = 0;
    for (double w : weights_) sum += w;
    for (double& w : weights_) w /= sum;  // what was rounded when they were written
    cumulated_ = cumulated(weights_);
    table_.resize((d * d + d + 1) * count);
    for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t i = 0; i < d * d; ++i) table_[i * count + k] = A_[k * d * d + i];
        for (std::size_t i = 0; i < d; ++i) table_[(d * d + i) * count + k] = b_[k * d + i];
        table_[(d * d + d) * count + k] = norms_[k].value;
    }
}

Bits AffineFamily::bits() const { return is_general() ? Bits::same_libm : Bits::portable; }

Consumption AffineFamily::consumption() const {
    Consumption c{.uniforms = size() > 1};
    return noise_.consumption(factor_.consumption(c), unsigned(d_));
}

std::vector<NamedArray> AffineFamily::parameters() const {
    const auto d = std::size_t(d_), count = size();
    std::vector<NamedArray> all{{"weights", {count}, weights_}, {"A", {count, d, d}, A_}, {"b", {count, d}, b_}};
    for (const auto& [law, prefix] : {std::pair(factor_, "factor"), std::pair(noise_, "noise")}) {
        const auto named = law.parameters(prefix);
        all.insert(all.end(), named.begin(), named.end());
    }
    return all;
}

void AffineFamily::draw_general(WordSource words, std::span<double> out) const {
    if (factor_.is_general()) factor_.draw_general(words, out.first(1));
    if (noise_.is_general()) noise_.draw_general(words, out.subspan(1));
}

Truth AffineFamily::truth() const {
    Truth t;
    add_contraction(t);
    t.displacement = [family = *this](std::span<const double> x, double p) { return family.displacement(x, p); };
    if (std::isfinite(factor_.second_moment()) && std::isfinite(noise_.second_moment())) add_affine_law(t, law());
    if (d_ == 1) add_scalar_facts(t);
    t.atoms = !has_noise();
    return t;
}

void AffineFamily::add_contraction(Truth& t) const {
    const bool exact = std::all_of(norms_.begin(), norms_.end(), [](Fact f) { return f.label == Label::exact; });
    const Label label = exact ? Label::exact : Label::bound;
    t.lipschitz_moment = [family = *this, label](double p) -> std::optional<Fact> {
        double sum = 0;
        for (std::size_t k = 0; k < family.size(); ++k) sum += family.weights_[k] * std::pow(family.norms_[k].value, p);
        return Fact{sum == 0 ? 0 : sum * family.factor_.absolute_moment(p), label};
    };
    double largest = 0, mean = 0, square = 0;
    for (std::size_t k = 0; k < size(); ++k) {
        const double norm = norms_[k].value;
        largest = std::max(largest, norm);
        mean += weights_[k] * std::log(norm);
    }
    for (std::size_t k = 0; k < size(); ++k) square += weights_[k] * std::pow(std::log(norms_[k].value) - mean, 2);
    if (largest == 0)
        t.lipschitz_sure = Fact{0};
    else if (std::isfinite(factor_.largest()))
        t.lipschitz_sure = Fact{largest * factor_.largest(), label};
    t.chi = Fact{mean + factor_.log_mean(), label};
    t.log_lipschitz_variance = Fact{std::isinf(mean) ? infinity : square + factor_.log_variance(), label};
}

void AffineFamily::add_scalar_facts(Truth& t) const {
    if (std::isfinite(t.chi->value)) t.lyapunov = t.chi;
    if (t.chi->value >= 0) t.note = "E log|a| >= 0: no stationary law";
    if (t.chi->value >= 0 || has_common_fixed_point()) return;
    const double a_moment_limit = noise_.tail_index();
    const auto root = kesten_index([&](double p) { return t.lipschitz_moment(p)->value; });
    const double index = std::min(root.value_or(infinity), a_moment_limit);
    if (std::isfinite(index)) t.tail_index = Fact{index};
    if (root && !has_factor()) t.note = "if log|a| lives on a lattice, t^alpha P(|Z| > t) oscillates and has no limit";
    if (size() == 1 && !has_factor() && noise_.kind() == NamedLaw::Kind::normal) {
        const double a = A(0, 0, 0);
        t.marginals = {
            normal_law((b(0, 0) + noise_.mean()) / (1 - a), std::sqrt(noise_.variance() / ((1 - a) * (1 + a))))};
    }
}

// Whether some c has A_k c + b_k = c for all k, in one dimension: then the law is a point and has no tail.
bool AffineFamily::has_common_fixed_point() const {
    if (has_noise()) return false;
    if (has_factor()) return std::all_of(b_.begin(), b_.end(), [&](double v) { return v == 0; });
    const double c = b(0, 0) / (1 - A(0, 0, 0));
    for (std::size_t k = 0; k < size(); ++k)
        if (std::abs(A(k, 0, 0) * c + b(k, 0) - c) > 1e-14 * (std::abs(c) + std::abs(b(k, 0)))) return false;
    return true;
}

std::optional<Fact> AffineFamily::displacement(std::span<const double> x, double p) const {
    const auto d = std::size_t(d_);
    std::vector<double> u(d), c(d);  // f(x) - x = m u + c + e
    double sum = 0, largest = 0;
    for (std::size_t k = 0; k < size(); ++k) {
        double uu = 0, uc = 0, cc = 0, u1 = 0, c1 = 0;
        for (std::size_t i = 0; i < d; ++i) {
            u[i] = 0;
            for (std::size_t j = 0; j < d; ++j) u[i] += A(k, i, j) * x[j];
            c[i] = b(k, i) - x[i];
            uu += u[i] * u[i], uc += u[i] * c[i], cc += c[i] * c[i], u1 += u[i], c1 += c[i];
        }
        if (!has_factor() && !has_noise()) {
            const double m = factor_.mean(), e = noise_.mean();
            double square = 0;
            for (std::size_t i = 0; i < d; ++i) square += std::pow(m * u[i] + c[i] + e, 2);
            sum += weights_[k] * std::pow(square, (std::isinf(p) ? 2 : p) / 2);
            largest = std::max(largest, std::sqrt(square));
        } else if (std::isinf(p)) {
            // Convex in (m, e): largest at an end of each interval.
            for (double m : {factor_.lower(), factor_.upper()}) {
                double square = 0;
                for (std::size_t i = 0; i < d; ++i) {
                    const double shift = (u[i] == 0 ? 0 : m * u[i]) + c[i];
                    square += std::pow(std::max(std::abs(shift + noise_.lower()), std::abs(shift + noise_.upper())), 2);
                }
                largest = std::max(largest, std::sqrt(square));
            }
        } else if (p == 1 && d == 1 && !has_factor() && noise_.kind() == NamedLaw::Kind::normal) {
            sum += weights_[k] *
                   mean_absolute_normal(factor_.mean() * u[0] + c[0] + noise_.mean(), std::sqrt(noise_.variance()));
        } else {
            const double m = uu == 0 ? 0 : factor_.mean(), mm = uu == 0 ? 0 : factor_.second_moment(),
                         e = noise_.mean();
            sum +=
                weights_[k] * (mm * uu + 2 * m * (uc + e * u1) + cc + 2 * e * c1 + double(d) * noise_.second_moment());
        }
    }
    if (std::isinf(p)) return std::isfinite(largest) ? std::optional(Fact{largest}) : std::nullopt;
    if (!std::isfinite(sum)) return std::nullopt;
    if (!has_factor() && !has_noise()) return Fact{std::pow(sum, 1 / p)};
    if (p == 1 && d == 1 && !has_factor() && noise_.kind() == NamedLaw::Kind::normal) return Fact{sum};
    if (p > 2) return std::nullopt;
    return Fact{std::sqrt(sum), p == 2 ? Label::exact : Label::bound};  // D_p <= D_2 for p < 2
}

AffineLaw AffineFamily::law() const {
    const auto d = std::size_t(d_);
    AffineLaw law{std::vector<double>(d * d), std::vector<double>(d), std::vector<double>(d * d), {}, {}};
    const double e = noise_.mean(), m = factor_.mean();
    for (std::size_t k = 0; k < size(); ++k)
        for (std::size_t i = 0; i < d; ++i) {
            law.mean_b[i] += weights_[k] * (b(k, i) + e);
            for (std::size_t j = 0; j < d; ++j) {
                law.mean_A[i * d + j] += weights_[k] * m * A(k, i, j);
                law.mean_bb[i * d + j] +=
                    weights_[k] * ((b(k, i) + e) * (b(k, j) + e) + (i == j ? noise_.variance() : 0));
            }
        }
    law.conjugate = [f = *this, d](std::span<const double> s) {
        std::vector<double> sum(d * d), half(d * d);
        for (std::size_t k = 0; k < f.size(); ++k) {
            for (std::size_t i = 0; i < d; ++i)
                for (std::size_t j = 0; j < d; ++j) {
                    half[i * d + j] = 0;
                    for (std::size_t l = 0; l < d; ++l) half[i * d + j] += f.A(k, i, l) * s[l * d + j];
                }
            for (std::size_t i = 0; i < d; ++i)
                for (std::size_t j = 0; j < d; ++j)
                    for (std::size_t l = 0; l < d; ++l)
                        sum[i * d + j] += f.weights_[k] * f.factor_.second_moment() * half[i * d + l] * f.A(k, j, l);
        }
        return sum;
    };
    law.cross = [f = *this, d, e, m](std::span<const double> mean) {
        std::vector<double> sum(d * d);
        for (std::size_t k = 0; k < f.size(); ++k)
            for (std::size_t i = 0; i < d; ++i) {
                double moved = 0;
                for (std::size_t l = 0; l < d; ++l) moved += f.A(k, i, l) * mean[l];
                for (std::size_t j = 0; j < d; ++j) sum[i * d + j] += f.weights_[k] * m * moved * (f.b(k, j) + e);
            }
        return sum;
    };
    return law;
}

}  // namespace foldback
