#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "sim/moments.hpp"
#include "tests/support/samples.hpp"

using namespace foldback;

TEST_CASE("moments of a small sample are exact") {
    const std::vector<double> x{1.0, 2.0, 3.0, 6.0};  // mean 3, deviations -2 -1 0 3
    const SampleMoments m = moments(x);
    CHECK(m.count == 4);
    CHECK(m.mean == 3.0);
    CHECK(m.m2 == 14.0 / 4.0);
    CHECK(m.m3 == 18.0 / 4.0);
    CHECK(m.m4 == 98.0 / 4.0);
    CHECK(m.min == 1.0);
    CHECK(m.max == 6.0);
    CHECK(m.variance() == doctest::Approx(14.0 / 3.0));
    CHECK_FALSE(m.constant());
}

TEST_CASE("moments of equal values have no rounding") {
    const std::vector<double> x(1001, 0.1);
    const SampleMoments m = moments(x);
    CHECK(m.mean == 0.1);
    CHECK(m.m2 == 0.0);
    CHECK(m.m4 == 0.0);
    CHECK(m.constant());
    CHECK(m.skewness() == 0.0);
}

TEST_CASE("moments of integers are exact at every length: lanes, their pairs and the items left over") {
    for (std::size_t n = 1; n <= 40; ++n) {
        // Around 0 in pairs +-k, so that mean, sums and powers are integers of few digits.
        std::vector<double> x, y;
        for (std::size_t i = 0; i < n; ++i) {
            x.push_back((i % 2 == 0 ? 1.0 : -1.0) * double(1 + i / 2));
            y.push_back(double(i * i % 17));
        }
        if (n % 2 == 1) x.back() = 0.0;
        double s2 = 0, s3 = 0, s4 = 0, sxy = 0;
        for (std::size_t i = 0; i < n; ++i) {
            s2 += x[i] * x[i];
            s3 += x[i] * x[i] * x[i];
            s4 += x[i] * x[i] * x[i] * x[i];
            sxy += (x[i] - 2.0) * (y[i] - 5.0);
        }
        const SampleMoments m = moments(x);
        CAPTURE(n);
        CHECK(m.mean == 0.0);
        CHECK(m.m2 == s2 / double(n));
        CHECK(m.m3 == s3 / double(n));
        CHECK(m.m4 == s4 / double(n));
        CHECK(m.min == *std::min_element(x.begin(), x.end()));
        CHECK(m.max == *std::max_element(x.begin(), x.end()));
        CHECK(covariance(x, 2.0, y, 5.0) == sxy / double(n));
        CHECK(all_finite(x));
        for (std::size_t i = 0; i < n; ++i)
            for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
                auto z = x;
                z[i] = bad;
                CHECK_FALSE(all_finite(z));
            }
    }
    CHECK(all_finite(std::vector<double>{1.7e308, 1.7e308, -1.7e308}));
}

TEST_CASE("moments survive a large offset") {
    Samples s(11);
    auto x = Samples::many(1000, [&] { return std::floor(1000.0 * s.uniform()); });
    const SampleMoments plain = moments(x);
    for (double& value : x) value += 0x1p40;
    const SampleMoments shifted = moments(x);
    CHECK(shifted.m2 == doctest::Approx(plain.m2).epsilon(1e-12));
    CHECK(shifted.m4 == doctest::Approx(plain.m4).epsilon(1e-12));
}

TEST_CASE("moments of an empty sample count nothing and merge as the neutral element") {
    const SampleMoments none = moments({});
    CHECK(none.count == 0);
    const std::vector<double> x{1.0, 5.0};
    CHECK(merge(none, moments(x)).mean == 3.0);
    CHECK(merge(moments(x), none).m2 == 4.0);
}

TEST_CASE("merged moments equal the moments of the union") {
    CHECK(rc::check("merge(moments(x), moments(y)) = moments(x then y)", [](const std::vector<std::int16_t>& values) {
        RC_PRE(values.size() >= 2u);
        const std::vector<double> x(values.begin(), values.end());
        const std::size_t cut = *rc::gen::inRange<std::size_t>(0, x.size());
        const std::span<const double> all(x);
        const SampleMoments a = merge(moments(all.first(cut)), moments(all.subspan(cut))), b = moments(all);
        const double scale = std::sqrt(b.m2) + 1.0;
        RC_ASSERT(a.count == b.count);
        RC_ASSERT(std::abs(a.mean - b.mean) <= 1e-9 * scale);
        RC_ASSERT(std::abs(a.m2 - b.m2) <= 1e-9 * scale * scale);
        RC_ASSERT(std::abs(a.m3 - b.m3) <= 1e-9 * (b.m4 / scale + scale * scale * scale));
        RC_ASSERT(std::abs(a.m4 - b.m4) <= 1e-9 * (b.m4 + scale * scale * scale * scale));
        RC_ASSERT(a.min == b.min);
        RC_ASSERT(a.max == b.max);
    }));
}

TEST_CASE("transformed moments are those of the transformed data") {
    Samples s(12);
    auto x = Samples::many(50, [&] { return s.exponential(); });
    const SampleMoments claimed = transformed(moments(x), -2.0, 3.0);
    for (double& value : x) value = -2.0 * value + 3.0;
    const SampleMoments direct = moments(x);
    CHECK(claimed.mean == doctest::Approx(direct.mean));
    CHECK(claimed.m3 == doctest::Approx(direct.m3));
    CHECK(claimed.m4 == doctest::Approx(direct.m4));
    CHECK(claimed.min == direct.min);
    CHECK(claimed.max == direct.max);
}
