#pragma once
#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>

namespace foldback {

/// linear: dx/dt = -rate (x - c); double_well: dx/dt = rate (x - x^3) + c.
enum class Field { linear, double_well };

/// One step of Boost.Odeint's classical Runge-Kutta scheme for one component. R is also the scheme's number type, so
/// that nothing is instantiated for plain `double` in kernels.
template <class R>
void flow_step(Field field, const R& rate, const R& c, const R& step, R& x) {
    namespace odeint = boost::numeric::odeint;
    odeint::runge_kutta4<R, R, R, R, odeint::vector_space_algebra, odeint::default_operations, odeint::never_resizer>
        stepper;
    if (field == Field::linear)
        stepper.do_step([&](const R& y, R& slope, const R&) { slope = rate * (c - y); }, x, R(0.0), step);
    else
        stepper.do_step([&](const R& y, R& slope, const R&) { slope = rate * (y - y * y * y) + c; }, x, R(0.0), step);
}

}  // namespace foldback
