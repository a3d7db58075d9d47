#pragma once
#include <optional>
#include <vector>

#include "models/losses/finite_sum.hpp"
#include "models/losses/linear_rows.hpp"
#include "models/losses/mean_loss.hpp"

namespace foldback {

/// l_i(theta) = (x_i . theta - y_i)^2 / 2 + (ridge / 2) |theta|^2, y_i any numbers.
///     grad l_i = (x_i . theta - y_i) x_i + ridge theta,    hess l_i = x_i x_i^T + ridge I
/// hess l_i has the eigenvalues |x_i|^2 + ridge and, d - 1 times, ridge: both constants are exact for single samples.
/// mu of the mean loss: the smallest eigenvalue of X^T X / m + ridge I, exact.
struct LeastSquares : FiniteSum {
    static constexpr const char* kind = "least_squares";
    static constexpr const char* summary = "(x . theta - y)^2 / 2, with a ridge";
    static constexpr const char* example =
        "[model]\nkind  = \"sgd\"\nstep  = 0.1\nbatch = 2\n[model.loss]\nkind  = \"least_squares\"\nridge = 0.1\n"
        "[model.data]\ngenerator = \"linear\"\nseed      = 1\nrows      = 50\ncolumns   = 3\nnoise     = 0.5\n";

    double ridge = 0;
    std::vector<double> lower = {}, upper = {};  ///< of the eigenvalues of hess l_i
    std::shared_ptr<const MeanLoss> mean = {};
    std::optional<Fact> strong_convexity = {};
    std::shared_ptr<const LazyMinimum> optimum = {};

    static LeastSquares from(Settings& model, Sampling sampling);
    std::vector<NamedArray> parameters() const;
    Truth truth(const SgdPlan& plan) const;
    const double* centre() const;

    std::size_t dimension() const { return data->columns; }
    std::size_t scratch_size(std::size_t rows) const { return rows; }
    std::size_t scratch_size() const { return scratch_size(sampling.batch); }

    template <class Rows, class X>
    void prepare(const Rows& rows, const X* theta, X* r) const {
        predict(rows, dimension(), theta, r);
        const X share(rows.share());
        for (std::size_t s = 0; s < rows.count(); ++s) r[s] = (r[s] - X(rows.y(s))) * share;
    }
    template <class Rows, class X, class Sink>
    void each_gradient(const Rows& rows, const X* theta, const X* r, Sink sink) const {
        each_linear_gradient(
            rows, dimension(), theta, r, [&](const X& t) { return X(ridge) * t; }, sink);
    }
    template <class Rows, class X>
    Score<X> score(const Rows& rows, const X* theta, X* z) const {
        predict(rows, dimension(), theta, z);
        X sum(0.0);
        for (std::size_t s = 0; s < rows.count(); ++s) {
            const X residual = z[s] - X(rows.y(s));
            sum = fma(residual, residual, sum);
        }
        return {sum * X(0.5), X(0.0)};
    }
    template <class X>
    X penalty(const X* theta) const {
        X sum(0.0);
        for (std::size_t i = 0; i < dimension(); ++i) sum = fma(theta[i], theta[i], sum);
        return X(ridge / 2) * sum;
    }
    template <class R>
    Curvature<R> curvature(const DrawnRows<R>& rows) const {
        return {rows.mean_of(lower.data()), rows.mean_of(upper.data())};
    }
};

}  // namespace foldback
