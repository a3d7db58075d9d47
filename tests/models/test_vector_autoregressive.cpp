#include "models/vector_autoregressive.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {
VectorAutoregressive read(const std::string& body) {
    return model_from<VectorAutoregressive>("[model]\nkind = \"vector_autoregressive\"\n" + body);
}
}  // namespace

TEST_CASE("vector_autoregressive: laws and truths") {
    law_battery(model_from<VectorAutoregressive>(VectorAutoregressive::example), {-5, 5, 0.1, 0, 2, 2},
                {.settle = 150});
    law_battery(read("A = [[0.5, 0.1, 0.0], [0.0, 0.4, 0.2], [0.1, 0.0, 0.3]]\nS = [[1.0], [0.5], [0.25]]"),
                {1, 2, 3, -1, 0, 4});
}

TEST_CASE("vector_autoregressive: Lyapunov's equation") {
    // A = 1/2 (rotation by 90 degrees): A C A^T = C / 4 for C = c I, so c = 4/3 s^2.
    const Truth t = read("A = [[0.0, -0.5], [0.5, 0.0]]\ns = 3.0").truth();
    CHECK(t.covariance[0] == doctest::Approx(12).epsilon(1e-14));
    CHECK(t.covariance[3] == doctest::Approx(12).epsilon(1e-14));
    CHECK(std::abs(t.covariance[1]) < 1e-13);
    CHECK(t.lipschitz_sure->value == 0.5);
    CHECK(t.lipschitz_sure->label == Label::exact);
}

TEST_CASE("vector_autoregressive: contraction is not needed for a stationary law, the spectral radius is") {
    const Truth shear = read("A = [[0.5, 5.0], [0.0, 0.5]]\ns = 1.0").truth();
    CHECK(shear.lipschitz_sure->value > 5);
    CHECK(shear.lipschitz_sure->label == Label::bound);
    CHECK(shear.marginals.size() == 2);
    const Truth wandering = read("A = [[1.0, 0.0], [0.0, 0.5]]\ns = 1.0").truth();
    CHECK(wandering.marginals.empty());
    CHECK_FALSE(wandering.note.empty());
}

TEST_CASE("vector_autoregressive: sizes must agree") {
    CHECK(refusal<VectorAutoregressive>("A = [[1.0, 2.0]]\ns = 1.0").find("square") != std::string::npos);
    CHECK(refusal<VectorAutoregressive>("A = [[0.5, 0.0], [0.0, 0.5]]\nS = [[1.0]]").find("must have 2") !=
          std::string::npos);
}
