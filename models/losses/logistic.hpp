#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "models/losses/finite_sum.hpp"
#include "models/losses/linear_rows.hpp"
#include "models/losses/mean_loss.hpp"
#include "models/losses/regulariser.hpp"
#include "sim/elementary.hpp"

namespace foldback {

/// l_i(theta) = log(1 + e^(z_i)) - y_i z_i + r(theta), z_i = x_i . theta, y_i = 0 or 1, with a regulariser
///     r(theta) = (ridge / 2) |theta|^2 + rho sum_j theta_j^2 / (1 + theta_j^2)
/// (models/losses/regulariser.hpp).
///     hess l_i = s'(z_i) x_i x_i^T + diag(r''),    0 < s' <= 1/4, attained at z = 0
/// Without rho the bounds ridge and |x_i|^2 / 4 + ridge of its eigenvalues are infimum and supremum, and mu of the mean
/// loss is the ridge, its infimum far out; with rho they are bounds, ridge - rho/2 and 2 rho more.
struct Logistic : FiniteSum {
    static constexpr const char* kind = "logistic";
    static constexpr const char* summary = "logistic regression, with a ridge and a regulariser that is not convex";
    static constexpr const char* example =
        "[model]\nkind  = \"sgd\"\nstep  = 0.5\nbatch = 4\n[model.loss]\nkind      = \"logistic\"\nridge     = 0.1\n"
        "nonconvex = 0.0\n[model.data]\ngenerator = \"logistic\"\nseed      = 1\nrows      = 100\ncolumns   = 3\n";

    Regulariser regulariser = {};
    std::vector<double> lower = {}, upper = {};  ///< of the eigenvalues of hess l_i
    std::shared_ptr<const MeanLoss> mean = {};
    std::optional<Fact> strong_convexity = {};
    std::shared_ptr<const LazyMinimum> optimum = {};

    static Logistic from(Settings& model, Sampling sampling);
    std::vector<NamedArray> parameters() const;
    Truth truth(const SgdPlan& plan) const;
    const double* centre() const;

    std::size_t dimension() const { return data->columns; }
    std::size_t scratch_size(std::size_t rows) const { return rows; }
    std::size_t scratch_size() const { return scratch_size(sampling.batch); }

    template <class Rows, class X>
    void prepare(const Rows& rows, const X* theta, X* r) const {
        predict(rows, dimension(), theta, r);
        const X share(rows.share()), one(1.0);
        for (std::size_t s = 0; s < rows.count(); ++s)
            r[s] = (one / (one + elementary::exp(-r[s])) - X(rows.y(s))) * share;
    }
    template <class Rows, class X, class Sink>
    void each_gradient(const Rows& rows, const X* theta, const X* r, Sink sink) const {
        if (regulariser.rho == 0) {
            each_linear_gradient(
                rows, dimension(), theta, r, [&](const X& t) { return X(regulariser.ridge) * t; }, sink);
        } else {
            const auto slope = [this](const X& t) { return regulariser.slope(t); };
            each_linear_gradient(rows, dimension(), theta, r, slope, sink);
        }
    }
    /// Class 1 is foretold where z > 0.
    template <class Rows, class X>
    Score<X> score(const Rows& rows, const X* theta, X* z) const {
        predict(rows, dimension(), theta, z);
        Score<X> sum{X(0.0), X(0.0)};
        for (std::size_t s = 0; s < rows.count(); ++s) {
            const X y(rows.y(s)), zero(0.0), one(1.0);
            const X below = elementary::log1p(elementary::exp(-abs(z[s])));
            sum.loss += fma(-y, z[s], larger(z[s], zero)) + below;
            sum.hits += select(select(z[s] > zero, one, zero) == y, one, zero);
        }
        return sum;
    }
    template <class X>
    X penalty(const X* theta) const {
        return regulariser.value(theta, dimension());
    }
    template <class R>
    Curvature<R> curvature(const DrawnRows<R>& rows) const {
        return {rows.mean_of(lower.data()), rows.mean_of(upper.data())};
    }
};

}  // namespace foldback
