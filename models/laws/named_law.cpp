#include "models/laws/named_law.hpp"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/cauchy.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <boost/random/beta_distribution.hpp>
#include <boost/random/cauchy_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/student_t_distribution.hpp>
#include <boost/random/weibull_distribution.hpp>

#include "models/laws/normal_moments.hpp"
#include "models/laws/quadrature.hpp"

namespace foldback {

namespace {

constexpr const char* names[] = {"constant", "normal",    "lognormal", "uniform", "exponential", "laplace",
                                 "gamma",    "student_t", "cauchy",    "weibull", "beta"};
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <class Distribution>
void fill(Distribution distribution, double scale, WordSource& words, std::span<double> out) {
    for (double& x : out) {
        distribution.reset();  // a spare kept for the next call is never used
        x = scale * distribution(words);
    }
}

double power(double x, double p) { return std::pow(std::abs(x), p); }
double log_of(double x) { return std::log(std::abs(x)); }

// The antiderivatives of |x|^p, log|x| and log^2|x|.
double integral_of_power(double x, double p) { return std::copysign(power(x, p + 1), x) / (p + 1); }
double integral_of_log(double x) { return x == 0 ? 0 : x * (log_of(x) - 1); }
double integral_of_squared_log(double x) { return x == 0 ? 0 : x * (log_of(x) * log_of(x) - 2 * log_of(x) + 2); }

}  // namespace

NamedLaw NamedLaw::from(Settings table, std::initializer_list<Kind> allowed) {
    std::vector<std::string> words;
    for (Kind kind : allowed) words.emplace_back(names[int(kind)]);
    if (words.empty()) words.assign(std::begin(names), std::end(names));
    const std::string word = table.word("distribution", words);
    const Kind kind = Kind(std::find(std::begin(names), std::end(names), word) - std::begin(names));
    const auto scale = [&] { return table.number("scale", 1.0, Range::positive()); };
    switch (kind) {
        case Kind::constant:
            return constant(table.number("value"));
        case Kind::normal: {
            const double mean = table.number("mean", 0.0, Range::any());
            return normal(mean, scale());
        }
        case Kind::lognormal: {
            const double mu = table.number("mu", 0.0, Range::any());
            return lognormal(mu, table.number("sigma", 1.0, Range::positive()));
        }
        case Kind::uniform: {
            const double lower = table.number("lower", -1.0, Range::any());
            return uniform(lower, table.number("upper", std::max(1.0, lower + 1), Range::above(lower)));
        }
        case Kind::exponential:
            return exponential(scale());
        case Kind::laplace:
            return laplace(scale());
        case Kind::cauchy:
            return cauchy(scale());
        case Kind::student_t: {
            const double degrees = table.number("degrees", Range::positive());
            return student_t(degrees, scale());
        }
        case Kind::gamma:
        case Kind::weibull: {
            const double shape = table.number("shape", Range::positive()), factor = scale();
            return kind == Kind::gamma ? gamma(shape, factor) : weibull(shape, factor);
        }
        case Kind::beta: {
            const double a = table.number("alpha", Range::positive()), b = table.number("beta", Range::positive());
            return beta(a, b, scale());
        }
    }
    throw InternalError("a distribution without a reader");
}

Bits NamedLaw::bits() const { return is_general() ? Bits::same_libm : Bits::portable; }

std::vector<NamedArray> NamedLaw::parameters(const std::string& prefix) const {
    static constexpr const char* keys[][3] = {
        {"value", "", ""},        {"mean", "scale", ""},  {"mu", "sigma", ""},       {"lower", "upper", ""},
        {"scale", "", ""},        {"scale", "", ""},      {"scale", "shape", ""},    {"scale", "degrees", ""},
        {"scale", "degrees", ""}, {"scale", "shape", ""}, {"scale", "alpha", "beta"}};
    std::vector<NamedArray> all{{prefix + "_distribution", {}, {double(kind_)}}};
    const double values[] = {first_, second_, third_};
    for (int i = 0; i < 3; ++i)
        if (*keys[int(kind_)][i]) all.push_back({prefix + "_" + keys[int(kind_)][i], {}, {values[i]}});
    return all;
}

Consumption NamedLaw::consumption(Consumption before, unsigned times) const {
    if (kind_ == Kind::normal || kind_ == Kind::lognormal) before.normals += times;
    if (kind_ == Kind::uniform || kind_ == Kind::exponential || kind_ == Kind::laplace) before.uniforms += times;
    if (kind_ == Kind::laplace) before.coins += times;
    return before;
}

void NamedLaw::draw_general(WordSource words, std::span<double> out) const {
    namespace random = boost::random;
    switch (kind_) {
        case Kind::gamma:
            return fill(random::gamma_distribution<>(second_), first_, words, out);
        case Kind::student_t:
            return fill(random::student_t_distribution<>(second_), first_, words, out);
        case Kind::cauchy:
            return fill(random::cauchy_distribution<>(), first_, words, out);
        case Kind::weibull:
            return fill(random::weibull_distribution<>(second_), first_, words, out);
        case Kind::beta:
            return fill(random::beta_distribution<>(second_, third_), first_, words, out);
        default:
            throw InternalError("a packed law is not drawn from the general stream");
    }
}

double NamedLaw::mean() const {
    switch (kind_) {
        case Kind::constant:
        case Kind::normal:
            return first_;
        case Kind::uniform:
            return first_ + (second_ - first_) / 2;
        case Kind::laplace:
            return 0;
        case Kind::cauchy:
            return nan;
        case Kind::student_t:
            return second_ > 1 ? 0 : nan;
        default:
            return absolute_moment(1);
    }
}

double NamedLaw::second_moment() const { return absolute_moment(2); }

double NamedLaw::variance() const {
    if (kind_ == Kind::constant) return 0;
    if (kind_ == Kind::normal) return second_ * second_;
    if (kind_ == Kind::uniform) return (second_ - first_) * (second_ - first_) / 12;
    return second_moment() - mean() * mean();
}

double NamedLaw::absolute_moment(double p) const {
    using boost::math::tgamma_delta_ratio;
    switch (kind_) {
        case Kind::constant:
            return power(first_, p);
        case Kind::normal:
            return normal_absolute_moment(first_, second_, p);
        case Kind::lognormal:
            return std::exp(p * first_ + p * p * second_ * second_ / 2);
        case Kind::uniform:
            return (integral_of_power(second_, p) - integral_of_power(first_, p)) / (second_ - first_);
        case Kind::exponential:
        case Kind::laplace:
            return power(first_, p) * std::tgamma(1 + p);
        case Kind::gamma:
            return power(first_, p) / tgamma_delta_ratio(second_, p);
        case Kind::student_t:
        case Kind::cauchy:
            if (p >= second_) return infinity;
            return power(first_, p) *
                   std::exp(p / 2 * std::log(second_) + std::lgamma((p + 1) / 2) + std::lgamma((second_ - p) / 2) -
                            std::lgamma(second_ / 2)) /
                   std::sqrt(M_PI);
        case Kind::weibull:
            return power(first_, p) * std::tgamma(1 + p / second_);
        case Kind::beta:
            return power(first_, p) * tgamma_delta_ratio(second_ + third_, p) / tgamma_delta_ratio(second_, p);
    }
    return nan;
}

double NamedLaw::log_mean() const {
    using boost::math::digamma;
    constexpr double euler = 0.57721566490153286;
    switch (kind_) {
        case Kind::constant:
            return log_of(first_);
        case Kind::normal:
            return normal_log_moments(first_, second_).mean;
        case Kind::lognormal:
            return first_;
        case Kind::uniform:
            return (integral_of_log(second_) - integral_of_log(first_)) / (second_ - first_);
        case Kind::exponential:
        case Kind::laplace:
            return std::log(first_) - euler;
        case Kind::gamma:
            return std::log(first_) + digamma(second_);
        case Kind::student_t:
        case Kind::cauchy:
            return std::log(first_) + (std::log(second_) + digamma(0.5) - digamma(second_ / 2)) / 2;
        case Kind::weibull:
            return std::log(first_) - euler / second_;
        case Kind::beta:
            return std::log(first_) + digamma(second_) - digamma(second_ + third_);
    }
    return nan;
}

double NamedLaw::log_variance() const {
    using boost::math::trigamma;
    switch (kind_) {
        case Kind::constant:
            return first_ == 0 ? infinity : 0;
        case Kind::normal:
            return normal_log_moments(first_, second_).variance;
        case Kind::lognormal:
            return second_ * second_;
        case Kind::uniform: {
            const double m = log_mean();
            return (integral_of_squared_log(second_) - integral_of_squared_log(first_)) / (second_ - first_) - m * m;
        }
        case Kind::exponential:
        case Kind::laplace:
            return M_PI * M_PI / 6;
        case Kind::gamma:
            return trigamma(second_);
        case Kind::student_t:
        case Kind::cauchy:
            return (trigamma(0.5) + trigamma(second_ / 2)) / 4;
        case Kind::weibull:
            return M_PI * M_PI / (6 * second_ * second_);
        case Kind::beta:
            return trigamma(second_) - trigamma(second_ + third_);
    }
    return nan;
}

double NamedLaw::lower() const {
    switch (kind_) {
        case Kind::constant:
        case Kind::uniform:
            return first_;
        case Kind::normal:
        case Kind::laplace:
        case Kind::student_t:
        case Kind::cauchy:
            return -infinity;
        default:
            return 0;
    }
}

double NamedLaw::upper() const {
    switch (kind_) {
        case Kind::constant:
        case Kind::beta:
            return first_;
        case Kind::uniform:
            return second_;
        default:
            return infinity;
    }
}

double NamedLaw::tail_index() const { return kind_ == Kind::student_t || kind_ == Kind::cauchy ? second_ : infinity; }

double NamedLaw::cdf(double x) const {
    using namespace boost::math;
    if (x <= lower()) return kind_ == Kind::constant && x == first_ ? 1 : 0;
    if (x >= upper()) return 1;
    switch (kind_) {
        case Kind::constant:
            return 0;
        case Kind::normal:
            return std::erfc((first_ - x) / (second_ * M_SQRT2)) / 2;
        case Kind::lognormal:
            return std::erfc((first_ - std::log(x)) / (second_ * M_SQRT2)) / 2;
        case Kind::uniform:
            return (x - first_) / (second_ - first_);
        case Kind::exponential:
            return -std::expm1(-x / first_);
        case Kind::laplace:
            return x < 0 ? std::exp(x / first_) / 2 : 1 - std::exp(-x / first_) / 2;
        case Kind::gamma:
            return gamma_p(second_, x / first_);
        case Kind::student_t:
            return boost::math::cdf(students_t(second_), x / first_);
        case Kind::cauchy:
            return boost::math::cdf(cauchy_distribution<>(), x / first_);
        case Kind::weibull:
            return -std::expm1(-std::pow(x / first_, second_));
        case Kind::beta:
            return ibeta(second_, third_, x / first_);
    }
    return nan;
}

double NamedLaw::density(double x) const {
    using namespace boost::math;
    if (x <= lower() || x >= upper() || std::isinf(x)) return 0;
    const double y = x / first_;
    switch (kind_) {
        case Kind::constant:
            return 0;
        case Kind::normal:
            return std::exp(-std::pow((x - first_) / second_, 2) / 2) / (second_ * std::sqrt(2 * M_PI));
        case Kind::lognormal:
            return std::exp(-std::pow((std::log(x) - first_) / second_, 2) / 2) / (x * second_ * std::sqrt(2 * M_PI));
        case Kind::uniform:
            return 1 / (second_ - first_);
        case Kind::exponential:
            return std::exp(-y) / first_;
        case Kind::laplace:
            return std::exp(-std::abs(y)) / (2 * first_);
        case Kind::gamma:
            return gamma_p_derivative(second_, y) / first_;
        case Kind::student_t:
            return pdf(students_t(second_), y) / first_;
        case Kind::cauchy:
            return 1 / (M_PI * first_ * (1 + y * y));
        case Kind::weibull:
            return second_ / first_ * std::pow(y, second_ - 1) * std::exp(-std::pow(y, second_));
        case Kind::beta:
            return ibeta_derivative(second_, third_, y) / first_;
    }
    return nan;
}

double NamedLaw::partial_mean(double x) const {
    using namespace boost::math;
    if (x <= lower()) return 0;
    if (x >= upper()) return mean();
    const double y = x / first_;
    switch (kind_) {
        case Kind::constant:
            return 0;
        case Kind::lognormal:
            return mean() * std::erfc((first_ + second_ * second_ - std::log(x)) / (second_ * M_SQRT2)) / 2;
        case Kind::uniform:
            return (x - first_) * (x + first_) / (2 * (second_ - first_));
        case Kind::exponential:
            return first_ * gamma_p(2.0, y);
        case Kind::gamma:
            return mean() * gamma_p(second_ + 1, y);
        case Kind::weibull:
            return mean() * gamma_p(1 + 1 / second_, std::pow(y, second_));
        case Kind::beta:
            return mean() * ibeta(second_ + 1, third_, y);
        default:
            throw InternalError("a law on the whole line has no partial mean here");
    }
}

double NamedLaw::expectation(const std::function<double(double)>& g, std::vector<double> corners) const {
    corners.push_back(0);                                  // where densities and powers may be singular
    if (std::isfinite(mean())) corners.push_back(mean());  // where a narrow density would be missed
    return integrate([&](double x) { return g(x) * density(x); }, lower(), upper(), std::move(corners));
}

}  // namespace foldback
