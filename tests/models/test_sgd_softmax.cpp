#include "models/losses/softmax.hpp"

#include "models/losses/logistic.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Descent = Sgd<Softmax>;

Descent read(const std::string& model, const std::string& loss,
             const std::string& data = "rows = 30\ncolumns = 2\nclasses = 3\n") {
    return model_from<Descent>("[model]\nkind = \"sgd\"\n" + model + "[model.loss]\nkind = \"softmax\"\n" + loss +
                               "[model.data]\ngenerator = \"blobs\"\nseed = 4\nseparation = 1.0\nspread = 0.7\n" +
                               data);
}

}  // namespace

TEST_CASE("sgd on softmax: laws and truths") {
    const std::vector<double> starts{0, 0, 0, 0, 0, 0, 1, -1, 0.5, 2, 0, -2};
    law_battery(read("step = 0.3\n", "ridge = 0.1\n"), starts);
    law_battery(read("step = 0.3\nbatch = 5\n", "ridge = 0.1\n"), starts, {.exact_gain = false});
    law_battery(read("step = 1.5\nbatch = 9\nsampling = \"reshuffled\"\n", "ridge = 0.1\n"), starts,
                {.exact_gain = false});
    law_battery(read("step = 0.2\nmomentum = 0.4\n", "ridge = 0.1\n", "rows = 20\ncolumns = 1\nclasses = 2\n"),
                {0, 0, 0, 0, 1, -1, 0.5, 0.2}, {.exact_gain = false});
}

TEST_CASE("sgd on softmax: gradients") {
    for (const char* loss : {"ridge = 0.2\n", ""})
        for (const char* data : {"rows = 30\ncolumns = 2\nclasses = 3\n", "rows = 25\ncolumns = 3\nclasses = 5\n",
                                 "rows = 25\ncolumns = 1\nclasses = 2\n"}) {
            const Descent f = read("step = 0.1\nbatch = 3\n", loss, data);
            check_drawn_gradients(f);
            for (double phase : {0.7, 2.9})
                check_sgd_truth(*f.truth().sgd, ordinary_point(std::size_t(f.dimension()), phase));
        }
    check_gradient_noise(read("step = 0.1\nbatch = 3\n", "ridge = 0.2\n"), ordinary_point(6));
    check_gradient_noise(read("step = 0.1\nbatch = 7\nsampling = \"reshuffled\"\n", "ridge = 0.2\n"),
                         ordinary_point(6));
}

TEST_CASE("sgd on softmax: Newton finds the optimum") {
    const SgdTruth t = *read("step = 0.1\n", "ridge = 0.01\n").truth().sgd;
    check_optimum(t);
    // With a ridge the classes' vectors sum to 0.
    for (std::size_t i = 0; i < 2; ++i) CHECK(std::abs(t.optimum[i] + t.optimum[2 + i] + t.optimum[4 + i]) < 1e-12);
}

TEST_CASE("sgd on softmax: two classes are logistic regression") {
    // theta_1 - theta_0 = w: the same losses, and a ridge r on w/2 and -w/2 is r/2 on w.
    const std::string data = "rows = 30\ncolumns = 2\nclasses = 2\n";
    const SgdTruth two = *read("step = 0.1\n", "ridge = 0.2\n", data).truth().sgd;
    const auto one = model_from<Sgd<Logistic>>(
        "[model]\nkind = \"sgd\"\nstep = 0.1\n[model.loss]\nkind = \"logistic\"\n"
        "ridge = 0.1\n[model.data]\ngenerator = \"blobs\"\nseed = 4\n"
        "separation = 1.0\nspread = 0.7\n" +
        data);
    const SgdTruth t = *one.truth().sgd;
    const Vector w{0.4, -1.1}, both{-0.2, 0.55, 0.2, -0.55};
    CHECK(two.loss(both) == doctest::Approx(t.loss(w)).epsilon(1e-14));
    check_close("th*", {two.optimum[2] - two.optimum[0], two.optimum[3] - two.optimum[1]}, t.optimum, 1e-12);
}

TEST_CASE("sgd on softmax: constants") {
    const Truth t = read("step = 0.3\n", "ridge = 0.1\n").truth();
    CHECK(t.sgd->strong_convexity->value == 0.1);
    CHECK(t.sgd->strong_convexity->label == Label::exact);
    CHECK(t.lipschitz_moment(1)->label == Label::exact);
    const Truth open = read("step = 0.3\n", "").truth();
    CHECK_FALSE(open.sgd->strong_convexity);
    CHECK(open.sgd->optimum.empty());
    // L is a supremum: two classes and p = (1/2, 1/2) attain it.
    const Descent two = read("step = 0.3\n", "ridge = 0.1\n", "rows = 2\ncolumns = 1\nclasses = 2\n");
    const auto H = two.truth().sgd->hessian_at(Vector{0, 0});
    const double mean_upper = (two.loss.upper[0] + two.loss.upper[1]) / 2;
    CHECK(H[0] - H[1] == doctest::Approx(mean_upper).epsilon(1e-14));
}

TEST_CASE("sgd on softmax: derivatives and the control") {
    const Descent f = read("step = 0.5\nbatch = 3\n", "ridge = 0.2\n");
    check_derivatives(f);
    check_control(f);
}
