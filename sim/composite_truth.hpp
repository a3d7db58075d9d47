#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/truth.hpp"

namespace foldback {

/// What SGD on a chain of N operators with perturbed passes, w' = w - eta_t g~_t, knows of itself: theory.md, C. Vectors
/// "by operator" have N entries.
struct CompositeTruth {
    struct Operator {
        std::string name;     ///< "tanh 16 -> 16"
        std::size_t first_weight = 0, weights = 0;
        bool linear = false;  ///< in x, for fixed weights
        bool smooth = true;   ///< d_x f_n is Lipschitz (c_n finite)
    };
    std::vector<Operator> operators;
    /// The largest |eigenvalue| of hess l(w), l the mean loss of the training rows: by power iteration, so from below.
    std::function<double(std::span<const double> w)> curvature;
    double step = 0;  ///< eta_1; 0: the weights stay, and every checkpoint is a fresh draw of both passes

    /// Whether passes use what earlier steps computed, which the state keeps beside the weights: then passes at different
    /// checkpoints are no draws of one law, even where the weights stay.
    bool memory = false;

    /// The perturbations of one pass, all together.
    struct Pass {
        bool perturbed = false;    ///< by anything of amplitude > 0
        /// E[perturbation | everything before it] = 0, whatever the signal (of stochastic rounding: up to the format's
        /// largest number); else `biased_by` tells which is not.
        bool zero_mean = true;
        bool independent = true;   ///< of data, weights and signal, and of each other
        bool symmetric = true;     ///< its law is that of its negative: antithetic pairs cancel odd orders exactly
        bool deterministic = false; ///< no draws at all: rounding to nearest, top-k, a bias
        std::string biased_by;     ///< "perturbations.1 (nearest, bf16)"
        /// Of absolute perturbations: by operator, the standard deviation of a coordinate and a sure bound of the norm
        /// (infinite where there is none), both at schedule factor 1; empty where some amplitude is relative.
        std::vector<double> deviation, sure_norm;
    };
    Pass forward, backward, gradient;  ///< gradient: what is added to g~ itself, spikes among it

    /// E|x~_n - x_n|^2 and E|g~_n - g_n|^2 by operator, exact, at weights w and for the one training row there is; of
    /// chains of linear operators with a linear last one or the squared loss, independent zero-mean absolute
    /// perturbations. Empty where there is no such formula.
    std::function<std::vector<double>(std::span<const double> w)> forward_error_square, gradient_error_square;
    /// |g_n|^2 by operator at weights w and for the one training row there is. Empty where there are several.
    std::function<std::vector<double>(std::span<const double> w)> gradient_square;

    /// Constants on every path at weights w, whichever rows are drawn, at schedule factor 1: a >= a_n of the operators
    /// 2..N-1, through which errors pass, b >= b_n of all, c, d, u >= c_n, d_n, |u_n| of 2..N.
    struct Uniform {
        double a = 0, b = 0, c = 0, d = 0, u = 0;
    };
    /// Empty, or nothing, where they are not known or not finite.
    std::function<std::optional<Uniform>(std::span<const double> w)> uniform;

    /// g~_t = grad l(w_t) + b_t + n_t: Ls-smooth l, |b_t| <= bias(t), E_t|n_t|^2 <= noise_square(t), t = 1, 2, ... the
    /// number of the map; for chains that know such bounds everywhere (logistic regression). Unset: they do not.
    struct Descent {
        Fact smoothness;                  ///< Ls
        std::optional<Fact> pl;           ///< mu: |grad l|^2 >= 2 mu (l - inf l)
        Fact infimum;                     ///< of l: exact, or a lower bound
        std::function<double(double t)> bias, noise_square;
        std::function<double(double t)> step;  ///< eta_t
        std::function<double(std::span<const double> w)> loss;  ///< l; empty: claims read it at checkpoint 0
        bool full_batch = false;          ///< every step sees all training rows: g~_t - grad l(w_t) is what the passes show
        bool spikes = false;              ///< the gradient is hit by perturbations at single steps
        std::vector<double> spike_steps;  ///< those known beforehand, ascending
    };
    std::optional<Descent> descent;
};

}  // namespace foldback
