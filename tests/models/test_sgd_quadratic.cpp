#include "models/losses/quadratic.hpp"

#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Descent = Sgd<Quadratic>;

Descent read(const std::string& model, const std::string& loss) {
    return model_from<Descent>("[model]\nkind = \"sgd\"\n" + model + "[model.loss]\nkind = \"quadratic\"\n" + loss);
}
std::string refused(const std::string& model, const std::string& loss) {
    return refusal<Descent>(model + "[model.loss]\nkind = \"quadratic\"\n" + loss);
}

}  // namespace

TEST_CASE("sgd on a quadratic: laws and truths") {
    law_battery(model_from<Descent>(Descent::example), {0, 0, 2, -1}, {.settle = 150});
    law_battery(read("step = 0.5\n", "spectrum = [1.0]\noptimum = [2.0]\nnoise = 0.3\n"), {0, 5});
    law_battery(read("step = 1.0\nbatch = 3\n", "spectrum = [1.5]\nnoise = 0.3\nmultiplicative = 0.6\n"), {0, 5},
                {.stationary_moments = false});
    law_battery(read("step = 0.4\nbatch = 4\n",
                     "spectrum = [1.0, 3.0, 0.5]\nrotation_seed = 7\noptimum = [1, 2, 3]\n"
                     "covariance = [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0]]\n"),
                {0, 0, 0, 4, 4, -4}, {.settle = 120});
}

TEST_CASE("sgd on a quadratic: momentum") {
    const Descent f = read("step = 0.3\nmomentum = 0.6\nbatch = 2\n",
                           "spectrum = [1.0, 0.5]\nrotation_seed = 3\noptimum = [1.0, -1.0]\nmultiplicative = 0.4\n");
    law_battery(f, {0, 0, 0, 0, 2, -1, 0.5, 1}, {.settle = 150});
    // Without multiplicative noise the law is normal.
    const Descent normal = read("step = 0.3\nmomentum = 0.6\n", "spectrum = [1.0]\nnoise = 0.2\n");
    CHECK(normal.truth().marginals.size() == 2);
    law_battery(normal, {0, 0, 2, -1}, {.settle = 120});
}

TEST_CASE("sgd on a quadratic: gradients and noise") {
    const Descent f = read("step = 0.5\nbatch = 3\n",
                           "spectrum = [2.0, 0.2]\nrotation = [[0.6, 0.8], [-0.8, 0.6]]\noptimum = [0.5, 1.0]\n"
                           "covariance = [[1.0, 0.3], [0.3, 0.5]]\nmultiplicative = 0.5\n");
    const SgdTruth& t = *f.truth().sgd;
    check_sgd_truth(t, ordinary_point(2));
    check_gradient_noise(f, ordinary_point(2));
    // A = 2 q q^T + 0.2 r r^T with q = (0.6, 0.8), r = (-0.8, 0.6).
    check_close("A", t.hessian, {2 * 0.36 + 0.2 * 0.64, 1.8 * 0.48, 1.8 * 0.48, 2 * 0.64 + 0.2 * 0.36}, 1e-15);
    CHECK(t.strong_convexity->value == 0.2);
    CHECK(t.smoothness->value == 3);
    CHECK(t.gradient_noise->value == doctest::Approx(0.5));
    check_close("grad l(th*)", t.gradient(t.optimum), {0, 0}, 0);
}

TEST_CASE("sgd on a quadratic: stationary covariance in closed form") {
    // theta' = (1 - h a) theta + h z: variance h^2 s^2 / (1 - (1 - h a)^2) = h s^2 / (a (2 - h a)).
    const Truth t = read("step = 0.5\n", "spectrum = [0.8]\nnoise = 0.3\n").truth();
    CHECK(t.covariance[0] == doctest::Approx(0.5 * 0.09 / (0.8 * 1.6)).epsilon(1e-14));
    CHECK(t.marginals.size() == 1);
    CHECK(t.lyapunov->value == doctest::Approx(std::log(0.6)));
    // Multiplicative: E (1 - h a (1 + s e))^2 = (1 - h a)^2 + (h a s)^2; e = +-1.
    const Truth m = read("step = 1.0\n", "spectrum = [1.5]\nnoise = 0.3\nmultiplicative = 0.6\n").truth();
    CHECK(m.lipschitz_moment(2)->value == doctest::Approx(0.25 + 0.81).epsilon(1e-14));
    CHECK(m.covariance.empty());
    CHECK(m.tail_index->value < 2);
    CHECK(m.tail_index->value > 1);
}

TEST_CASE("sgd on a quadratic: refusals") {
    CHECK(refused("step = 0.5\nsampling = \"reshuffled\"\n", "spectrum = [1.0]\n").find("no finite data set") !=
          std::string::npos);
    CHECK(refused("step = 0.5\n", "spectrum = [1.0, 0.0]\n").find("model.loss.spectrum.1") != std::string::npos);
    CHECK(refused("step = 0.5\n", "spectrum = [1.0, 1.0]\nrotation = [[1.0, 0.1], [0.0, 1.0]]\n").find("orthogonal") !=
          std::string::npos);
    CHECK(refused("step = 0.5\n", "spectrum = [1.0, 1.0]\ncovariance = [[1.0, 2.0], [2.0, 1.0]]\n").find("negative") !=
          std::string::npos);
    CHECK(refused("step = 0.0\n", "spectrum = [1.0]\n").find("model.step") != std::string::npos);
    CHECK(refused("step = 0.1\nmomentum = 1.0\n", "spectrum = [1.0]\n").find("model.momentum") != std::string::npos);
    CHECK(refused("step = 0.1\nbatch = 0\n", "spectrum = [1.0]\n").find("model.batch") != std::string::npos);
}

TEST_CASE("sgd on a quadratic: derivatives and the control") {
    const Descent f = model_from<Descent>(Descent::example);
    check_derivatives(f);
    check_control(f);
    const Descent heavy = read("step = 0.3\nmomentum = 0.6\n", "spectrum = [1.0, 0.5]\nmultiplicative = 0.4\n");
    check_control(heavy);
    CHECK(heavy.step_size() == 0);
}
