#include "analysis/special.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

namespace foldback::special {
namespace {

namespace policies = boost::math::policies;
using Policy = policies::policy<policies::promote_double<false>, policies::overflow_error<policies::ignore_error>,
                                policies::domain_error<policies::ignore_error>>;
constexpr Policy policy{};
constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

double student_upper(double tail, double dof) {
    using Student = boost::math::students_t_distribution<double, Policy>;
    return boost::math::quantile(boost::math::complement(Student(dof), tail));
}

double gamma_lower(double tail, double shape) { return boost::math::gamma_p_inv(shape, tail, policy); }
double gamma_upper(double tail, double shape) { return boost::math::gamma_q_inv(shape, tail, policy); }
double beta_lower(double tail, double a, double b) { return boost::math::ibeta_inv(a, b, tail, policy); }
double beta_upper(double tail, double a, double b) { return boost::math::ibetac_inv(a, b, tail, policy); }

double binomial_at_least(double k, double n, double p) {
    if (k <= 0.0) return 1.0;
    if (k > n) return 0.0;
    return boost::math::ibeta(k, n - k + 1.0, p, policy);
}

double binomial_at_most(double k, double n, double p) {
    if (k < 0.0) return 0.0;
    if (k >= n) return 1.0;
    return boost::math::ibetac(k + 1.0, n - k, p, policy);
}

double mean_log_normal(double mean, double sd) {
    const double rate = mean * mean / (2 * sd * sd);
    // Far out the normal is a point, but for sd^2/(2 mean^2).
    if (rate > 1e6) return std::log(std::abs(mean)) - sd * sd / (2 * mean * mean);
    // Far from 0 about log(rate): the weights of a rate of 1e6 are exponentials of differences of numbers of 1e7, and their sum is
    // 1 to half the digits only.
    const double about = rate > 1 ? std::log(rate) : 0;
    double sum = 0;
    const double spread = 12 * std::sqrt(rate) + 40, first = std::floor(std::max(0.0, rate - spread));
    for (double j = first; j <= rate + spread; ++j) {
        const double log_weight = (rate > 0 ? j * std::log(rate) : j > 0 ? -infinite : 0.0) - rate - std::lgamma(j + 1);
        sum += std::exp(log_weight) * (boost::math::digamma(j + 0.5, policy) - about);
    }
    return 0.5 * (std::log(2 * sd * sd) + about + sum);
}

}  // namespace foldback::special
