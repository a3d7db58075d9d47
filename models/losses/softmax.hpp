#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "models/losses/class_scores.hpp"
#include "models/losses/finite_sum.hpp"
#include "models/losses/linear_rows.hpp"
#include "models/losses/mean_loss.hpp"

namespace foldback {

/// Multinomial logistic regression: l_i(theta) = log sum_k e^(z_k) - z_(y_i) + (ridge / 2) |theta|^2, z_k = theta_k .
/// x_i, theta = (theta_0, theta_1, ...), one vector for each class.
///     hess l_i = (diag p - p p^T) (x) x_i x_i^T + ridge I,    p = softmax(z)
/// diag p - p p^T has a kernel, and its largest eigenvalue is at most 1/2, the supremum: the bounds ridge and
/// |x_i|^2 / 2 + ridge are infimum and supremum. mu of the mean loss is the ridge: adding one vector to every theta_k
/// changes nothing else.
struct Softmax : FiniteSum {
    static constexpr const char* kind = "softmax";
    static constexpr const char* summary = "multinomial logistic regression, with a ridge";
    static constexpr const char* example =
        "[model]\nkind  = \"sgd\"\nstep  = 0.3\nbatch = 4\n[model.loss]\nkind  = \"softmax\"\nridge = 0.1\n"
        "[model.data]\ngenerator  = \"blobs\"\nseed       = 1\nrows       = 60\ncolumns    = 2\nclasses    = 3\n"
        "separation = 2.0\nspread     = 0.5\n";

    double ridge = 0;
    std::vector<double> lower = {}, upper = {};  ///< of the eigenvalues of hess l_i
    std::shared_ptr<const MeanLoss> mean = {};
    std::optional<Fact> strong_convexity = {};
    std::shared_ptr<const LazyMinimum> optimum = {};

    static Softmax from(Settings& model, Sampling sampling);
    std::vector<NamedArray> parameters() const;
    Truth truth(const SgdPlan& plan) const;
    const double* centre() const;

    std::size_t classes() const { return std::size_t(data->classes); }
    std::size_t dimension() const { return classes() * data->columns; }
    std::size_t scratch_size(std::size_t rows) const { return classes() * rows; }
    std::size_t scratch_size() const { return scratch_size(sampling.batch); }

    template <class Rows, class X>
    void prepare(const Rows& rows, const X* theta, X* z) const {
        scores(rows, theta, z);
        cross_entropy_residuals(rows, classes(), z);
    }
    template <class Rows, class X, class Sink>
    void each_gradient(const Rows& rows, const X* theta, const X* r, Sink sink) const {
        const std::size_t d = data->columns;
        for (std::size_t k = 0; k < classes(); ++k)
            each_linear_gradient(
                rows, d, theta + k * d, r + k * rows.count(), [&](const X& t) { return X(ridge) * t; },
                [&](std::size_t i, const X& g) { sink(k * d + i, g); });
    }
    template <class Rows, class X>
    Score<X> score(const Rows& rows, const X* theta, X* z) const {
        scores(rows, theta, z);
        return cross_entropy_score(rows, classes(), z);
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

  private:
    template <class Rows, class X>
    void scores(const Rows& rows, const X* theta, X* z) const {
        for (std::size_t k = 0; k < classes(); ++k)
            predict(rows, data->columns, theta + k * data->columns, z + k * rows.count());
    }
};

}  // namespace foldback
