#include "models/laws/beta_prime_moments.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include "models/laws/quadrature.hpp"
#include "sim/truth.hpp"

namespace foldback {

double BetaPrimeMoments::moment(double r) const {
    using boost::math::tgamma_delta_ratio;
    return r >= q_                          ? infinity
           : tgamma_delta_ratio(q_, -r) > 0 ? 1 / (tgamma_delta_ratio(p_, r) * tgamma_delta_ratio(q_, -r))
                                            : infinity;
}
double BetaPrimeMoments::log_mean() const { return boost::math::digamma(p_) - boost::math::digamma(q_); }
double BetaPrimeMoments::log_variance() const { return boost::math::trigamma(p_) + boost::math::trigamma(q_); }

double BetaPrimeMoments::shortfall(double t) const {
    // The integral of the distribution function, whose argument is u = t / (1 + t).
    if (t <= 0) return 0;
    return integrate([this](double s) { return boost::math::ibeta(p_, q_, s / (1 + s)); }, 0, t);
}

}  // namespace foldback
