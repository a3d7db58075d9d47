#include "sim/eigen.hpp"

#include "models/losses/softmax_mean.hpp"

#include <cmath>

#include "sim/elementary.hpp"

namespace foldback {

namespace {

using Index = Eigen::Index;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Values = std::vector<double>;

Index index(std::size_t n) { return static_cast<Index>(n); }
Values values(const Matrix& m) { return {m.data(), m.data() + m.size()}; }

class SoftmaxMean final : public MeanLoss {
  public:
    SoftmaxMean(std::shared_ptr<const Dataset> data, double ridge)
        : data_(std::move(data)),
          X_(data_->features.data(), index(data_->train_rows), index(data_->columns)),
          classes_(data_->classes),
          ridge_(ridge) {}

    std::size_t dimension() const override { return std::size_t(classes_) * data_->columns; }
    bool has_hessian() const override { return true; }

    double value(std::span<const double> theta) const override {
        const Matrix Z = scores(theta);
        double sum = 0, square = 0;
        for (Index i = 0; i < Z.rows(); ++i) {
            const double most = Z.row(i).maxCoeff();
            double exps = 0;
            for (Index k = 0; k < classes_; ++k) exps += elementary::exp(Z(i, k) - most);
            sum += (most - Z(i, label(i))) + elementary::log(exps);
        }
        for (double t : theta) square += t * t;
        return sum / double(Z.rows()) + ridge_ / 2 * square;
    }

    Values gradient(std::span<const double> theta) const override {
        const Matrix R = residuals(theta);
        return values(Matrix(R.transpose() * X_ / double(R.rows()) + ridge_ * weights(theta)));
    }

    void each_gradient(std::span<const double> theta,
                       const std::function<void(std::span<const double>)>& visit) const override {
        const Matrix R = residuals(theta);
        for (Index i = 0; i < R.rows(); ++i) {
            const Matrix g = R.row(i).transpose() * X_.row(i) + ridge_ * weights(theta);
            visit({g.data(), std::size_t(g.size())});
        }
    }

    Values hessian(std::span<const double> theta) const override {
        const Matrix P = probabilities(theta);
        Matrix H = pairs([&](Index a, Index b) {
            return Vector(P.col(a) * (a == b ? 1.0 : 0.0) - P.col(a).cwiseProduct(P.col(b)));
        });
        H.diagonal().array() += ridge_;
        return values(H);
    }

    // The third derivative of log sum e^z is the third central moment of the class drawn from p: with
    // S_ab = x^T P_ab x, contracted to sum_k p_k (delta_kc - p_c) q_k, q_k = S_kk - 2 (S p)_k + const.
    Values third(std::span<const double> theta, std::span<const double> P) const override {
        const Matrix probability = probabilities(theta);
        const Index d = X_.cols();
        const Eigen::Map<const Matrix> blocks(P.data(), index(dimension()), index(dimension()));
        std::vector<Matrix> spread;  // by class a: (row, class b) -> S_ab
        for (Index a = 0; a < classes_; ++a) {
            spread.emplace_back(X_.rows(), classes_);
            for (Index b = 0; b < classes_; ++b) {
                const Matrix XP = X_ * blocks.block(a * d, b * d, d, d);
                spread.back().col(b) = XP.cwiseProduct(X_).rowwise().sum();
            }
        }
        Matrix weights(X_.rows(), classes_);
        for (Index i = 0; i < X_.rows(); ++i) {
            const Vector p = probability.row(i);
            Vector q(classes_);
            for (Index a = 0; a < classes_; ++a) {
                const Vector row = spread[std::size_t(a)].row(i);
                q(a) = row(a) - 2 * row.dot(p);
            }
            weights.row(i) = p.cwiseProduct(Vector(q.array() - p.dot(q)));
        }
        return values(Matrix(weights.transpose() * X_ / double(X_.rows())));
    }

    Values covariance(std::span<const double> theta) const override {
        const Matrix R = residuals(theta);
        const Matrix mean = R.transpose() * X_ / double(R.rows());
        const Eigen::Map<const Vector> flat(mean.data(), mean.size());
        return values(Matrix(pairs([&](Index a, Index b) { return Vector(R.col(a).cwiseProduct(R.col(b))); }) -
                             flat * flat.transpose()));
    }

    // Each score is off by (d + 2) eps sum_j |x_ij theta_kj|, each probability by twice the largest of these and by
    // what exp and the sum add; each sum of m terms by m eps of its terms.
    double gradient_rounding(std::span<const double> theta) const override {
        const double eps = 0x1p-52, d = double(X_.cols()), m = double(X_.rows()), classes = double(classes_);
        const Matrix R = residuals(theta);
        const Matrix inner = X_.cwiseAbs() * weights(theta).cwiseAbs().transpose();
        double sum = 0;
        for (Index i = 0; i < R.rows(); ++i) {
            const double score = (d + 2) * inner.row(i).maxCoeff() + classes + 4;
            sum += (2 * score + (m + 4) * R.row(i).norm()) * X_.row(i).norm();
        }
        return eps * (sum / m + 4 * ridge_ * weights(theta).norm());
    }

  private:
    Index label(Index row) const { return Index(data_->targets[std::size_t(row)]); }
    Eigen::Map<const Matrix> weights(std::span<const double> theta) const {
        return {theta.data(), classes_, X_.cols()};
    }
    Matrix scores(std::span<const double> theta) const { return X_ * weights(theta).transpose(); }

    Matrix probabilities(std::span<const double> theta) const {
        Matrix P = scores(theta);
        for (Index i = 0; i < P.rows(); ++i) {
            const double most = P.row(i).maxCoeff();
            double sum = 0;
            for (Index k = 0; k < classes_; ++k) sum += P(i, k) = elementary::exp(P(i, k) - most);
            P.row(i) /= sum;
        }
        return P;
    }
    /// p - e_y.
    Matrix residuals(std::span<const double> theta) const {
        Matrix R = probabilities(theta);
        for (Index i = 0; i < R.rows(); ++i) R(i, label(i)) -= 1;
        return R;
    }
    /// The matrix whose block (a, b) is the mean of weight(a, b)_i x_i x_i^T; weight is symmetric.
    template <class F>
    Matrix pairs(F weight) const {
        const Index d = X_.cols();
        Matrix all(classes_ * d, classes_ * d);
        for (Index a = 0; a < classes_; ++a)
            for (Index b = a; b < classes_; ++b) {
                const Matrix scaled = weight(a, b).asDiagonal() * X_;
                const Matrix block = X_.transpose() * scaled / double(X_.rows());
                all.block(a * d, b * d, d, d) = block;
                all.block(b * d, a * d, d, d) = block.transpose();
            }
        return all;
    }

    std::shared_ptr<const Dataset> data_;
    Eigen::Map<const Matrix> X_;
    Index classes_;
    double ridge_;
};

}  // namespace

std::shared_ptr<const MeanLoss> softmax_mean(std::shared_ptr<const Dataset> data, double ridge) {
    return std::make_shared<SoftmaxMean>(std::move(data), ridge);
}

}  // namespace foldback
