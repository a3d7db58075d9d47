#pragma once
#include <array>

namespace foldback {

/// What a model of perturbed forward-backward passes shows of its next step at a state: the perturbed and the unperturbed
/// pass on the same mini-batch (theory.md, C). By operator n = 1..N unless it says otherwise; x_n leaves operator n, u_n is
/// the adjoint that arrives there. A bound holds but for the rounding, which is absolute; NaN where there is no bound.
enum class PassObservable : unsigned {
    forward_error,            ///< e_n = |x~_n - x_n|
    forward_bound,            ///< a_n e_{n-1} + |eps_n|
    forward_rounding,         ///< what rounding can have moved the two by
    backward_error,           ///< r_n = |u~_n - u_n|
    backward_bound,           ///< a_{n+1} r_{n+1} + c_{n+1} |u_{n+1}| e_n + |zeta_n|
    backward_rounding,
    gradient_error,           ///< |g~_n - g_n|
    gradient_bound,           ///< b_n r_n + d_n |u_n| e_{n-1}, and the norm of what is added to g~_n itself
    gradient_rounding,
    gradient_relative_error,  ///< one number: |g~ - g| / |g|
    gradient_cosine,          ///< one number: of the angle between g~ and g
    gradient_deviation,       ///< by component of the state: g~ - g
    antithetic_deviation,     ///< by component: the mean of g~ - g and the same with all zero-mean draws negated
};
inline constexpr unsigned pass_observable_count = 13;

/// A set of them.
struct PassObservables {
    unsigned bits = 0;
    constexpr bool has(PassObservable q) const { return (bits >> unsigned(q) & 1U) != 0; }
    constexpr PassObservables with(PassObservable q) const { return {bits | 1U << unsigned(q)}; }
    constexpr bool empty() const { return bits == 0; }
    friend bool operator==(const PassObservables&, const PassObservables&) = default;
};

}  // namespace foldback
