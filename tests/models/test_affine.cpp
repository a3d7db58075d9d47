#include "models/affine.hpp"

#include "models/laws/spectral_norm.hpp"
#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {
Affine read(const std::string& body) { return model_from<Affine>("[model]\nkind = \"affine\"\n" + body); }
const std::string cantor =
    "maps = [{ weight = 0.5, A = 0.3333333333333333, b = 0.0 }, { weight = 0.5, A = 0.3333333333333333, b = "
    "0.6666666666666667 }]\n";
}  // namespace

TEST_CASE("affine: laws and truths of finite families") {
    law_battery(model_from<Affine>(Affine::example), {0, 0, 2, 9, -1, 3}, {.settle = 200});
    law_battery(read(cantor), {0, 1, 0.2});
    law_battery(read("maps = [{ weight = 0.25, A = 1.2, b = 1.0 }, { weight = 0.7, A = -0.3, b = 0.5 }, { weight = "
                     "0.05, A = 0.0, b = 3.0 }]"),
                {0, 1, -4}, {.stationary_moments = false});
}

TEST_CASE("affine: laws and truths with noise") {
    law_battery(read("maps = [{ A = 0.5, b = 1.0 }]\nnoise = { distribution = \"normal\", scale = 0.3 }"), {0, 1, -4});
    law_battery(read("maps = [{ weight = 0.5, A = [[0.4, 0.1], [0.0, 0.5]], b = [1.0, 0.0] },"
                     "        { weight = 0.5, A = [[0.2, 0.0], [0.3, -0.4]], b = [0.0, -1.0] }]\n"
                     "noise  = { distribution = \"laplace\", scale = 0.2 }\n"
                     "factor = { distribution = \"uniform\", lower = 0.5, upper = 1.5 }"),
                {0, 0, 1, -2});
    const Affine general = read(
        "maps = [{ A = [[0.4, 0.1], [0.0, 0.5]], b = [1.0, 0.0] }]\n"
        "noise  = { distribution = \"student_t\", degrees = 20.0, scale = 0.2 }\n"
        "factor = { distribution = \"gamma\", shape = 8.0, scale = 0.1 }");
    CHECK(general.bits() == Bits::same_libm);
    law_battery(general, {0, 0, 1, -2}, {.settle = 40});
    law_battery(read("maps = [{ A = 0.5, b = 0.0 }]\nnoise = { distribution = \"beta\", alpha = 2, beta = 3 }"), {0, 1},
                {.settle = 50});
}

TEST_CASE("affine: the biased stopping example of theory.md has mean 5.455") {
    const Truth t = read("maps = [{ weight = 0.3, A = 0.2, b = 5.0 }, { weight = 0.7, A = 0.95, b = 0.0 }]").truth();
    CHECK(t.mean[0] == doctest::Approx(0.3 * 5 / (1 - 0.06 - 0.665)).epsilon(1e-14));
}

TEST_CASE("affine: tail index") {
    // (1/2) 2^alpha + (1/2) 4^-alpha = 1: y = 2^alpha solves y^3 - 2 y^2 + 1 = 0, the golden ratio.
    const Truth t = read("maps = [{ weight = 0.5, A = 2.0, b = 1.0 }, { weight = 0.5, A = 0.25, b = 1.0 }]").truth();
    CHECK(t.tail_index->value == doctest::Approx(std::log2((1 + std::sqrt(5.0)) / 2)).epsilon(1e-13));
    CHECK(t.mean.empty());
    CHECK_FALSE(read(cantor).truth().tail_index);
    // A common fixed point, 0: the law is a point.
    CHECK_FALSE(
        read("maps = [{ weight = 0.5, A = 2.0, b = 0.0 }, { weight = 0.5, A = 0.25, b = 0.0 }]").truth().tail_index);
    // Noise with a heavier tail than the products'.
    const Truth heavy =
        read("maps = [{ A = 0.5, b = 0.0 }]\nnoise = { distribution = \"student_t\", degrees = 1.5 }").truth();
    CHECK(heavy.tail_index->value == 1.5);
    CHECK_FALSE(heavy.affine);
    CHECK_FALSE(
        read("maps = [{ weight = 0.5, A = 3.0, b = 1.0 }, { weight = 0.5, A = 0.5, b = 1.0 }]").truth().tail_index);
}

TEST_CASE("affine: a map that forgets everything") {
    const Truth t = read("maps = [{ weight = 0.5, A = 0.0, b = 1.0 }, { weight = 0.5, A = 0.5, b = 0.0 }]").truth();
    CHECK(t.chi->value == -infinity);
    CHECK(t.log_lipschitz_variance->value == infinity);
    CHECK_FALSE(t.lyapunov);
}

TEST_CASE("affine: spectral norms") {
    CHECK(spectral_norm(std::vector<double>{-0.5}, 1).value == 0.5);
    CHECK(spectral_norm(std::vector<double>{0, -3, 2, 0}, 2).value == 3);
    CHECK(spectral_norm(std::vector<double>{0, -3, 2, 0}, 2).label == Label::exact);
    // [[1, 1], [0, 1]]: the golden ratio; and never below it.
    const double golden = (1 + std::sqrt(5.0)) / 2;
    const Fact shear = spectral_norm(std::vector<double>{1, 1, 0, 1}, 2);
    CHECK(shear.value == doctest::Approx(golden).epsilon(1e-13));
    CHECK(shear.value >= golden);
    CHECK(shear.label == Label::bound);
    // Hilbert's matrix of order 5: 1.567050691098231 (Todd 1954).
    std::vector<double> hilbert;
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j) hilbert.push_back(1.0 / (i + j + 1));
    CHECK(spectral_norm(hilbert, 5).value == doctest::Approx(1.567050691098231).epsilon(1e-13));
    CHECK(spectral_norm(std::vector<double>{1e-200, 1e-200, 0, 1e-200}, 2).value ==
          doctest::Approx(golden * 1e-200).epsilon(1e-13));
}

TEST_CASE("affine: refusals name the entry") {
    CHECK(refusal<Affine>("maps = [{ weight = 0.5, A = 0.5, b = 0.0 }, { weight = 0.4, A = 0.5, b = 0.0 }]")
              .find("sum to 0.9") != std::string::npos);
    CHECK(refusal<Affine>("maps = [{ weight = 0.5, A = 0.5, b = 0.0 }, { weight = 0.5, A = 0.5, b = [0.0, 1.0] }]")
              .find("maps.1.b") != std::string::npos);
    CHECK(refusal<Affine>("maps = [{ weight = 0.5, A = 0.5, b = 0.0 }, { weight = 0.5, A = [[1.0, 0.0], [0.0, 1.0]], b "
                          "= [0.0, 1.0] }]")
              .find("maps.1.A") != std::string::npos);
    CHECK(refusal<Affine>("maps = [{ weight = 1.0, A = [[1.0, 0.0]], b = [0.0] }]").find("square") !=
          std::string::npos);
    CHECK(refusal<Affine>("maps = [{ weight = 0.0, A = 0.5, b = 0.0 }, { weight = 1.0, A = 0.5, b = 0.0 }]")
              .find("maps.0.weight") != std::string::npos);
    CHECK(refusal<Affine>("maps = [{ weight = 1.0, A = 0.5, b = 0.0, c = 1 }]").find("maps.0.c") != std::string::npos);
}
