#include "analysis/interval.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "analysis/special.hpp"
#include "sim/error.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

Interval plain_t(const SampleMoments& m, double alpha) {
    const double n = double(m.count);
    const double radius = special::student_upper(0.5 * alpha, n - 1.0) * std::sqrt(m.variance() / n);
    return {m.mean - radius, m.mean + radius};
}

/// How many of `repetitions` samples of size n give limits that miss the truth.
template <class Draw, class Limits>
int misses(int repetitions, std::size_t n, double truth, Draw draw, Limits limits) {
    int count = 0;
    for (int r = 0; r < repetitions; ++r) count += limits(Samples::many(n, draw)).contains(truth) ? 0 : 1;
    return count;
}

}  // namespace

TEST_CASE("quantiles: table values and far tails") {
    CHECK(special::student_upper(0.025, 10.0) == doctest::Approx(2.228138852).epsilon(1e-9));
    CHECK(special::student_upper(0.5, 3.0) == doctest::Approx(0.0));
    CHECK(special::student_upper(2.866515719e-7, 1e9) == doctest::Approx(5.0).epsilon(1e-7));  // 1 - Phi(5)
    CHECK(special::gamma_upper(0.05, 1.0) == doctest::Approx(-std::log(0.05)).epsilon(1e-12));
    CHECK(special::gamma_lower(1e-9, 1.0) == doctest::Approx(1e-9).epsilon(1e-8));
    CHECK(special::gamma_upper(1e-9, 5e9) == doctest::Approx(5e9 + 5.9978 * std::sqrt(5e9)).epsilon(1e-7));
    CHECK(special::beta_upper(1e-6, 1.0, 100.0) == doctest::Approx(1.0 - std::pow(1e-6, 0.01)).epsilon(1e-12));
    CHECK(special::binomial_at_least(2.0, 3.0, 0.5) == doctest::Approx(0.5));
    CHECK(special::binomial_at_most(0.0, 3.0, 0.5) == doctest::Approx(0.125));
    CHECK(special::student_upper(0.0, 5.0) == infinity);
}

TEST_CASE("mean interval of a symmetric sample is the plain t interval") {
    const std::vector<double> x{-2.0, -1.0, 0.0, 1.0, 2.0};
    const Interval i = mean_interval(x, 0.05);
    CHECK(i.upper == doctest::Approx(2.776445105 * std::sqrt(2.5 / 5.0)).epsilon(1e-9));
    CHECK(i.lower == -i.upper);
    CHECK(mean_interval(x, 0.025, Side::upper).upper == doctest::Approx(i.upper).epsilon(1e-12));
    CHECK(mean_interval(x, 0.025, Side::upper).lower == -infinity);
    CHECK(mean_interval(x, 0.025, Side::lower).upper == infinity);
}

TEST_CASE("mean interval inverts Hall's transformation on the long side and keeps t on the short one") {
    Samples s(21);
    const auto x = Samples::many(60, [&] { return s.exponential(); });
    const SampleMoments m = moments(x);
    const Interval i = mean_interval(m, 0.01), t = plain_t(m, 0.01);
    const double n = 60.0, g = m.skewness() / std::sqrt(n);
    const double studentised = (m.mean - i.upper) / std::sqrt(m.variance() / n);
    const double transformed_t = studentised + g * studentised * studentised / 3.0 +
                                 g * g * studentised * studentised * studentised / 27.0 + g / 6.0;
    CHECK(transformed_t == doctest::Approx(-special::student_upper(0.005, 59.0)).epsilon(1e-9));
    CHECK(i.upper > t.upper);
    CHECK(i.lower == t.lower);
    std::vector<double> mirrored = x;
    for (double& value : mirrored) value = -value;
    CHECK(mean_interval(mirrored, 0.01).lower == doctest::Approx(-i.upper).epsilon(1e-12));
}

TEST_CASE("mean interval of degenerate and unusable data") {
    const std::vector<double> same(7, 0.1), two{1.0, 2.0}, broken{1.0, missing, 2.0, 3.0},
        endless{1.0, infinity, 2.0, 3.0};
    CHECK(mean_interval(same, 1e-6).lower == 0.1);
    CHECK(mean_interval(same, 1e-6).upper == 0.1);
    CHECK(mean_interval(same, 1e-6).half_width() == 0.0);
    CHECK(mean_interval(two, 0.05).lower == -infinity);
    CHECK(mean_interval(two, 0.05).upper == infinity);
    CHECK(mean_interval(std::vector<double>{}, 0.05).upper == infinity);
    for (const auto& x : {broken, endless}) {
        CHECK(std::isnan(mean_interval(x, 0.05).lower));
        CHECK(std::isnan(mean_interval(x, 0.05).upper));
    }
    const std::vector<double> huge{1e300, -1e300, 0.0, 5.0};
    CHECK(mean_interval(huge, 0.05).upper == infinity);
}

TEST_CASE("mean interval is finite, ordered and widening down to alpha 1e-12") {
    Samples s(22);
    const auto x = Samples::many(30, [&] { return std::exp(2.0 * s.normal()); });
    const double mean = moments(x).mean;
    Interval before = mean_interval(x, 0.5);
    for (const double alpha : {1e-1, 1e-3, 5e-7, 1e-9, 1e-12}) {
        const Interval i = mean_interval(x, alpha);
        CHECK(std::isfinite(i.lower));
        CHECK(std::isfinite(i.upper));
        CHECK(i.lower < before.lower);
        CHECK(i.upper > before.upper);
        CHECK(i.contains(mean));
        before = i;
    }
}

// N = 2000 samples of 200 log-normal data, level 0.01: expected misses 20, standard error 4.4, ceiling (1e-4) 37.5.
TEST_CASE("mean interval covers skewed means where the plain t does not") {
    const double truth = std::exp(0.5);
    Samples s(23), control(23);
    const int hall = misses(
        2000, 200, truth, [&] { return std::exp(s.normal()); }, [](const auto& x) { return mean_interval(x, 0.01); });
    const int plain = misses(
        2000, 200, truth, [&] { return std::exp(control.normal()); },
        [](const auto& x) { return plain_t(moments(x), 0.01); });
    MESSAGE("misses of 2000 at level 0.01: Hall " << hall << ", plain t " << plain);
    CHECK(hall <= binomial_ceiling(2000, 0.01));
    CHECK(plain > binomial_ceiling(2000, 0.01));  // negative control
}

// At alpha/m the plain t fails by a large factor: upper limit of an exponential mean, n = 100, level 5e-4.
TEST_CASE("mean interval keeps a small one-sided level") {
    Samples s(24), control(24);
    const int n_misses = misses(
        20000, 100, 1.0, [&] { return s.exponential(); },
        [](const auto& x) { return mean_interval(x, 5e-4, Side::upper); });
    const int plain = misses(
        20000, 100, 1.0, [&] { return control.exponential(); },
        [](const auto& x) {
            return Interval{-infinity, plain_t(moments(x), 1e-3).upper};
        });
    MESSAGE("misses of 20000 at level 5e-4: Hall " << n_misses << ", plain t " << plain);
    CHECK(n_misses <= binomial_ceiling(20000, 5e-4));
    CHECK(plain > 3.0 * binomial_ceiling(20000, 5e-4));  // negative control
}

// Reference: the bootstrap-t upper limit, 999 resamples, 400 samples of 40 exponentials, one-sided level 0.025.
TEST_CASE("mean interval agrees with the bootstrap-t") {
    Samples s(25);
    constexpr std::size_t n = 40, resamples = 999;
    int hall_misses = 0, reference_misses = 0;
    double hall_arm = 0.0, reference_arm = 0.0, plain_arm = 0.0;
    for (int r = 0; r < 400; ++r) {
        const auto x = Samples::many(n, [&] { return s.exponential(); });
        const SampleMoments m = moments(x);
        std::vector<double> studentised(resamples), again(n);
        for (double& t : studentised) {
            for (double& value : again) value = x[s.below(n)];
            const SampleMoments b = moments(again);
            t = (b.mean - m.mean) / std::sqrt(b.variance() / double(n));
        }
        std::nth_element(studentised.begin(), studentised.begin() + 24, studentised.end());  // 25/1000
        const double error = std::sqrt(m.variance() / double(n));
        const double reference = m.mean - studentised[24] * error;
        const double hall = mean_interval(m, 0.025, Side::upper).upper;
        hall_misses += hall < 1.0;
        reference_misses += reference < 1.0;
        hall_arm += (hall - m.mean) / error / 400.0;
        reference_arm += (reference - m.mean) / error / 400.0;
        plain_arm += special::student_upper(0.025, double(n) - 1.0) / 400.0;
    }
    MESSAGE("mean arm in standard errors: Hall " << hall_arm << ", bootstrap-t " << reference_arm << ", plain t "
                                                 << plain_arm << "; misses " << hall_misses << " and "
                                                 << reference_misses << " of 400 at 0.025");
    CHECK(std::abs(hall_arm - reference_arm) < 0.15 * reference_arm);
    CHECK(std::abs(plain_arm - reference_arm) > 0.15 * reference_arm);  // negative control
    CHECK(hall_misses <= binomial_ceiling(400, 0.025));
}

TEST_CASE("difference interval: equal data, degenerate data, coverage with unequal sizes and skews") {
    const std::vector<double> one(5, 1.0), three(6, 3.0);
    CHECK(difference_interval(moments(one), moments(three), 0.01).lower == -2.0);
    CHECK(difference_interval(moments(one), moments(three), 0.01).upper == -2.0);
    CHECK(difference_interval(moments(std::vector<double>{1.0}), moments(three), 0.01).upper == infinity);
    CHECK(std::isnan(difference_interval(moments(std::vector<double>{1.0, missing, 1.0}), moments(three), 0.01).upper));
    Samples s(26);
    // Equal skews cancel in a difference: symmetric limits.
    const SampleMoments skewed = moments(Samples::many(30, [&] { return s.exponential(); }));
    const Interval symmetric = difference_interval(skewed, skewed, 0.05);
    CHECK(symmetric.lower == -symmetric.upper);
    CHECK(symmetric.upper ==
          doctest::Approx(special::student_upper(0.025, 58.0) * std::sqrt(skewed.variance() / 15.0)));
    int missed = 0, missed_ignoring_y = 0;
    for (int r = 0; r < 2000; ++r) {
        const auto x = Samples::many(100, [&] { return s.exponential(); });
        const auto y = Samples::many(50, [&] { return 2.0 * s.exponential(); });
        const SampleMoments mx = moments(x), my = moments(y);
        missed += !difference_interval(mx, my, 0.05).contains(-1.0);
        const Interval wrong = mean_interval(mx, 0.05);
        missed_ignoring_y += !Interval{wrong.lower - my.mean, wrong.upper - my.mean}.contains(-1.0);
    }
    CHECK(missed <= binomial_ceiling(2000, 0.05));
    CHECK(missed_ignoring_y > binomial_ceiling(2000, 0.05));  // negative control
}

TEST_CASE("variance interval: exact for normal data up to the kurtosis, sane when degenerate") {
    SampleMoments m;
    m.count = 1001;
    m.m2 = 1000.0 / 1001.0;
    // Kurtosis at which nu = n - 1 exactly: the textbook chi^2 interval.
    m.m4 = m.m2 * m.m2 * (998.0 / 1000.0 + 2.0 * 1001.0 / 1000.0);
    m.min = -1.0;
    m.max = 1.0;
    const Interval i = variance_interval(m, 0.05);
    CHECK(i.lower == doctest::Approx(1000.0 / 1089.531).epsilon(1e-6));  // chi^2_1000 quantiles
    CHECK(i.upper == doctest::Approx(1000.0 / 914.257).epsilon(1e-6));
    CHECK(variance_interval(moments(std::vector<double>(5, 2.0)), 0.05).upper == 0.0);
    CHECK(variance_interval(moments(std::vector<double>{1.0, 2.0}), 0.05).upper == infinity);
    const Interval tiny = variance_interval(m, 5e-7);
    CHECK(tiny.lower > 0.7);
    CHECK(tiny.upper < 1.4);
}

// N = 2000, level 0.05, Laplace data (kurtosis 6), n = 400; control: the normal theory's chi^2_(n-1) interval.
TEST_CASE("variance interval covers for non-normal data where normal theory does not") {
    Samples s(27);
    int missed = 0, control = 0;
    for (int r = 0; r < 2000; ++r) {
        const auto x = Samples::many(400, [&] { return s.exponential() - s.exponential(); });
        const SampleMoments m = moments(x);
        missed += !variance_interval(m, 0.05).contains(2.0);
        const double sum = 399.0 * m.variance();
        control += !Interval{sum / (2.0 * special::gamma_upper(0.025, 199.5)),
                             sum / (2.0 * special::gamma_lower(0.025, 199.5))}
                        .contains(2.0);
    }
    MESSAGE("misses of 2000 at level 0.05: matched " << missed << ", normal theory " << control);
    CHECK(missed <= 1.5 * 0.05 * 2000);  // asymptotic: the kurtosis is estimated
    CHECK(control > 3 * 0.05 * 2000);    // negative control
}

TEST_CASE("covariance interval covers and is the variance for equal data") {
    Samples s(28);
    int missed = 0;
    for (int r = 0; r < 1000; ++r) {
        std::vector<double> x(200), y(200);
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = s.normal();
            y[i] = 0.5 * x[i] + s.normal();
        }
        missed += !covariance_interval(x, y, 0.05).contains(0.5);
    }
    CHECK(missed <= binomial_ceiling(1000, 0.05));
    const std::vector<double> x{1.0, 2.0, 3.0, 6.0};
    const Interval i = covariance_interval(x, x, 0.2);
    CHECK(i.contains(14.0 / 3.0));
    CHECK_THROWS_AS(covariance_interval(x, std::vector<double>{1.0}, 0.2), InternalError);
}

TEST_CASE("empirical Bernstein: formula, clipping, range check, rigorous coverage") {
    const std::vector<double> x{0.0, 1.0, 0.0, 1.0};
    const SampleMoments m = moments(x);
    CHECK(bounded_mean_interval(m, 0.0, 1.0, 0.05).lower == 0.0);
    CHECK(bounded_mean_interval(m, 0.0, 1.0, 0.05).upper == 1.0);
    CHECK_THROWS_AS(bounded_mean_interval(m, 0.0, 0.5, 0.05), InternalError);
    SampleMoments large;
    large.count = 100001;
    large.mean = 0.5;
    large.m2 = 0.01 * 100000.0 / 100001.0;
    large.min = 0.1;
    large.max = 0.9;
    const double log_level = std::log(2.0 / 0.025);
    const double radius = std::sqrt(2.0 * 0.01 * log_level / 100001.0) + 7.0 * log_level / (3.0 * 100000.0);
    CHECK(bounded_mean_interval(large, 0.0, 1.0, 0.05).upper == doctest::Approx(0.5 + radius).epsilon(1e-12));
    Samples s(29);
    const int missed = misses(
        1000, 50, 0.02, [&] { return s.uniform() < 0.02 ? 1.0 : 0.0; },
        [](const auto& y) { return bounded_mean_interval(moments(y), 0.0, 1.0, 0.05); });
    CHECK(missed == 0);
    const int t_missed = misses(
        1000, 50, 0.02, [&] { return s.uniform() < 0.02 ? 1.0 : 0.0; },
        [](const auto& y) { return mean_interval(y, 0.05); });
    CHECK(t_missed > binomial_ceiling(1000, 0.05));  // negative control: rare events defeat studentised intervals
}

TEST_CASE("proportion interval: closed forms at the ends, table value inside") {
    CHECK(proportion_interval(0, 100, 0.05, Side::upper).upper == doctest::Approx(1.0 - std::pow(0.05, 0.01)));
    CHECK(proportion_interval(0, 100, 0.05).lower == 0.0);
    CHECK(proportion_interval(100, 100, 0.05).upper == 1.0);
    CHECK(proportion_interval(100, 100, 0.05).lower == doctest::Approx(std::pow(0.025, 0.01)));
    CHECK(proportion_interval(0, 0, 0.05).upper == 1.0);
    const Interval i = proportion_interval(3, 10, 0.05);  // Clopper-Pearson tables: 0.0667, 0.6525
    CHECK(i.lower == doctest::Approx(0.06673951).epsilon(1e-6));
    CHECK(i.upper == doctest::Approx(0.65245285).epsilon(1e-6));
    CHECK_THROWS_AS(proportion_interval(3, 2, 0.05), InternalError);
}

TEST_CASE("quantile interval: order statistics of the binomial, infinite for few data") {
    std::vector<double> x(100);
    for (std::size_t i = 0; i < 100; ++i) x[i] = double(100 - i);  // 1..100, out of order
    const Interval i = quantile_interval(x, 0.5, 0.05);
    CHECK(i.lower == 40.0);  // P(Bin(100, 1/2) <= 39) = 0.0176 <= 0.025 < P(<= 40)
    CHECK(i.upper == 61.0);  // P(>= 61) = 0.0176
    CHECK(quantile_interval(x, 0.999, 0.05).upper == infinity);
    CHECK(quantile_interval(x, 0.001, 0.05).lower == -infinity);
    CHECK(quantile_interval(std::vector<double>{}, 0.5, 0.05).lower == -infinity);
    CHECK(std::isnan(quantile_interval(std::vector<double>{missing, 1.0}, 0.5, 0.05).lower));
    Samples s(30);
    const int missed = misses(
        1000, 50, std::log(2.0), [&] { return s.exponential(); },
        [](const auto& y) { return quantile_interval(y, 0.5, 0.05); });
    CHECK(missed <= binomial_ceiling(1000, 0.05));
}

TEST_CASE("ratio intervals cover, paired and independent, and refuse means that are not positive") {
    Samples s(31);
    int paired = 0, independent = 0;
    for (int r = 0; r < 1000; ++r) {
        std::vector<double> x(200), y(200);
        for (std::size_t i = 0; i < x.size(); ++i) {
            y[i] = s.exponential();
            x[i] = 0.5 * y[i] + 0.5 * s.exponential();
        }
        const auto z = Samples::many(100, [&] { return s.exponential(); });
        paired += !ratio_interval(x, y, 0.05).contains(1.0);
        independent += !ratio_interval(moments(x), moments(z), 0.05).contains(1.0);
    }
    CHECK(paired <= binomial_ceiling(1000, 0.05));
    CHECK(independent <= binomial_ceiling(1000, 0.05));
    const std::vector<double> x{2.0, 4.0, 6.0}, y{1.0, 2.0, 3.0}, negative{-1.0, -2.0, -3.0};
    CHECK(ratio_interval(x, y, 0.05).half_width() < 1e-12);
    CHECK(ratio_interval(x, y, 0.05).lower == doctest::Approx(2.0));
    CHECK(std::isnan(ratio_interval(x, negative, 0.05).lower));
    CHECK(ratio_interval(std::vector<double>{1.0}, std::vector<double>{1.0}, 0.05).upper == infinity);
}

TEST_CASE("root of an interval cuts at zero and keeps NaN") {
    CHECK(root({-1.0, 9.0}, 2.0).lower == 0.0);
    CHECK(root({-1.0, 9.0}, 2.0).upper == 3.0);
    CHECK(std::isnan(root({missing, 1.0}, 2.0).upper));
}
