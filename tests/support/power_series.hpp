#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

// Exact tests of orders: a scheme is run on power series in s = sqrt(dt), so that its expansion is read off, not
// fitted.
namespace foldback::test {

/// c_0 + c_1 s + ... + c_12 s^12, what is higher being cut off.
struct Series {
    static constexpr std::size_t terms = 13;
    std::array<double, terms> c{};

    Series(double constant = 0) { c[0] = constant; }
    static Series monomial(double factor, std::size_t power) {
        Series r;
        r.c[power] = factor;
        return r;
    }
    friend Series operator+(Series a, const Series& b) {
        for (std::size_t k = 0; k < terms; ++k) a.c[k] += b.c[k];
        return a;
    }
    friend Series operator-(Series a, const Series& b) {
        for (std::size_t k = 0; k < terms; ++k) a.c[k] -= b.c[k];
        return a;
    }
    friend Series operator*(const Series& a, const Series& b) {
        Series r;
        for (std::size_t i = 0; i < terms; ++i)
            for (std::size_t j = 0; i + j < terms; ++j) r.c[i + j] += a.c[i] * b.c[j];
        return r;
    }
    /// By s only: the last term of the quotient is not known, and left 0.
    friend Series operator/(const Series& a, const Series& b) {
        if (b.c[1] != 1 || b.c[0] != 0 || std::abs(a.c[0]) > 1e-12) throw std::logic_error("not divisible by s");
        Series r;
        for (std::size_t k = 0; k + 1 < terms; ++k) r.c[k] = a.c[k + 1];
        return r;
    }
    /// Of s^2 only.
    friend Series sqrt(const Series& a) {
        if (a.c[2] != 1) throw std::logic_error("not s^2");
        return monomial(1, 1);
    }
    friend Series exp(const Series& a) {
        const Series rest = a - Series(a.c[0]);
        Series sum(1), power(1);
        for (std::size_t k = 1; k < terms; ++k) {
            power = power * rest * Series(1.0 / double(k));
            sum = sum + power;
        }
        return Series(std::exp(a.c[0])) * sum;
    }
};

/// A polynomial in (x, y): coefficients by exponents.
struct Polynomial {
    std::map<std::pair<int, int>, double> c;

    template <class Value>
    Value at(const Value& x, const Value& y) const {
        Value sum(0.0);
        for (const auto& [powers, factor] : c) {
            Value term(factor);
            for (int k = 0; k < powers.first; ++k) term = term * x;
            for (int k = 0; k < powers.second; ++k) term = term * y;
            sum = sum + term;
        }
        return sum;
    }
    friend Polynomial operator+(Polynomial a, const Polynomial& b) {
        for (const auto& [powers, factor] : b.c) a.c[powers] += factor;
        return a;
    }
    friend Polynomial operator*(const Polynomial& a, const Polynomial& b) {
        Polynomial r;
        for (const auto& [p, u] : a.c)
            for (const auto& [q, v] : b.c) r.c[{p.first + q.first, p.second + q.second}] += u * v;
        return r;
    }
    Polynomial derivative(std::size_t i) const {
        Polynomial r;
        for (const auto& [powers, factor] : c) {
            const int n = i == 0 ? powers.first : powers.second;
            if (n > 0) r.c[{powers.first - (i == 0), powers.second - (i == 1)}] += n * factor;
        }
        return r;
    }
};

struct Node {
    double x, weight;
};

/// Gauss and Hermite's rule of n nodes: the mean over a standard normal of any polynomial of degree 2n - 1 or less. Its
/// nodes are the zeros of the n-th Hermite polynomial, found by Newton's method between those of the rule before.
inline std::vector<Node> normal_nodes(int n) {
    const auto hermite = [](int k, double x) {
        double before = 0, now = 1;  // orthonormal
        for (int i = 0; i < k; ++i) before = std::exchange(now, (x * now - std::sqrt(i) * before) / std::sqrt(i + 1));
        return now;
    };
    std::vector<double> zeros;
    for (int k = 1; k <= n; ++k) {
        std::vector<double> borders{-2 * std::sqrt(k) - 1}, next;
        borders.insert(borders.end(), zeros.begin(), zeros.end());
        borders.push_back(2 * std::sqrt(k) + 1);
        for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
            double low = borders[i], high = borders[i + 1];
            const bool rising = hermite(k, high) > hermite(k, low);
            for (int step = 0; step < 200; ++step) {
                const double middle = (low + high) / 2;
                ((hermite(k, middle) > 0) == rising ? high : low) = middle;
            }
            next.push_back((low + high) / 2);
        }
        zeros = next;
    }
    std::vector<Node> nodes;
    for (double x : zeros) nodes.push_back({x, 1 / (n * std::pow(hermite(n - 1, x), 2))});
    return nodes;
}

}  // namespace foldback::test
