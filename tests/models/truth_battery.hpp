#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/gain.hpp"
#include "sim/random_map.hpp"
#include "sim/truth.hpp"
#include "sim/workspace.hpp"

// A model's truths against its own simulation. Every comparison is at 6 standard errors, estimated from the same sample
// (for normal data 2e-9 two-sided; a few times 1e-6 for the skewed ones here), each with literal seeds; controls,
// values 10 % off, must fail wherever 10 % are at least 24 standard errors.
namespace foldback::tests {

struct TruthOptions {
    std::uint32_t settle = 80;                   ///< steps after which X_n is stationary for all purposes
    bool stationary_moments = true;              ///< false where fourth moments are infinite
    std::vector<double> displacement{1, 2};      ///< the p for which E d^2p is finite
    std::vector<double> contraction{0.5, 1, 2};  ///< the p for which E L^2p is finite
    bool exact_gain = true;                      ///< false where the truths only bound the moments of the gain
    bool affine = true;                          ///< false where E |f(x)|^4 is infinite
};

/// Mean and standard error of a sample.
struct Sample {
    double mean = 0, error = 0;
    explicit Sample(const std::vector<double>& values) {
        const auto n = double(values.size());
        for (double v : values) mean += v / n;
        double square = 0;
        for (double v : values) square += (v - mean) * (v - mean);
        error = std::sqrt(square / n / (n - 1));
    }
    bool agrees(double value) const {
        return std::abs(mean - value) <= 6 * error + 1e-9 * std::max(std::abs(value), 1e-3);
    }
    bool below(double value) const { return mean <= value + 6 * error + 1e-9 * std::max(std::abs(value), 1e-3); }
    bool resolves(double value) const { return 0.1 * std::abs(value) > 24 * error; }
};

inline void check_fact(const std::string& what, const Sample& sample, const Fact& fact) {
    INFO(what << ": " << fact.value << " (" << name(fact.label) << "), simulated " << sample.mean << " +- "
              << sample.error);
    if (fact.label == Label::bound) {
        CHECK(sample.below(fact.value));
        return;
    }
    CHECK(sample.agrees(fact.value));
    if (sample.resolves(fact.value)) CHECK_FALSE(sample.agrees(1.1 * fact.value));
}

/// Calls visit(noise, lane count) for `count` replicas, 8 at once.
template <class M, class F>
void for_replicas(const M& f, std::uint64_t seed, std::uint32_t count, F visit) {
    for (std::uint32_t first = 0; first < count; first += 8) {
        Noise<Lanes<8>> w(seed, first, f.consumption());
        visit(w);
    }
}

template <class M>
void check_contraction_truth(const M& f, const Truth& t, const TruthOptions& options) {
    using R = Lanes<8>;
    constexpr std::uint32_t replicas = 1 << 15;
    if constexpr (HasLipschitz<M, R>) {
        std::vector<double> factors;
        auto p = make_parameter<R>(f);
        for_replicas(f, 101, replicas, [&](Noise<R>& w) {
            GainOf<R, M> gain;
            for (std::uint32_t n = 1; n <= std::uint32_t(t.maps_per_factor); ++n) {
                w.at(n);
                draw_into(f, w, p);
                gain.append(f, p);
            }
            for (int l = 0; l < 8; ++l) factors.push_back(gain.value()[l]);
        });
        const auto mapped = [&](auto g) {
            std::vector<double> values;
            for (double L : factors) values.push_back(g(L));
            return Sample(values);
        };
        // The gain is mostly what its moments are about, exactly, even where it only bounds the Lipschitz constant.
        const Label label = options.exact_gain ? Label::exact : Label::bound;
        if (t.lipschitz_moment)
            for (double order : options.contraction)
                if (const auto fact = t.lipschitz_moment(order))
                    check_fact("E L^" + std::to_string(order), mapped([&](double L) { return std::pow(L, order); }),
                               {fact->value, label});
        if (t.lipschitz_sure)
            CHECK(*std::max_element(factors.begin(), factors.end()) <= t.lipschitz_sure->value * (1 + 1e-12));
        if (t.chi && std::isfinite(t.chi->value)) {
            const Sample log = mapped([](double L) { return std::log(L); });
            const double chi = t.chi->value * t.maps_per_factor;
            check_fact("chi", log, {chi, label});
            REQUIRE(t.log_lipschitz_variance);
            const double centre = options.exact_gain ? chi : log.mean;
            check_fact("Var log L", mapped([&](double L) { return std::pow(std::log(L) - centre, 2); }),
                       *t.log_lipschitz_variance);
        } else if (t.chi) {
            CHECK(t.log_lipschitz_variance->value == infinity);
        }
    }
}

template <class M>
void check_one_step(const M& f, const Truth& t, const double* start, const TruthOptions& options) {
    using R = Lanes<8>;
    const auto d = std::size_t(dimension_of<R>(f));
    std::vector<double> moved;
    std::vector<std::vector<double>> image(d);
    auto p = make_parameter<R>(f);
    Workspace<R> x(d), y(d);
    for (std::size_t i = 0; i < d; ++i) x[i] = R(start[i]);
    for_replicas(f, 103, 1 << 15, [&](Noise<R>& w) {
        w.at(1);
        draw_into(f, w, p);
        for (std::size_t i = 0; i < d; ++i) y[i] = x[i];
        apply_to(f, p, y.data());
        const R distance = distance_between(f, y.data(), x.data());
        for (int l = 0; l < 8; ++l) moved.push_back(distance[l]);
        for (std::size_t i = 0; i < d; ++i)
            for (int l = 0; l < 8; ++l) image[i].push_back(y[i][l]);
    });
    if (t.displacement) {
        for (double order : options.displacement)
            if (const auto fact = t.displacement({start, d}, order)) {
                std::vector<double> powers;
                for (double v : moved) powers.push_back(std::pow(v, order));
                check_fact("D_" + std::to_string(order) + "^p", Sample(powers),
                           {std::pow(fact->value, order), fact->label});
            }
        if (const auto sure = t.displacement({start, d}, infinity))
            CHECK(*std::max_element(moved.begin(), moved.end()) <= sure->value * (1 + 1e-12));
    }
    if (!t.affine || !options.affine) return;
    const auto mean_square = [&](std::size_t i, std::size_t j) {
        std::vector<double> products;
        for (std::size_t r = 0; r < image[i].size(); ++r) products.push_back(image[i][r] * image[j][r]);
        return Sample(products);
    };
    std::vector<double> square(d * d);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) square[i * d + j] = start[i] * start[j];
    const auto conjugate = t.affine->conjugate(square), cross = t.affine->cross({start, d});
    for (std::size_t i = 0; i < d; ++i) {
        double mean = t.affine->mean_b[i];
        for (std::size_t j = 0; j < d; ++j) mean += t.affine->mean_A[i * d + j] * start[j];
        check_fact("E f(x), component " + std::to_string(i), Sample(image[i]), {mean});
        for (std::size_t j = i; j < d; ++j)
            check_fact("E f(x) f(x)^T", mean_square(i, j),
                       {conjugate[i * d + j] + cross[i * d + j] + cross[j * d + i] + t.affine->mean_bb[i * d + j]});
    }
}

/// sup |F_N - F| over x <= known_up_to.
template <class F>
double kolmogorov_distance(std::vector<double> values, F cdf, double known_up_to) {
    std::sort(values.begin(), values.end());
    const auto n = double(values.size());
    double sup = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] > known_up_to) return std::max(sup, std::abs(double(i) / n - cdf(known_up_to)));
        const double F_i = cdf(values[i]);
        sup = std::max({sup, F_i - double(i) / n, double(i + 1) / n - F_i});
    }
    return sup;
}

/// KS at level 1e-6 (Dvoretzky, Kiefer, Wolfowitz, Massart), and its control, F^1.3, wherever that is 2 thresholds off.
inline void check_law(const std::string& what, const std::vector<double>& values, const MarginalLaw& law) {
    const double threshold = std::sqrt(std::log(2e6) / (2 * double(values.size())));
    INFO(what << " against " << law.name);
    CHECK(kolmogorov_distance(values, law.cdf, law.known_up_to) < threshold);
    const double last = std::isinf(law.known_up_to) ? 1 : law.cdf(law.known_up_to),
                 u = std::min(last, 0.417);  // largest there
    if (u - std::pow(u, 1.3) > 2 * threshold)
        CHECK(kolmogorov_distance(
                  values, [&](double x) { return std::pow(law.cdf(x), 1.3); }, law.known_up_to) > threshold);
}

inline void check_law_itself(const MarginalLaw& law) {
    INFO(law.name);
    int wrong = 0;
    for (int i = 1; i < 40 && law.quantile; ++i) {
        const double u = i / 40.0, x = law.quantile(u), h = 1e-4 * std::min(x, 1 - x);
        wrong += !(std::abs(law.cdf(x) - u) < 1e-9);
        if (law.density && x > 0 && x < 1 - 1e-6) {  // where most laws here have their singularities
            const double slope = (law.cdf(x + h) - law.cdf(x - h)) / (2 * h);
            wrong += !(std::abs(slope - law.density(x)) < 1e-4 * (1 + std::abs(slope)));
        }
    }
    CHECK(wrong == 0);
}

/// If Z has the stationary law, so has f(Z): Z by the quantile function at the midpoints of a grid, one map for each.
template <class M>
void check_stationarity(const M& f, const MarginalLaw& law) {
    using R = Lanes<8>;
    if (!law.quantile) return;
    constexpr std::uint32_t replicas = 1 << 14;
    std::vector<double> values;
    std::uint32_t at = 0;
    for_replicas(f, 107, replicas, [&](Noise<R>& w) {
        w.at(1);
        auto p = make_parameter<R>(f);
        draw_into(f, w, p);
        R z;
        for (int l = 0; l < 8; ++l) z.set(l, law.quantile((at++ + 0.5) / replicas));
        apply_to(f, p, &z);
        for (int l = 0; l < 8; ++l) values.push_back(z[l]);
    });
    check_law("f(Z), Z stationary,", values, law);
}

template <class M>
void check_stationary_law(const M& f, const Truth& t, const double* start, const TruthOptions& options) {
    using R = Lanes<8>;
    const auto d = std::size_t(dimension_of<R>(f));
    std::vector<std::vector<double>> state(d);
    auto p = make_parameter<R>(f);
    Workspace<R> x(d);
    for_replicas(f, 109, 1 << 14, [&](Noise<R>& w) {
        for (std::size_t i = 0; i < d; ++i) x[i] = R(start[i]);
        for (std::uint32_t n = 1; n <= options.settle; ++n) {
            w.at(n);
            draw_into(f, w, p);
            apply_to(f, p, x.data());
        }
        for (std::size_t i = 0; i < d; ++i)
            for (int l = 0; l < 8; ++l) state[i].push_back(x[i][l]);
    });
    for (std::size_t i = 0; i < t.marginals.size(); ++i) check_law("X_n", state[i], t.marginals[i]);
    if (!options.stationary_moments) return;
    for (std::size_t i = 0; i < d && !t.mean.empty(); ++i) check_fact("E Z", Sample(state[i]), {t.mean[i]});
    for (std::size_t i = 0; i < d && !t.covariance.empty(); ++i)
        for (std::size_t j = i; j < d; ++j) {
            std::vector<double> products;
            for (std::size_t r = 0; r < state[i].size(); ++r)
                products.push_back((state[i][r] - t.mean[i]) * (state[j][r] - t.mean[j]));
            check_fact("Cov Z", Sample(products), {t.covariance[i * d + j]});
        }
}

template <class M>
void check_truth(const M& f, const std::vector<double>& starts, const TruthOptions& options) {
    const Truth t = f.truth();
    const auto d = std::size_t(dimension_of<Lanes<8>>(f));
    check_contraction_truth(f, t, options);
    for (std::size_t s = 0; s < starts.size() / d; ++s) check_one_step(f, t, &starts[s * d], options);
    for (const auto& law : t.marginals) check_law_itself(law);
    if (d == 1 && !t.marginals.empty()) check_stationarity(f, t.marginals[0]);
    if (!t.mean.empty() || !t.marginals.empty()) check_stationary_law(f, t, starts.data(), options);
}

}  // namespace foldback::tests
