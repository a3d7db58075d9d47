#include "models/losses/least_squares.hpp"

#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Descent = Sgd<LeastSquares>;

Descent read(const std::string& model, const std::string& loss, const std::string& data) {
    return model_from<Descent>("[model]\nkind = \"sgd\"\n" + model + "[model.loss]\nkind = \"least_squares\"\n" + loss +
                               "[model.data]\ngenerator = \"linear\"\nseed = 1\nnoise = 0.5\n" + data);
}
const std::string three_columns = "rows = 50\ncolumns = 3\n";

/// The mean over the training rows of g(x_i, y_i, |x_i|^2).
template <class G>
double average(const Descent& f, G g) {
    const Dataset& data = *f.loss.data;
    double sum = 0;
    for (std::size_t i = 0; i < data.train_rows; ++i) {
        const double* x = &data.features[i * data.columns];
        double square = 0;
        for (std::size_t j = 0; j < data.columns; ++j) square += x[j] * x[j];
        sum += g(x, data.targets[i], square) / double(data.train_rows);
    }
    return sum;
}

}  // namespace

TEST_CASE("sgd on least_squares: laws and truths") {
    law_battery(read("step = 0.1\n", "ridge = 0.1\n", three_columns), {0, 0, 0, 1, -2, 3}, {.settle = 400});
    law_battery(read("step = 0.5\n", "", "rows = 20\ncolumns = 1\n"), {0, 2}, {.settle = 200});
}

TEST_CASE("sgd on least_squares: mini-batches") {
    const TruthOptions options{.settle = 400, .exact_gain = false};
    const Descent f = read("step = 0.1\nbatch = 5\n", "ridge = 0.2\n", three_columns);
    law_battery(f, {0, 0, 0, 1, -2, 3}, options);
}

TEST_CASE("sgd on least_squares: momentum") {
    Descent f = read("step = 0.1\nbatch = 3\nmomentum = 0.5\n", "ridge = 0.2\n", "rows = 30\ncolumns = 2\n");
    CHECK(f.dimension() == 4);
    law_battery(f, {0, 0, 0, 0, 1, -2, 0.5, 0}, {.settle = 200, .exact_gain = false});
    CHECK_FALSE(f.truth().sgd);
    CHECK_FALSE(f.truth().mean.empty());
}

TEST_CASE("sgd on least_squares: gradients") {
    const Descent f = read("step = 0.1\nbatch = 3\n", "ridge = 0.3\n", three_columns);
    check_drawn_gradients(f);
    const Vector theta = ordinary_point(3);
    check_sgd_truth(*f.truth().sgd, theta);
    check_gradient_noise(f, theta);
    check_gradient_noise(read("step = 0.1\nbatch = 7\nsampling = \"reshuffled\"\n", "ridge = 0.3\n", three_columns),
                         theta);
}

TEST_CASE("sgd on least_squares: the optimum solves the normal equations") {
    const Descent f = read("step = 0.1\n", "ridge = 0.3\n", three_columns);
    const SgdTruth& t = *f.truth().sgd;
    check_optimum(t);
    for (std::size_t j = 0; j < 3; ++j) {
        const double left = average(f, [&](const double* x, double, double) {
            return (x[0] * t.optimum[0] + x[1] * t.optimum[1] + x[2] * t.optimum[2]) * x[j];
        });
        const double right = average(f, [&](const double* x, double y, double) { return x[j] * y; });
        CHECK(left + 0.3 * t.optimum[j] == doctest::Approx(right).epsilon(1e-13));
    }
    // The stationary mean is the optimum: least squares has no bias.
    for (std::size_t j = 0; j < 3; ++j) CHECK(f.truth().mean[j] == doctest::Approx(t.optimum[j]).epsilon(1e-12));
}

TEST_CASE("sgd on least_squares: constants are averages over the data") {
    const double h = 0.3, ridge = 0.2;
    const Descent f = read("step = 0.3\n", "ridge = 0.2\n", three_columns);
    const Truth t = f.truth();
    const auto constant = [&](double square) {
        return std::max(std::abs(1 - h * ridge), std::abs(1 - h * (square + ridge)));
    };
    for (double p : {0.5, 1.0, 2.0}) {
        const double exact = average(f, [&](const double*, double, double s) { return std::pow(constant(s), p); });
        CHECK(t.lipschitz_moment(p)->value == doctest::Approx(exact).epsilon(1e-13));
        CHECK(t.lipschitz_moment(p)->label == Label::exact);
    }
    CHECK(t.chi->value ==
          doctest::Approx(average(f, [&](const double*, double, double s) { return std::log(constant(s)); })));
    const auto move = [&](const double* x, double y, double) {  // from (1, 0, 0)
        double sum = 0;
        for (int j = 0; j < 3; ++j) sum += std::pow(h * ((x[0] - y) * x[j] + (j == 0 ? ridge : 0)), 2);
        return sum;
    };
    const Vector x{1, 0, 0};
    CHECK(t.displacement(x, 2)->value == doctest::Approx(std::sqrt(average(f, move))).epsilon(1e-13));
    CHECK(t.displacement(x, 1)->value == doctest::Approx(average(f, [&](const double* a, double y, double s) {
                                             return std::sqrt(move(a, y, s));
                                         })).epsilon(1e-13));
    CHECK(t.sgd->smoothness->value == *std::max_element(f.loss.upper.begin(), f.loss.upper.end()));
}

TEST_CASE("sgd on least_squares: a batch's constants are bounds, and the mean of bounds") {
    const Descent one = read("step = 0.3\n", "ridge = 0.2\n", three_columns);
    const Descent five = read("step = 0.3\nbatch = 5\n", "ridge = 0.2\n", three_columns);
    using R = Lanes<8>;
    Vector constants;
    auto p = make_parameter<R>(five);
    for_replicas(five, 3, 1 << 12, [&](Noise<R>& w) {
        w.at(1);
        draw_into(five, w, p);
        for (int l = 0; l < 8; ++l) constants.push_back(five.lipschitz(p)[l]);
    });
    const auto mapped = [&](auto g) {
        Vector values;
        for (double L : constants) values.push_back(g(L));
        return Sample(values);
    };
    const Truth t = five.truth();
    for (double order : {0.5, 1.0, 2.0, 4.0}) {
        CHECK(t.lipschitz_moment(order)->label == Label::bound);
        CHECK(mapped([&](double L) { return std::pow(L, order); }).below(t.lipschitz_moment(order)->value));
    }
    const Sample log = mapped([](double L) { return std::log(L); });
    CHECK(log.below(t.chi->value));
    CHECK(mapped([&](double L) { return std::pow(std::log(L) - log.mean, 2); }).below(t.log_lipschitz_variance->value));
    CHECK(t.lipschitz_sure->value == one.truth().lipschitz_sure->value);
    CHECK(t.sgd->gradient_noise->value == doctest::Approx(one.truth().sgd->gradient_noise->value / 5).epsilon(1e-13));
}

TEST_CASE("sgd on least_squares: without a ridge and with too few rows there is no single minimum") {
    const Truth t = read("step = 0.1\n", "", "rows = 2\ncolumns = 3\n").truth();
    CHECK(t.sgd->optimum.empty());
    CHECK_FALSE(t.sgd->strong_convexity);
    CHECK(t.mean.empty());
}

TEST_CASE("sgd on least_squares: derivatives and the control, which is the chain itself") {
    const Descent f = read("step = 0.1\nbatch = 3\n", "ridge = 0.3\n", three_columns);
    check_derivatives(f);
    check_control(f);
    const DrawnStep<LeastSquares> drawn(f, 2);
    check_close("control", drawn.control({1, -2, 3}), drawn.image({1, -2, 3}), 1e-13);
    CHECK_FALSE(read("step = 0.1\n", "", "rows = 2\ncolumns = 3\n").has_control());
}
