#include "sim/eigen.hpp"

#include "models/losses/quadratic.hpp"

#include <algorithm>
#include <cmath>

#include "models/laws/affine_moments.hpp"
#include "models/laws/marginals.hpp"
#include "models/laws/normal_moments.hpp"
#include "models/laws/rotation.hpp"
#include "models/losses/sgd_truth.hpp"
#include "sim/settings.hpp"
#include "sim/symmetric_eigen.hpp"

namespace foldback {

namespace {

using Index = Eigen::Index;
using SquareMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Values = std::vector<double>;

Eigen::Map<const SquareMatrix> matrix(std::span<const double> v, std::size_t d) {
    return {v.data(), static_cast<Index>(d), static_cast<Index>(d)};
}
Eigen::Map<const Vector> vector(std::span<const double> v) { return {v.data(), static_cast<Index>(v.size())}; }
Values values(const SquareMatrix& m) { return {m.data(), m.data() + m.size()}; }
Values values(const Vector& v) { return {v.data(), v.data() + v.size()}; }

/// A matrix of the table, d by d.
Values read_square(Settings& table, const char* key, std::size_t d) {
    const Matrix m = table.matrix(key);
    if (m.rows != int(d) || m.cols != int(d))
        throw table.wrong(key, "is " + std::to_string(m.rows) + " x " + std::to_string(m.cols),
                          "it must be " + std::to_string(d) + " x " + std::to_string(d) + ", as spectrum is long");
    return m.data;
}

Values read_rotation(Settings& table, std::size_t d) {
    if (table.has("rotation_seed")) {
        if (table.has("rotation")) throw table.wrong("rotation", "stands beside rotation_seed", "keep one of the two");
        return random_rotation(std::uint64_t(table.integer("rotation_seed", IntegerRange::non_negative())), d);
    }
    if (!table.has("rotation")) return values(SquareMatrix(SquareMatrix::Identity(Index(d), Index(d))));
    const Values q = read_square(table, "rotation", d);
    const SquareMatrix off = matrix(q, d) * matrix(q, d).transpose() - SquareMatrix::Identity(Index(d), Index(d));
    if (off.cwiseAbs().maxCoeff() > 1e-9)
        throw table.wrong("rotation", "is not orthogonal within 1e-9", "its rows must be orthonormal");
    return orthonormal(q, d);
}

Values read_covariance(Settings& table, std::size_t d) {
    if (!table.has("covariance")) {
        const double s = table.number("noise", 1.0, Range::non_negative());
        return values(SquareMatrix(s * s * SquareMatrix::Identity(Index(d), Index(d))));
    }
    if (table.has("noise")) throw table.wrong("noise", "stands beside covariance", "keep one of the two");
    const Values C = read_square(table, "covariance", d);
    if (!(matrix(C, d) - matrix(C, d).transpose()).isZero(0.0))
        throw table.wrong("covariance", "is not symmetric", "write a covariance matrix");
    return C;
}

/// F with F F^T = C.
Values square_root(Settings& table, const Values& C, std::size_t d) {
    SymmetricEigen eigen = symmetric_eigen(C);
    if (eigen.values.front() < -1e-12 * std::abs(eigen.values.back()))
        throw table.wrong("covariance", "has the negative eigenvalue " + shortest(eigen.values.front()),
                          "a covariance matrix has none");
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t k = 0; k < d; ++k) eigen.vectors[i * d + k] *= std::sqrt(std::max(eigen.values[k], 0.0));
    return std::move(eigen.vectors);
}

/// The law of the scale 1 + s (mean of b signs): values and probabilities.
struct ScaleLaw {
    Values scale, probability;
};
ScaleLaw scale_law(double s, std::uint32_t batch) {
    if (s == 0) return {{1.0}, {1.0}};
    ScaleLaw law;
    double p = std::exp2(-double(batch));
    for (std::uint32_t k = 0; k <= batch; ++k) {
        law.scale.push_back(1 + s * (2 * double(k) / batch - 1));
        law.probability.push_back(p);
        p *= double(batch - k) / double(k + 1);
    }
    return law;
}

void add_contraction(Truth& t, const Quadratic& loss, const SgdPlan& plan) {
    const ScaleLaw law = scale_law(loss.multiplicative, loss.sampling.batch);
    Values constants;
    for (double scale : law.scale)
        constants.push_back(
            std::max(step_norm(plan, scale * loss.spectrum.front()), step_norm(plan, scale * loss.spectrum.back())));
    const auto expected = [law, constants](const std::function<double(double)>& g) {
        double sum = 0;
        for (std::size_t k = 0; k < constants.size(); ++k) sum += law.probability[k] * g(constants[k]);
        return sum;
    };
    t.lipschitz_moment = [expected](double p) -> std::optional<Fact> {
        return Fact{expected([p](double L) { return std::pow(L, p); })};
    };
    t.lipschitz_sure = Fact{*std::max_element(constants.begin(), constants.end())};
    const double chi = expected([](double L) { return std::log(L); });
    t.chi = Fact{chi};
    t.log_lipschitz_variance =
        Fact{std::isinf(chi) ? infinity : expected([chi](double L) { return std::pow(std::log(L) - chi, 2); })};
    const bool scalar = loss.dimension() == 1 && plan.momentum == 0;
    if (!scalar || !std::isfinite(chi)) return;
    t.lyapunov = t.chi;
    if (chi >= 0) t.note = "E log|1 - h A_xi| >= 0: no stationary law";
    if (chi < 0 && loss.noisy)
        if (const auto index = kesten_index([&](double p) { return t.lipschitz_moment(p)->value; }))
            t.tail_index = Fact{*index};
}

/// E of the gradient's squared deviation from its mean, at distance A (theta - th*) = slope.
double gradient_variance(const Quadratic& loss, const Vector& slope) {
    const double trace = matrix(loss.covariance, loss.dimension()).trace();
    return (std::pow(loss.multiplicative, 2) * slope.squaredNorm() + trace) / loss.sampling.batch;
}

std::optional<Fact> displacement(const Quadratic& loss, const SgdPlan& plan, std::span<const double> x, double p) {
    const std::size_t d = loss.dimension();
    const Vector slope = matrix(loss.A, d) * (vector(x.first(d)) - vector(loss.optimum));
    const Values g = values(slope);
    if (std::isinf(p)) {
        if (loss.noisy) return std::nullopt;
        double largest = 0;
        for (double scale : {1 - loss.multiplicative, 1 + loss.multiplicative}) {  // convex in the scale
            Values scaled = g;
            for (double& v : scaled) v *= scale;
            largest = std::max(largest, squared_move(plan, x, scaled));
        }
        return Fact{std::sqrt(largest)};
    }
    if (p == 1 && d == 1 && loss.multiplicative == 0 && plan.momentum == 0)
        return Fact{
            mean_absolute_normal(plan.step * g[0], plan.step * std::sqrt(loss.covariance[0] / loss.sampling.batch))};
    if (p > 2) return std::nullopt;
    const double square = mean_squared_move(plan, x, g, gradient_variance(loss, slope));
    return Fact{std::sqrt(square), p == 2 ? Label::exact : Label::bound};
}

QuadraticMoments moments_of(const Quadratic& loss) {
    const std::size_t d = loss.dimension();
    const SquareMatrix A = matrix(loss.A, d);
    const Vector slope = A * vector(loss.optimum);
    const double square = 1 + std::pow(loss.multiplicative, 2);  // E (1 + s e)^2
    return {loss.A, values(slope),
            values(SquareMatrix(square * slope * slope.transpose() + matrix(loss.covariance, d))),
            [A, square, d](std::span<const double> S) { return values(SquareMatrix(square * A * matrix(S, d) * A)); },
            [A, square, slope](std::span<const double> m) {
                return values(SquareMatrix(square * (A * vector(m)) * slope.transpose()));
            }};
}

std::shared_ptr<const SgdTruth> sgd_facts(const Quadratic& loss, const SgdPlan& plan) {
    const std::size_t d = loss.dimension();
    const double b = loss.sampling.batch, s = loss.multiplicative;
    auto sgd = std::make_shared<SgdTruth>();
    sgd->step = plan.step;
    sgd->quadratic = true;
    sgd->strong_convexity = Fact{loss.spectrum.front()};
    sgd->smoothness = sgd->curvature = Fact{(1 + s) * loss.spectrum.back()};
    sgd->optimum = loss.optimum;
    sgd->hessian = loss.A;
    const auto slope = [A = SquareMatrix(matrix(loss.A, d)), centre = loss.optimum](std::span<const double> x) {
        return Vector(A * (vector(x) - vector(centre)));
    };
    sgd->loss = [slope, centre = loss.optimum](std::span<const double> x) {
        return slope(x).dot(vector(x) - vector(centre)) / 2;
    };
    sgd->gradient = [slope](std::span<const double> x) { return values(slope(x)); };
    sgd->hessian_at = [A = loss.A](std::span<const double>) { return A; };
    sgd->covariance_at = [slope, C = loss.covariance, b, s, d](std::span<const double> x) {
        const Vector g = slope(x);
        return values(SquareMatrix((s * s * g * g.transpose() + matrix(C, d)) / b));
    };
    sgd->third = [d](std::span<const double>, std::span<const double>) { return Values(d, 0.0); };
    sgd->covariance = sgd->covariance_at(loss.optimum);
    sgd->gradient_noise = Fact{matrix(sgd->covariance, d).trace()};
    return sgd;
}

}  // namespace

Quadratic Quadratic::from(Settings& model, Sampling sampling) {
    if (sampling.reshuffled)
        throw model.wrong("sampling", std::string("is '") + (sampling.full ? "full" : "reshuffled") + "'",
                          "a quadratic loss has no finite data set to draw from without replacement");
    Settings table = model.table("loss");
    Quadratic loss;
    loss.sampling = sampling;
    loss.spectrum = table.vector("spectrum", Range::positive());
    const std::size_t d = loss.spectrum.size();
    const Values q = read_rotation(table, d);
    loss.A.assign(d * d, 0.0);
    for (std::size_t k = 0; k < d; ++k)
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < d; ++j) loss.A[i * d + j] += loss.spectrum[k] * q[k * d + i] * q[k * d + j];
    std::sort(loss.spectrum.begin(), loss.spectrum.end());
    loss.optimum = table.has("optimum") ? table.vector("optimum", Range::any(), d)
                                        : table.vector("optimum", Values(d, 0.0), Range::any());
    loss.covariance = read_covariance(table, d);
    loss.noisy = std::any_of(loss.covariance.begin(), loss.covariance.end(), [](double c) { return c != 0; });
    loss.factor = square_root(table, loss.covariance, d);
    for (double& f : loss.factor) f /= std::sqrt(double(sampling.batch));
    loss.multiplicative = table.number("multiplicative", 0.0, Range::closed(0, 1));
    if (loss.multiplicative > 0 && sampling.batch > 1000)
        throw model.wrong("batch", "is " + std::to_string(sampling.batch),
                          "with multiplicative noise it must be at most 1000");
    return loss;
}

void Quadratic::resample(Sampling drawn) {
    const double ratio = std::sqrt(double(sampling.batch) / drawn.batch);
    for (double& f : factor) f *= ratio;
    sampling = drawn;
}

std::vector<NamedArray> Quadratic::parameters() const {
    const std::size_t d = dimension();
    return {{"hessian", {d, d}, A},
            {"optimum", {d}, optimum},
            {"covariance", {d, d}, covariance},
            {"multiplicative", {}, {multiplicative}}};
}

Truth Quadratic::truth(const SgdPlan& plan) const {
    Truth t;
    add_contraction(t, *this, plan);
    t.displacement = [loss = *this, plan](std::span<const double> x, double p) {
        return foldback::displacement(loss, plan, x, p);
    };
    add_affine_law(t, moments_of(*this), plan);
    t.atoms = !noisy;
    if (plan.momentum == 0) t.sgd = sgd_facts(*this, plan);
    const std::size_t size = t.mean.size();
    bool normal = multiplicative == 0 && noisy && size > 0;
    for (std::size_t i = 0; i < size; ++i) normal = normal && t.covariance[i * size + i] > 0;
    for (std::size_t i = 0; normal && i < size; ++i)
        t.marginals.push_back(normal_law(t.mean[i], std::sqrt(t.covariance[i * size + i])));
    return t;
}

}  // namespace foldback
