#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/distributions.hpp"
#include "sim/error.hpp"

// Each law is tested by Kolmogorov and Smirnov's distance to its exact distribution function at N = 200,000 draws and
// level 1e-4, and once more against the law with a parameter 5 % off, which must be rejected at the same N.

namespace {

using namespace foldback;
namespace bm = boost::math;

constexpr int draws = 200'000;
constexpr double level = 1e-4;

/// Largest distance that a true law exceeds with probability `level`; from the asymptotic 2 exp(-2 N D^2), an upper
/// bound.
double critical_distance() { return std::sqrt(-0.5 * std::log(level / 2) / draws); }

template <class Draw>
std::vector<double> sample(Draw draw) {
    std::mt19937 generator(20260330);
    std::vector<double> r(draws);
    for (double& x : r) x = draw(generator);
    std::sort(r.begin(), r.end());
    return r;
}

template <class Cdf>
double distance(const std::vector<double>& sorted, Cdf cdf) {
    double d = 0.0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const double p = cdf(sorted[i]), n = static_cast<double>(sorted.size());
        d = std::max({d, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
    }
    return d;
}

template <class Draw, class Cdf, class Wrong>
void check_law(Draw draw, Cdf cdf, Wrong wrong) {
    const auto x = sample(draw);
    const double right_distance = distance(x, cdf), wrong_distance = distance(x, wrong);
    CAPTURE(right_distance);
    CAPTURE(wrong_distance);
    CHECK(right_distance < critical_distance());
    CHECK(wrong_distance > critical_distance());
}

/// Hands out the words it was given, counts them, and throws when they run out.
struct Script {
    using result_type = std::uint32_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return 0xffffffff; }

    Script(std::initializer_list<result_type> list) : words(list) {}
    result_type operator()() {
        if (used == words.size()) throw std::out_of_range("the script has no more words");
        return words[used++];
    }
    /// Two words whose uniform is within 2^-52 of u.
    Script& then(double u) {
        const auto w = static_cast<std::uint64_t>(u * 0x1p52) << 12;
        words.push_back(static_cast<result_type>(w));
        words.push_back(static_cast<result_type>(w >> 32));
        return *this;
    }
    std::vector<result_type> words;
    std::size_t used = 0;
};

double midpoint(double u) { return (std::floor(u * 0x1p52) + 0.5) * 0x1p-52; }

double gamma_cdf(double shape, double x) { return bm::gamma_p(shape, x); }
double beta_prime_cdf(double p, double q, double x) {
    return x < 1.0 ? bm::ibeta(p, q, x / (1 + x)) : bm::ibetac(q, p, 1 / (1 + x));
}

}  // namespace

TEST_CASE("normal pairs are standard normal and uncorrelated") {
    auto both = [](auto& g) {
        const double u = uniform01(g), v = uniform01(g);
        return normal_pair(u, v);
    };
    auto cdf = [](double x) { return bm::cdf(bm::normal(), x); };
    auto wider = [](double x) { return bm::cdf(bm::normal(0.0, 1.05), x); };
    check_law([&](auto& g) { return both(g).first; }, cdf, wider);
    check_law([&](auto& g) { return both(g).second; }, cdf, wider);
    check_law([](auto& g) { return standard_normal(g); }, cdf, wider);
    // Means of products of independent variates, standard errors 1/sqrt(N) and 2/sqrt(N), 4.5 of them allowed (7e-6).
    std::mt19937 generator(20260331);
    double product = 0.0, squares = 0.0;
    for (int i = 0; i < draws; ++i) {
        auto [x, y] = both(generator);
        product += x * y / draws;
        squares += (x * x - 1.0) * (y * y - 1.0) / draws;
    }
    CHECK(std::abs(product) < 4.5 / std::sqrt(draws));
    CHECK(std::abs(squares) < 9.0 / std::sqrt(draws));
}

TEST_CASE("exponential variates have their law") {
    check_law([](auto& g) { return standard_exponential(g); }, [](double x) { return -std::expm1(-x); },
              [](double x) { return -std::expm1(-1.05 * x); });
}

TEST_CASE("gamma variates have their law") {
    for (double shape : {0.3, 1.0, 2.5, 50.0}) {
        CAPTURE(shape);
        check_law([=](auto& g) { return gamma(g, shape); }, [=](double x) { return gamma_cdf(shape, x); },
                  [=](double x) { return gamma_cdf(1.05 * shape, x); });
    }
}

TEST_CASE("the logarithm of a gamma variate has its law where the variate underflows") {
    auto cdf = [](double shape, double l) {
        return l < -50.0 ? std::exp(shape * l - std::lgamma(shape + 1.0)) : gamma_cdf(shape, std::exp(l));
    };
    const double shape = 1e-4;  // nine variates of ten lie below the smallest double
    check_law([=](auto& g) { return detail::log_gamma_variate(g, shape); }, [=](double l) { return cdf(shape, l); },
              [=](double l) { return cdf(1.05 * shape, l); });
}

TEST_CASE("beta variates have their law") {
    for (auto shapes : {std::pair(0.3, 0.2), std::pair(1.0, 1.0), std::pair(2.5, 1.5), std::pair(0.5, 20.0)}) {
        const double a = shapes.first, b = shapes.second;
        CAPTURE(a);
        CAPTURE(b);
        check_law([=](auto& g) { return beta(g, a, b); }, [=](double x) { return bm::ibeta(a, b, x); },
                  [=](double x) { return bm::ibeta(1.05 * a, b, x); });
    }
}

TEST_CASE("beta variates of tiny shapes fall into the right places") {
    // Both gammas would underflow together in one of four draws. Counts are binomial: 4.5 standard errors, 7e-6 each.
    const double a = 1e-3, b = 2e-3;
    const auto x = sample([=](auto& g) { return beta(g, a, b); });
    auto deviation = [&](double cut, double shape) {
        const double p = bm::ibeta(shape, b, cut);
        const auto below = static_cast<double>(std::upper_bound(x.begin(), x.end(), cut) - x.begin());
        return std::abs(below - draws * p) / std::sqrt(draws * p * (1 - p));
    };
    for (double cut : {1e-300, 1e-100, 1e-10, 0.5, 1.0 - 1e-10}) CHECK(deviation(cut, a) < 4.5);
    CHECK(deviation(0.5, 1.05 * a) > 4.5);
    CHECK(x.front() >= 0.0);
    CHECK(x.back() <= 1.0);
}

TEST_CASE("beta prime variates have their law") {
    for (auto shapes : {std::pair(0.3, 0.2), std::pair(2.5, 1.5), std::pair(0.7, 30.0)}) {
        const double p = shapes.first, q = shapes.second;
        CAPTURE(p);
        CAPTURE(q);
        check_law([=](auto& g) { return beta_prime(g, p, q); }, [=](double x) { return beta_prime_cdf(p, q, x); },
                  [=](double x) { return beta_prime_cdf(1.05 * p, q, x); });
    }
}

TEST_CASE("a uniform is the midpoint of two words, the low one first") {
    Script least{0, 0}, most{0xffffffff, 0xffffffff}, low{0x1000, 0}, high{0, 1}, unused{0xfff, 0};
    CHECK(uniform01(least) == 0x1p-53);
    CHECK(uniform01(most) == 1.0 - 0x1p-53);
    CHECK(uniform01(low) == 1.5 * 0x1p-52);
    CHECK(uniform01(high) == (0x1p20 + 0.5) * 0x1p-52);
    CHECK(uniform01(unused) == 0x1p-53);
    for (const Script* s : {&least, &most, &low, &high, &unused}) CHECK(s->used == 2);
}

TEST_CASE("the extremes of normal and exponential") {
    CHECK(normal_pair(0x1p-53, 0x1p-53).first == doctest::Approx(8.5716).epsilon(1e-4));
    CHECK(exponential(0x1p-53) == doctest::Approx(53 * std::log(2.0)).epsilon(1e-15));
    CHECK(exponential(1.0 - 0x1p-53) == 0x1p-53);
    CHECK(normal_pair(1.0 - 0x1p-53, 0x1p-53).first == std::sqrt(0x1p-52));
    CHECK(normal_pair(std::exp(-0.5), 0.125).first == doctest::Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(normal_pair(std::exp(-0.5), 0.125).second == doctest::Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(normal_pair(std::exp(-0.5), 0.25).second == doctest::Approx(1.0).epsilon(1e-15));
}

TEST_CASE("normal pairs over lanes have the bits of the scalar") {
    std::mt19937 generator(5);
    for (int i = 0; i < 10'000; ++i) {
        Lanes<8> u, v;
        for (int j = 0; j < 8; ++j) u.set(j, uniform01(generator)), v.set(j, uniform01(generator));
        const auto together = normal_pair(u, v);
        const auto exponentials = exponential(u);
        for (int j = 0; j < 8; ++j) {
            REQUIRE(together.first[j] == normal_pair(u[j], v[j]).first);
            REQUIRE(together.second[j] == normal_pair(u[j], v[j]).second);
            REQUIRE(exponentials[j] == exponential(u[j]));
        }
    }
}

TEST_CASE("normal and exponential draw four and two words") {
    Script s{};
    s.then(0.3).then(0.8).then(0.6).then(0.1);
    CHECK(standard_normal(s) == normal_pair(midpoint(0.3), midpoint(0.8)).first);
    CHECK(s.used == 4);
    CHECK(standard_exponential(s) == -elementary::log(midpoint(0.6)));
    CHECK(s.used == 6);
}

TEST_CASE("gamma draws six words an attempt and two more for a shape below 1") {
    // A normal of 0 (v = 1/4) makes v = 1, which every uniform accepts: the variate is shape - 1/3.
    Script at_once{};
    at_once.then(0.5).then(0.25).then(0.999);
    CHECK(gamma(at_once, 2.5) == doctest::Approx(2.5 - 1.0 / 3.0));
    CHECK(at_once.used == 6);
    // A normal of -8.57 makes the cube negative; one of 3.7 with a uniform near 1 fails the comparison.
    Script third{};
    third.then(0.0).then(0.5).then(0.0).then(0.001).then(0.0).then(0.999).then(0.5).then(0.25).then(0.5);
    CHECK(gamma(third, 1.0) == doctest::Approx(2.0 / 3.0));
    CHECK(third.used == 18);
    Script boosted{};
    boosted.then(0.5).then(0.25).then(0.5).then(0.75);
    CHECK(gamma(boosted, 0.5) == doctest::Approx((1.5 - 1.0 / 3.0) * 0.75 * 0.75));
    CHECK(boosted.used == 8);
}

TEST_CASE("beta and beta prime draw their two gammas in order") {
    auto script = [] {
        Script s{};
        s.then(0.5).then(0.25).then(0.5).then(0.5).then(0.25).then(0.5).then(0.25);
        return s;
    };
    const double x = 2.0 - 1.0 / 3.0, y = (1.5 - 1.0 / 3.0) * 0.0625;
    Script first = script(), second = script();
    CHECK(beta(first, 2.0, 0.5) == doctest::Approx(x / (x + y)));
    CHECK(first.used == 14);
    CHECK(beta_prime(second, 2.0, 0.5) == doctest::Approx(x / y));
    CHECK(second.used == 14);
}

TEST_CASE("shapes that are no shapes are refused before anything is drawn") {
    for (double shape : {0.0, -1.0, 1e-310, 1e301, std::numeric_limits<double>::infinity(), std::nan("")}) {
        Script s{};
        CHECK_THROWS_AS(gamma(s, shape), InternalError);
        CHECK_THROWS_AS(beta(s, shape, 1.0), InternalError);
        CHECK_THROWS_AS(beta_prime(s, shape, 1.0), InternalError);
        CHECK(s.used == 0);
    }
}
