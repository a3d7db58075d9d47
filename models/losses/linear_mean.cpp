#include "sim/eigen.hpp"

#include "models/losses/linear_mean.hpp"

#include <cmath>
#include <mutex>

#include "models/losses/sgd_truth.hpp"
#include "sim/elementary.hpp"

namespace foldback {

namespace {

using Index = Eigen::Index;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Values = std::vector<double>;

Index index(std::size_t n) { return static_cast<Index>(n); }
Eigen::Map<const Vector> vector(std::span<const double> v) { return {v.data(), index(v.size())}; }
Eigen::Map<const Matrix> square(std::span<const double> v, std::size_t d) { return {v.data(), index(d), index(d)}; }
Values values(const Vector& v) { return {v.data(), v.data() + v.size()}; }
Values values(const Matrix& m) { return {m.data(), m.data() + m.size()}; }

Eigen::Map<const Matrix> features(const Dataset& data) {
    return {data.features.data(), index(data.train_rows), index(data.columns)};
}
Eigen::Map<const Vector> targets(const Dataset& data) { return {data.targets.data(), index(data.train_rows)}; }

/// X^T diag(w) X / m.
Matrix weighted_square(const Dataset& data, const Vector& w) {
    const auto X = features(data);
    const Matrix scaled = w.asDiagonal() * X;
    return X.transpose() * scaled / double(data.train_rows);
}

double logistic_of(double z) { return 1 / (1 + elementary::exp(-z)); }

// rho theta^2 / (1 + theta^2) and its derivatives.
double bump(double t) { return t * t / (1 + t * t); }
double bump_first(double t) { return 2 * t / ((1 + t * t) * (1 + t * t)); }
double bump_second(double t) { return (2 - 6 * t * t) / std::pow(1 + t * t, 3); }
double bump_third(double t) { return 24 * t * (t * t - 1) / std::pow(1 + t * t, 4); }

class LinearMean final : public MeanLoss {
  public:
    LinearMean(std::shared_ptr<const Dataset> data, const Link& link, Regulariser r)
        : data_(std::move(data)), link_(link), r_(r) {}

    std::size_t dimension() const override { return data_->columns; }
    bool has_hessian() const override { return true; }

    double value(std::span<const double> theta) const override {
        const Vector z = predictions(theta);
        double sum = 0, penalty = 0;
        for (Index i = 0; i < z.size(); ++i) sum += link_.value(z(i), targets(*data_)(i));
        for (double t : theta) penalty += r_.ridge / 2 * t * t + r_.rho * bump(t);
        return sum / double(z.size()) + penalty;
    }

    Values gradient(std::span<const double> theta) const override {
        const Vector r = of(link_.first, theta);
        return values(Vector(features(*data_).transpose() * r / double(r.size()) + penalty_gradient(theta)));
    }

    void each_gradient(std::span<const double> theta,
                       const std::function<void(std::span<const double>)>& visit) const override {
        const Vector r = of(link_.first, theta), penalty = penalty_gradient(theta);
        for (Index i = 0; i < r.size(); ++i) {
            const Vector g = r(i) * features(*data_).row(i).transpose() + penalty;
            visit({g.data(), std::size_t(g.size())});
        }
    }

    Values hessian(std::span<const double> theta) const override {
        Matrix H = weighted_square(*data_, of(link_.second, theta));
        for (Index j = 0; j < H.rows(); ++j) H(j, j) += r_.ridge + r_.rho * bump_second(theta[std::size_t(j)]);
        return values(H);
    }

    Values third(std::span<const double> theta, std::span<const double> P) const override {
        const auto X = features(*data_);
        const Matrix XP = X * square(P, dimension());
        const Vector spread = XP.cwiseProduct(X).rowwise().sum();  // x_i^T P x_i
        const Vector weights = of(link_.third, theta).cwiseProduct(spread);
        Vector T = X.transpose() * weights / double(data_->train_rows);
        for (Index j = 0; j < T.size(); ++j) {
            const auto at = std::size_t(j);
            T(j) += r_.rho * bump_third(theta[at]) * P[at * dimension() + at];
        }
        return values(T);
    }

    Values covariance(std::span<const double> theta) const override {
        const Vector r = of(link_.first, theta);
        const Vector mean = features(*data_).transpose() * r / double(r.size());
        return values(Matrix(weighted_square(*data_, r.cwiseProduct(r)) - mean * mean.transpose()));
    }

    // Each residual is off by (d + 4) eps (L sum_j |x_ij theta_j| + |r_i|), each sum of m terms by m eps of its terms.
    double gradient_rounding(std::span<const double> theta) const override {
        const auto X = features(*data_);
        const double d = double(dimension()), m = double(data_->train_rows), eps = 0x1p-52;
        const Vector r = of(link_.first, theta);
        double sum = 0;
        for (Index i = 0; i < r.size(); ++i) {
            double inner = std::abs(targets(*data_)(i));
            for (Index j = 0; j < X.cols(); ++j) inner += std::abs(X(i, j) * theta[std::size_t(j)]);
            sum += ((d + 4) * (link_.largest_second * inner + std::abs(r(i))) + (m + 4) * std::abs(r(i))) *
                   X.row(i).norm();
        }
        return eps * (sum / m + 8 * (r_.ridge + 2 * r_.rho) * vector(theta).norm());
    }

  private:
    Vector predictions(std::span<const double> theta) const { return features(*data_) * vector(theta); }
    Vector of(double (*derivative)(double, double), std::span<const double> theta) const {
        Vector z = predictions(theta);
        for (Index i = 0; i < z.size(); ++i) z(i) = derivative(z(i), targets(*data_)(i));
        return z;
    }
    Vector penalty_gradient(std::span<const double> theta) const {
        Vector g(index(theta.size()));
        for (std::size_t j = 0; j < theta.size(); ++j)
            g(index(j)) = r_.ridge * theta[j] + r_.rho * bump_first(theta[j]);
        return g;
    }

    std::shared_ptr<const Dataset> data_;
    const Link& link_;
    Regulariser r_;
};

/// S -> E[(x^T S x) x x^T]. Up to dimension 40, where stationary moments ask for it often, the fourth moments of x are
/// tabulated when they are first needed.
class FourthMoments {
  public:
    explicit FourthMoments(std::shared_ptr<const Dataset> data) : data_(std::move(data)) {}

    Matrix operator()(const Matrix& S) const {
        const auto X = features(*data_);
        if (S.rows() > 40) {
            const Matrix XS = X * S;
            return weighted_square(*data_, XS.cwiseProduct(X).rowwise().sum());
        }
        std::call_once(tabulated_, [this] { tabulate(); });
        const Index d = S.rows();
        Vector packed(table_.rows());
        for (Index i = 0, at = 0; i < d; ++i)
            for (Index j = i; j < d; ++j) packed(at++) = i == j ? S(i, i) : S(i, j) + S(j, i);
        const Vector image = table_ * packed;
        Matrix result(d, d);
        for (Index i = 0, at = 0; i < d; ++i)
            for (Index j = i; j < d; ++j) result(i, j) = result(j, i) = image(at++);
        return result;
    }

  private:
    void tabulate() const {
        const auto X = features(*data_);
        const Index d = X.cols();
        Matrix pairs(X.rows(), d * (d + 1) / 2);  // x_i x_j, i <= j, by row of the data
        for (Index k = 0; k < X.rows(); ++k)
            for (Index i = 0, at = 0; i < d; ++i)
                for (Index j = i; j < d; ++j) pairs(k, at++) = X(k, i) * X(k, j);
        table_ = pairs.transpose() * pairs / double(X.rows());
    }

    std::shared_ptr<const Dataset> data_;
    mutable std::once_flag tabulated_;
    mutable Matrix table_;
};

}  // namespace

const Link squared_link{
    [](double z, double y) { return (z - y) * (z - y) / 2; },
    [](double z, double y) { return z - y; },
    [](double, double) { return 1.0; },
    [](double, double) { return 0.0; },
    1,
};

const Link logistic_link{
    [](double z, double y) { return std::max(z, 0.0) - y * z + elementary::log1p(elementary::exp(-std::abs(z))); },
    [](double z, double y) { return logistic_of(z) - y; },
    [](double z, double) { return logistic_of(z) * logistic_of(-z); },
    [](double z, double) { return logistic_of(z) * logistic_of(-z) * (logistic_of(-z) - logistic_of(z)); },
    0.25,
};

std::shared_ptr<const MeanLoss> linear_mean(std::shared_ptr<const Dataset> data, const Link& link, Regulariser r) {
    return std::make_shared<LinearMean>(std::move(data), link, r);
}

QuadraticMoments least_squares_moments(std::shared_ptr<const Dataset> data, double ridge) {
    const std::size_t d = data->columns;
    const auto X = features(*data);
    const auto y = targets(*data);
    const double m = double(data->train_rows);
    const Matrix square_mean = weighted_square(*data, Vector::Ones(X.rows()));
    const Matrix H = square_mean + ridge * Matrix::Identity(index(d), index(d));
    const Vector c = X.transpose() * y / m;

    QuadraticMoments moments{values(H), values(c), values(weighted_square(*data, y.cwiseProduct(y))), {}, {}};
    const auto fourth = std::make_shared<FourthMoments>(data);
    moments.conjugate = [fourth, square_mean, ridge, d](std::span<const double> s) {
        const Matrix S = square(s, d), left = square_mean * S;
        return values(Matrix((*fourth)(S) + ridge * (left + left.transpose()) + ridge * ridge * S));
    };
    moments.cross = [data, c, ridge](std::span<const double> mean) {
        const Vector weights = (features(*data) * vector(mean)).cwiseProduct(targets(*data));
        return values(Matrix(weighted_square(*data, weights) + ridge * vector(mean) * c.transpose()));
    };
    return moments;
}

}  // namespace foldback
