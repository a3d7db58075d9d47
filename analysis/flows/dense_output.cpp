// The one unit that compiles Boost.Odeint's dense output.
#include "analysis/flows/dense_output.hpp"

// First: the dense output's header leans on what this one includes.
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

#include <algorithm>
#include <boost/numeric/odeint/stepper/dense_output_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/util/odeint_error.hpp>
#include <cmath>
#include <limits>

namespace foldback::flows {
namespace {

namespace odeint = boost::numeric::odeint;
using State = std::vector<double>;

constexpr int most_steps = 1'000'000;

bool finite(const State& y) {
    return std::all_of(y.begin(), y.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

std::vector<State> solve_at(const RightHandSide& f, std::span<const double> start, std::span<const double> times,
                            Tolerance tolerance) {
    const State first(start.begin(), start.end());
    std::vector<State> found(times.size(), State(first.size(), std::numeric_limits<double>::quiet_NaN()));
    if (times.empty()) return found;
    auto stepper =
        odeint::make_dense_output(tolerance.absolute, tolerance.relative, odeint::runge_kutta_dopri5<State>());
    // The first step's size is a guess that the controller cuts until the error is small enough.
    stepper.initialize(first, 0.0, std::max(1e-3 * times.back(), std::numeric_limits<double>::min()));
    const auto system = [&f](const State& y, State& dy, double) { f(y, dy); };
    int steps = 0;
    for (std::size_t k = 0; k < times.size(); ++k) {
        try {
            while (stepper.current_time() < times[k] && steps++ < most_steps && finite(stepper.current_state()))
                stepper.do_step(system);
        } catch (const odeint::odeint_error&) {  // no step is small enough
            return found;
        }
        if (!(stepper.current_time() >= times[k]) || !finite(stepper.current_state())) return found;
        if (times[k] == 0)
            found[k] = first;
        else
            stepper.calc_state(times[k], found[k]);
    }
    return found;
}

}  // namespace foldback::flows
