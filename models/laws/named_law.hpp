#pragma once
#include <cmath>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "models/laws/word_source.hpp"
#include "sim/model.hpp"
#include "sim/noise.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// A law of real numbers that a user names: how to draw from it, and its moments in closed form.
///
/// | distribution | keys                     | drawn from                                         |
/// |--------------|--------------------------|----------------------------------------------------|
/// | constant     | value                    | nothing                                            |
/// | normal       | mean = 0, scale = 1      | a packed normal                                    |
/// | lognormal    | mu = 0, sigma = 1        | exp of a packed normal                             |
/// | uniform      | lower = -1, upper = 1    | a packed uniform                                   |
/// | exponential  | scale = 1                | a packed uniform                                   |
/// | laplace      | scale = 1                | a packed uniform and a coin                        |
/// | gamma        | shape, scale = 1         | Boost.Random, on the general stream                |
/// | student_t    | degrees, scale = 1       | Boost.Random, on the general stream                |
/// | cauchy       | scale = 1                | Boost.Random, on the general stream                |
/// | weibull      | shape, scale = 1         | Boost.Random, on the general stream                |
/// | beta         | alpha, beta, scale = 1   | Boost.Random, on the general stream                |
class NamedLaw {
  public:
    enum class Kind {
        constant,
        normal,
        lognormal,
        uniform,
        exponential,
        laplace,
        gamma,
        student_t,
        cauchy,
        weibull,
        beta
    };

    static NamedLaw constant(double value) { return {Kind::constant, value, 0, 0}; }
    static NamedLaw normal(double mean, double scale) { return {Kind::normal, mean, scale, 0}; }
    static NamedLaw lognormal(double mu, double sigma) { return {Kind::lognormal, mu, sigma, 0}; }
    static NamedLaw uniform(double lower, double upper) { return {Kind::uniform, lower, upper, 0}; }
    static NamedLaw exponential(double scale) { return {Kind::exponential, scale, 0, 0}; }
    static NamedLaw laplace(double scale) { return {Kind::laplace, scale, 0, 0}; }
    static NamedLaw gamma(double shape, double scale) { return {Kind::gamma, scale, shape, 0}; }
    static NamedLaw student_t(double degrees, double scale) { return {Kind::student_t, scale, degrees, 0}; }
    static NamedLaw cauchy(double scale) { return {Kind::cauchy, scale, 1, 0}; }
    static NamedLaw weibull(double shape, double scale) { return {Kind::weibull, scale, shape, 0}; }
    static NamedLaw beta(double alpha, double beta, double scale) { return {Kind::beta, scale, alpha, beta}; }

    /// Reads a table {distribution = "...", ...}. `allowed` empty: any kind.
    static NamedLaw from(Settings table, std::initializer_list<Kind> allowed = {});

    Kind kind() const { return kind_; }
    /// portable unless drawn by Boost.Random.
    Bits bits() const;
    /// `prefix_distribution` (the number of the kind in the table above, from 0) and the law's numbers.
    std::vector<NamedArray> parameters(const std::string& prefix) const;
    /// What `times` draws at a step consume, on top of `before`.
    Consumption consumption(Consumption before, unsigned times = 1) const;

    /// X itself; W replicas at once. All draws of one step through the general stream must be made by one call: see
    /// draw_general.
    template <class R>
    R draw(Noise<R>& w) const;
    /// `count` draws from one replica's stream, one after another; for the kinds that Boost.Random draws.
    void draw_general(WordSource words, std::span<double> out) const;
    bool is_general() const { return kind_ >= Kind::gamma; }

    // NaN where a moment is undefined, infinity where it is infinite.
    double mean() const;
    double second_moment() const;
    double variance() const;
    double absolute_moment(double p) const;  ///< E|X|^p, p > 0
    double log_mean() const;                 ///< E log|X|
    double log_variance() const;             ///< Var log|X|; infinity if P(X = 0) > 0
    double lower() const;                    ///< ends of the support
    double upper() const;
    double largest() const { return std::fmax(std::fabs(lower()), std::fabs(upper())); }
    /// sup {p : E|X|^p < inf}, which is the tail index of the kinds where it is finite.
    double tail_index() const;
    double cdf(double x) const;
    double density(double x) const;
    /// E[X; X <= x], for laws on [0, inf).
    double partial_mean(double x) const;
    /// E g(X) by quadrature between the points where g is not smooth; continuous kinds only, exact to about 1e-9.
    double expectation(const std::function<double(double)>& g, std::vector<double> corners = {}) const;

  private:
    NamedLaw(Kind kind, double first, double second, double third)
        : kind_(kind), first_(first), second_(second), third_(third) {}

    Kind kind_;
    double first_, second_, third_;
};

template <class R>
R NamedLaw::draw(Noise<R>& w) const {
    switch (kind_) {
        case Kind::constant:
            return R(first_);
        case Kind::normal:
            return fma(R(second_), w.normal(), R(first_));
        case Kind::lognormal:
            return elementary::exp(fma(R(second_), w.normal(), R(first_)));
        case Kind::uniform:
            return fma(R(second_ - first_), w.uniform(), R(first_));
        case Kind::exponential:
            return R(first_) * w.exponential();
        case Kind::laplace:
            return R(first_) * w.coin() * w.exponential();
        default:
            break;
    }
    return w.general([this](auto& stream) {
        double x;
        draw_general(WordSource(stream), {&x, 1});
        return x;
    });
}

}  // namespace foldback
