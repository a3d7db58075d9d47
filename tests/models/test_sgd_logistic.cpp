#include "models/losses/logistic.hpp"

#include "models/losses/linear_mean.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Descent = Sgd<Logistic>;

Descent read(const std::string& model, const std::string& loss,
             const std::string& data = "rows = 40\ncolumns = 3\nspectrum = [1.0, 2.0, 0.5]\n") {
    return model_from<Descent>("[model]\nkind = \"sgd\"\n" + model + "[model.loss]\nkind = \"logistic\"\n" + loss +
                               "[model.data]\ngenerator = \"logistic\"\nseed = 2\n" + data);
}

}  // namespace

TEST_CASE("sgd on logistic: laws and truths") {
    const std::vector<double> starts{0, 0, 0, 1, -2, 3};
    law_battery(model_from<Descent>(Descent::example), starts, {.exact_gain = false});
    law_battery(read("step = 0.7\n", "ridge = 0.1\n"), starts);
    // A step so long that the upper end rules some of the maps.
    law_battery(read("step = 3.0\n", "ridge = 0.1\n"), starts);
    law_battery(read("step = 0.4\nbatch = 3\nmomentum = 0.5\n", "ridge = 0.2\n", "rows = 30\ncolumns = 2\n"),
                {0, 0, 0, 0, 1, -2, 0.5, 0}, {.exact_gain = false});
    law_battery(read("step = 0.4\nbatch = 8\nsampling = \"reshuffled\"\n", "ridge = 0.2\n"), starts,
                {.exact_gain = false});
}

TEST_CASE("sgd on logistic: laws with the regulariser that is not convex") {
    const std::vector<double> starts{0, 0, 0, 1, -1.2, 0.8};
    law_battery(read("step = 0.5\n", "ridge = 0.1\nnonconvex = 0.3\n"), starts);
    law_battery(read("step = 0.5\nbatch = 4\n", "ridge = 0.5\nnonconvex = 0.3\n"), starts, {.exact_gain = false});
}

TEST_CASE("sgd on logistic: gradients") {
    for (const char* loss : {"ridge = 0.3\n", "ridge = 0.1\nnonconvex = 0.4\n", ""}) {
        const Descent f = read("step = 0.1\nbatch = 3\n", loss);
        for (double phase : {0.7, 2.9}) {
            const Vector theta = ordinary_point(3, phase);
            check_sgd_truth(*f.truth().sgd, theta);
            check_gradient_noise(f, theta);
        }
        check_drawn_gradients(f);
    }
    check_gradient_noise(read("step = 0.1\nbatch = 7\nsampling = \"reshuffled\"\n", "ridge = 0.3\n"),
                         ordinary_point(3));
}

TEST_CASE("sgd on logistic: the link far out") {
    // log(1 + e^z) - y z to its last digits where the naive form overflows or cancels.
    const auto value = logistic_link.value;
    CHECK(value(800, 1) == 0);
    CHECK(value(800, 0) == 800);
    CHECK(value(-800, 1) == 800);
    CHECK(value(-40, 0) == doctest::Approx(std::exp(-40.0)).epsilon(1e-15));
    CHECK(value(0, 1) == doctest::Approx(std::log(2.0)).epsilon(1e-15));
    CHECK(logistic_link.first(-800, 1) == -1);
    CHECK(logistic_link.first(-800, 0) == 0);
    CHECK(logistic_link.second(0, 0) == 0.25);
    // The same in the text that kernels run: a far start falls back with steps of bounded length.
    const Descent f = read("step = 1.0\n", "");
    auto p = make_parameter<Lanes<2>>(f);
    Noise<Lanes<2>> w(3, 0, f.consumption());
    w.at(1);
    draw_into(f, w, p);
    Workspace<Lanes<2>> x(3);
    for (std::size_t i = 0; i < 3; ++i) x[i] = Lanes<2>(1e6);
    apply_to(f, p, x.data());
    for (std::size_t i = 0; i < 3; ++i)
        for (int l = 0; l < 2; ++l) CHECK(std::abs(x[i][l] - 1e6) < 10);
}

TEST_CASE("sgd on logistic: Newton finds the optimum") {
    const Descent f = read("step = 0.1\n", "ridge = 0.01\n");
    const SgdTruth& t = *f.truth().sgd;
    check_optimum(t);
    // It is a minimum: plain gradient descent comes there, too.
    Vector theta(3, 0.0);
    for (int step = 0; step < 20'000; ++step) {
        const Vector g = t.gradient(theta);
        for (std::size_t j = 0; j < 3; ++j) theta[j] -= g[j];
    }
    check_close("th*", t.optimum, theta, 1e-12);
    // tau^2 = E|grad l_i(th*)|^2, by hand.
    double tau = 0;
    f.loss.mean->each_gradient(t.optimum, [&](std::span<const double> g) {
        for (double v : g) tau += v * v / 40;
    });
    CHECK(t.gradient_noise->value == doctest::Approx(tau).epsilon(1e-12));
    // Weak regularisation of data that can be separated: the optimum is far out.
    const SgdTruth far = *read("step = 0.1\n", "ridge = 1e-6\n", "rows = 4\ncolumns = 5\n").truth().sgd;
    REQUIRE_FALSE(far.optimum.empty());
    CHECK(far.optimum_error < 1e-7);
    double norm = 0;
    for (double v : far.optimum) norm += v * v;
    CHECK(norm > 25);
}

TEST_CASE("sgd on logistic: constants and their labels") {
    const Descent plain = read("step = 0.5\n", "ridge = 0.1\n");
    const SgdTruth& t = *plain.truth().sgd;
    CHECK(t.strong_convexity->value == 0.1);
    CHECK(t.strong_convexity->label == Label::exact);
    CHECK(t.smoothness->label == Label::exact);
    double largest = 0;
    for (std::size_t i = 0; i < 40; ++i) {
        double square = 0;
        for (std::size_t j = 0; j < 3; ++j) square += std::pow(plain.loss.data->features[i * 3 + j], 2);
        largest = std::max(largest, square);
    }
    CHECK(t.smoothness->value == doctest::Approx(largest / 4 + 0.1).epsilon(1e-14));
    CHECK(plain.truth().lipschitz_moment(2)->label == Label::exact);

    // ridge > rho / 2: convex, with bounds only.
    const Truth convex = read("step = 0.5\n", "ridge = 0.2\nnonconvex = 0.3\n").truth();
    CHECK(convex.sgd->strong_convexity->value == doctest::Approx(0.05));
    CHECK(convex.sgd->strong_convexity->label == Label::bound);
    CHECK(convex.sgd->smoothness->value == doctest::Approx(largest / 4 + 0.8).epsilon(1e-14));
    CHECK_FALSE(convex.sgd->optimum.empty());
    CHECK(convex.lipschitz_moment(2)->label == Label::bound);

    // Else no claim that needs convexity may apply.
    const Truth not_convex = read("step = 0.5\n", "ridge = 0.1\nnonconvex = 0.3\n").truth();
    CHECK_FALSE(not_convex.sgd->strong_convexity);
    CHECK_FALSE(not_convex.sgd->smoothness);
    CHECK(not_convex.sgd->optimum.empty());
    CHECK(not_convex.sgd->curvature->value == doctest::Approx(largest / 4 + 0.7).epsilon(1e-14));
    CHECK(not_convex.lipschitz_sure->value > 1);
    // The bound is not idle: between two points near theta_j = 1 a map does expand.
    const Descent g =
        read("step = 0.5\n", "ridge = 0.0\nnonconvex = 0.4\n", "rows = 2\ncolumns = 1\nspectrum = [1e-9]\n");
    auto p = make_parameter<Lanes<1>>(g);
    Noise<Lanes<1>> w(3, 0, g.consumption());
    w.at(1);
    draw_into(g, w, p);
    Lanes<1> x(1.0), y(1.0 + 1e-6);
    apply_to(g, p, &x);
    apply_to(g, p, &y);
    CHECK(((y - x) / Lanes<1>(1e-6))[0] == doctest::Approx(1 + 0.5 * 0.4 / 2).epsilon(1e-5));
    CHECK(g.lipschitz(p)[0] == doctest::Approx(1.1).epsilon(1e-12));
}

TEST_CASE("sgd on logistic: derivatives and the control") {
    const Descent f = read("step = 0.5\nbatch = 3\n", "ridge = 0.2\nnonconvex = 0.1\n");
    check_derivatives(f);
    check_control(f);
    check_control(read("step = 0.5\nbatch = 3\nmomentum = 0.5\n", "ridge = 0.2\n"));
    check_control(read("step = 0.5\nbatch = 3\nsampling = \"reshuffled\"\n", "ridge = 0.2\n"));
    check_derivatives(read("step = 0.5\n", "nonconvex = 0.3\n"));
    CHECK_FALSE(read("step = 0.5\n", "nonconvex = 0.3\n").has_control());
}
