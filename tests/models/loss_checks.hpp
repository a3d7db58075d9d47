#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "models/losses/mean_loss.hpp"
#include "models/sgd.hpp"
#include "sim/sgd_truth.hpp"
#include "tests/models/law_battery.hpp"

// Checks of a loss: its gradient against differences and dual numbers, its mean against averages over its samples.
namespace foldback::tests {

using Vector = std::vector<double>;

/// theta_j = 0.3 sin(j + phase): a point where nothing is special.
inline Vector ordinary_point(std::size_t d, double phase = 0.7) {
    Vector x(d);
    for (std::size_t j = 0; j < d; ++j) x[j] = 0.3 * std::sin(double(j) + phase);
    return x;
}

/// grad l_xi of the batch drawn at one step, lane 0 of replica 0.
template <class L>
Vector drawn_gradient(const Sgd<L>& f, std::uint32_t step, const Vector& theta) {
    using R = Lanes<2>;
    Noise<R> w(29, 0, f.consumption());
    auto p = make_parameter<R>(f);
    w.at(step);
    draw_into(f, w, p);
    Workspace<R> x(theta.size()), scratch(f.loss.scratch_size());
    for (std::size_t j = 0; j < theta.size(); ++j) x[j] = R(theta[j]);
    Vector g(theta.size());
    std::vector<int> visits(theta.size());
    f.loss.prepare(p.batch, x.data(), scratch.data());
    f.loss.each_gradient(p.batch, x.data(), scratch.data(), [&](std::size_t j, const R& v) {
        g[j] = v[0];
        ++visits[j];
        x[j] = R(1e300);  // what SGD in place does: nothing may be read of it afterwards
    });
    CHECK(visits == std::vector<int>(theta.size(), 1));
    return g;
}

/// The value of the same batch's loss.
template <class L>
double drawn_value(const Sgd<L>& f, std::uint32_t step, const Vector& theta) {
    using R = Lanes<2>;
    Noise<R> w(29, 0, f.consumption());
    auto p = make_parameter<R>(f);
    w.at(step);
    draw_into(f, w, p);
    Workspace<R> x(theta.size()), scratch(f.loss.scratch_size());
    for (std::size_t j = 0; j < theta.size(); ++j) x[j] = R(theta[j]);
    const R sum = f.loss.score(p.batch, x.data(), scratch.data()).loss;
    return (sum / R(double(p.batch.count())) + f.loss.penalty(x.data()))[0];
}

/// The largest |g_j - dl/dtheta_j| by central differences of `value`, relative to 1 + |g_j|.
template <class F>
double gradient_error(F value, const Vector& theta, const Vector& g) {
    double worst = 0;
    for (std::size_t j = 0; j < theta.size(); ++j) {
        const double h = 1e-5;
        Vector up = theta, down = theta;
        up[j] += h;
        down[j] -= h;
        worst = std::max(worst, std::abs((value(up) - value(down)) / (2 * h) - g[j]) / (1 + std::abs(g[j])));
    }
    return worst;
}

/// Central differences of a vector function along v.
template <class F>
Vector derivative(F function, const Vector& theta, const Vector& v) {
    const double h = 1e-5;
    Vector up = theta, down = theta;
    for (std::size_t j = 0; j < theta.size(); ++j) {
        up[j] += h * v[j];
        down[j] -= h * v[j];
    }
    Vector high = function(up);
    const Vector low = function(down);
    for (std::size_t j = 0; j < high.size(); ++j) high[j] = (high[j] - low[j]) / (2 * h);
    return high;
}

inline Vector product(const Vector& matrix, const Vector& v) {
    Vector r(matrix.size() / v.size());
    for (std::size_t i = 0; i < r.size(); ++i)
        for (std::size_t j = 0; j < v.size(); ++j) r[i] += matrix[i * v.size() + j] * v[j];
    return r;
}

inline void check_close(const std::string& what, const Vector& a, const Vector& b, double tolerance) {
    REQUIRE(a.size() == b.size());
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]) / (1 + std::abs(b[i])));
    CHECK_MESSAGE(worst <= tolerance, what << ": " << worst);
}

/// The text that kernels run: gradients are those of the value, and the mean over draws is the mean loss's gradient.
template <class L>
void check_drawn_gradients(const Sgd<L>& f) {
    const Vector theta = ordinary_point(f.loss.dimension());
    for (std::uint32_t step : {1u, 2u, 5u}) {
        const Vector g = drawn_gradient(f, step, theta);
        const auto value = [&](const Vector& x) { return drawn_value(f, step, x); };
        CHECK(gradient_error(value, theta, g) < 1e-8);
        // Control: a wrong sign in one component must be seen.
        Vector wrong = g;
        const auto largest =
            std::max_element(wrong.begin(), wrong.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
        *largest = -*largest;
        CHECK(gradient_error(value, theta, wrong) > 1e-4);
    }
}

/// SgdTruth's functions against one another: gradient of loss, Hessian of gradient, third derivative of Hessian.
inline void check_sgd_truth(const SgdTruth& t, const Vector& theta) {
    const std::size_t d = theta.size();
    const Vector g = t.gradient(theta), v = ordinary_point(d, 1.9);
    CHECK(gradient_error([&](const Vector& x) { return t.loss(x); }, theta, g) < 1e-8);
    if (!t.hessian_at) return;
    const auto gradient = [&](const Vector& x) { return t.gradient(x); };
    check_close("Hessian", product(t.hessian_at(theta), v), derivative(gradient, theta, v), 1e-8);
    // T[v v^T] = d/ds H(theta + s v) v.
    Vector vv(d * d);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) vv[i * d + j] = v[i] * v[j];
    const auto along = [&](const Vector& x) { return product(t.hessian_at(x), v); };
    check_close("third derivative", t.third(theta, vv), derivative(along, theta, v), 1e-8);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < i; ++j)
            CHECK(t.hessian_at(theta)[i * d + j] == doctest::Approx(t.hessian_at(theta)[j * d + i]).epsilon(1e-13));
}

/// What is drawn at one step, two lanes wide, with the vectors that its maps act on.
template <class L>
struct DrawnStep {
    using R = Lanes<2>;
    const Sgd<L>& f;
    ParameterOf<Sgd<L>, R> p;

    DrawnStep(const Sgd<L>& model, std::uint32_t step) : f(model), p(make_parameter<R>(model)) {
        Noise<R> w(29, 0, f.consumption());
        w.at(step);
        draw_into(f, w, p);
    }
    /// Calls use(the lanes of each of `in`, out) and returns lane 0 of out, as long as the first of `in`.
    template <class F>
    static Vector with_lanes(const Vector& first, const Vector& second, F use) {
        Workspace<R> a(first.size()), b(second.size()), out(first.size());
        for (std::size_t j = 0; j < first.size(); ++j) a[j] = R(first[j]);
        for (std::size_t j = 0; j < second.size(); ++j) b[j] = R(second[j]);
        use(a.data(), b.data(), out.data());
        Vector result(first.size());
        for (std::size_t j = 0; j < result.size(); ++j) result[j] = out[j][0];
        return result;
    }
    Vector gradient(const Vector& x) const {
        return with_lanes(x, {}, [&](const R* at, const R*, R* out) { f.gradient(p, at, out); });
    }
    Vector hessian_product(const Vector& x, const Vector& v) const {
        return with_lanes(x, v, [&](const R* at, const R* along, R* out) { f.hessian_product(p, at, along, out); });
    }
    Vector control(const Vector& y) const {
        return with_lanes(y, {}, [&](const R* at, const R*, R* out) {
            for (std::size_t j = 0; j < y.size(); ++j) out[j] = at[j];
            f.apply_control(p, out);
        });
    }
    Vector image(const Vector& x) const {
        return with_lanes(x, {}, [&](const R* at, const R*, R* out) {
            for (std::size_t j = 0; j < x.size(); ++j) out[j] = at[j];
            apply_to(f, p, out);
        });
    }
};

/// gradient(p, x, g) and hessian_product(p, x, v, out), which the order-sensitivity pass reads.
template <class L>
void check_derivatives(const Sgd<L>& f) {
    const Vector x = ordinary_point(f.loss.dimension()), v = ordinary_point(f.loss.dimension(), 1.9);
    CHECK(f.step_size() == f.plan.step);
    for (std::uint32_t step : {1u, 4u}) {
        const DrawnStep<L> drawn(f, step);
        const Vector g = drawn.gradient(x);
        CHECK(g == drawn_gradient(f, step, x));
        Vector moved = x;
        for (std::size_t j = 0; j < x.size(); ++j) moved[j] -= f.plan.step * g[j];
        check_close("x - h grad", drawn.image(x), moved, 1e-15);
        const Vector product = drawn.hessian_product(x, v);
        check_close("Hessian times v", product, derivative([&](const Vector& y) { return drawn.gradient(y); }, x, v),
                    1e-8);
        double away = 0;  // control: it is not the Hessian of another batch, or of none
        for (double e : product) away = std::max(away, std::abs(e));
        CHECK(away > 1e-3);
    }
}

/// apply_control: f_p near th*, affine, and th* kept on average.
template <class L>
void check_control(const Sgd<L>& f) {
    REQUIRE(f.has_control());
    const std::size_t d = f.loss.dimension(), size = std::size_t(f.dimension());
    Vector centre(size, 0.0);
    std::copy_n(f.loss.centre(), d, centre.begin());
    const Vector v = ordinary_point(size, 1.9);
    const auto at = [&](double s) {
        Vector y = centre;
        for (std::size_t j = 0; j < size; ++j) y[j] += s * v[j];
        return y;
    };
    for (std::uint32_t step : {1u, 4u}) {
        const DrawnStep<L> drawn(f, step);
        check_close("control at th*", drawn.control(centre), drawn.image(centre), 1e-14);
        const auto image = [&](const Vector& y) { return drawn.image(y); };
        const auto control = [&](const Vector& y) { return drawn.control(y); };
        check_close("slope at th*", derivative(control, centre, v), derivative(image, centre, v), 1e-8);
        check_close("slope elsewhere", derivative(control, at(3), v), derivative(control, centre, v), 1e-8);
    }
    using R = Lanes<8>;
    std::vector<Vector> images(size);
    auto p = make_parameter<R>(f);
    Workspace<R> y(size);
    for_replicas(f, 127, 1 << 13, [&](Noise<R>& w) {
        w.at(2);
        draw_into(f, w, p);
        for (std::size_t j = 0; j < size; ++j) y[j] = R(centre[j]);
        f.apply_control(p, y.data());
        for (std::size_t j = 0; j < size; ++j)
            for (int l = 0; l < 8; ++l) images[j].push_back(y[j][l]);
    });
    for (std::size_t j = 0; j < size; ++j) {
        const Sample image(images[j]);
        CHECK(image.agrees(centre[j]));
        CHECK_FALSE(image.agrees(centre[j] + 12 * image.error));
    }
}

/// Mean and covariance of a drawn batch's gradient, over many draws, at 6 standard errors.
template <class L>
void check_gradient_noise(const Sgd<L>& f, const Vector& theta) {
    using R = Lanes<8>;
    const SgdTruth& t = *f.truth().sgd;
    const std::size_t d = theta.size();
    std::vector<Vector> gradients(d);
    auto p = make_parameter<R>(f);
    Workspace<R> x(d), scratch(f.loss.scratch_size());
    for (std::size_t j = 0; j < d; ++j) x[j] = R(theta[j]);
    for_replicas(f, 113, 1 << 14, [&](Noise<R>& w) {
        w.at(3);
        draw_into(f, w, p);
        f.loss.prepare(p.batch, x.data(), scratch.data());
        f.loss.each_gradient(p.batch, x.data(), scratch.data(), [&](std::size_t j, const R& g) {
            for (int l = 0; l < 8; ++l) gradients[j].push_back(g[l]);
        });
    });
    const Vector mean = t.gradient(theta), covariance = t.covariance_at(theta);
    for (std::size_t i = 0; i < d; ++i) {
        check_fact("E grad, component " + std::to_string(i), Sample(gradients[i]), {mean[i]});
        for (std::size_t j = i; j < d; ++j) {
            Vector products;
            for (std::size_t r = 0; r < gradients[i].size(); ++r)
                products.push_back((gradients[i][r] - mean[i]) * (gradients[j][r] - mean[j]));
            check_fact("Cov grad", Sample(products), {covariance[i * d + j]});
        }
    }
}

/// The optimum: its gradient is at rounding level, and tau^2, H and C belong to it.
inline void check_optimum(const SgdTruth& t, double scale = 1) {
    REQUIRE_FALSE(t.optimum.empty());
    double norm = 0, trace = 0;
    for (double g : t.gradient(t.optimum)) norm += g * g;
    CHECK(std::sqrt(norm) < 1e-14 * scale);
    CHECK(t.optimum_error < 1e-9 * scale);
    CHECK(t.optimum_error > 0);
    const std::size_t d = t.optimum.size();
    CHECK(t.hessian == t.hessian_at(t.optimum));
    CHECK(t.covariance == t.covariance_at(t.optimum));
    for (std::size_t j = 0; j < d; ++j) trace += t.covariance[j * d + j];
    CHECK(t.gradient_noise->value == trace);
}

}  // namespace foldback::tests
