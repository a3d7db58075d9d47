#include <doctest/doctest.h>

#include <cmath>

#include "models/losses/logistic.hpp"
#include "models/losses/mlp.hpp"
#include "models/losses/quadratic.hpp"
#include "models/registry.hpp"
#include "models/sgd.hpp"
#include "runs/toml_file.hpp"
#include "sim/error.hpp"
#include "sim/named_start.hpp"
#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Vector = std::vector<double>;

const std::string logistic = "[model]\nkind = \"sgd\"\nstep = 0.7\nbatch = 2\n[model.loss]\nkind = \"logistic\"\n";
const std::string rows = "[model.data]\ngenerator = \"logistic\"\nseed = 2\nrows = 40\ncolumns = 3\n";
const std::string mlp =
    "[model]\nkind = \"sgd\"\nstep = 0.7\n[model.loss]\nkind = \"mlp\"\nhidden = [40]\n[model.data]\n"
    "generator = \"blobs\"\nseed = 4\nseparation = 1.0\nspread = 0.7\nrows = 40\ncolumns = 20\nclasses = 4\n";

/// The start that this line describes, of this model.
Vector start(const std::string& model, const std::string& keys) {
    Settings whole(parse_toml(model + "[start]\n" + keys, "test.toml"));
    Settings table = whole.table("model"), described = whole.table("start");
    const Vector made = builtin_models().make(table)->named_start(described);
    whole.finish();
    return made;
}
std::string refused(const std::string& model, const std::string& keys) {
    try {
        start(model, keys);
    } catch (const ConfigError& error) { return error.what(); }
    return {};
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The chain by its definition, one lane wide, replica 0.
template <class L>
Vector descended(const std::string& model, std::uint64_t seed, std::uint32_t steps, const Vector& from) {
    const auto f = model_from<Sgd<L>>(model);
    using R = Lanes<1>;
    Noise<R> w(seed, 0, f.consumption());
    auto p = make_parameter<R>(f);
    Workspace<R> x(from.size());
    for (std::size_t j = 0; j < from.size(); ++j) x[j] = R(from[j]);
    for (std::uint32_t n = 1; n <= steps; ++n) {
        w.at(n);
        draw_into(f, w, p);
        apply_to(f, p, x.data());
    }
    Vector state(from.size());
    for (std::size_t j = 0; j < state.size(); ++j) state[j] = x[j][0];
    return state;
}

double variance(const Vector& v) {
    double sum = 0;
    for (double x : v) sum += x * x;
    return sum / double(v.size());
}

}  // namespace

TEST_CASE("named starts: of every model") {
    CHECK(start(logistic + rows, "kind = \"zero\"\n") == Vector{0, 0, 0});
    const Vector drawn = start(mlp, "kind = \"normal\"\nscale = 0.5\nseed = 1\n");
    CHECK(drawn.size() == 40 * 21 + 4 * 41);
    // Variance of 1,004 draws: its standard error is 4.5 percent.
    CHECK(variance(drawn) == doctest::Approx(0.25).epsilon(0.2));
    CHECK(drawn == start(mlp, "kind = \"normal\"\nscale = 0.5\nseed = 1\n"));
    CHECK(drawn != start(mlp, "kind = \"normal\"\nscale = 0.5\nseed = 2\n"));
    CHECK(has(refused(logistic + rows, "kind = \"zero\"\nscale = 1.0\n"), "start.scale"));
    CHECK(has(refused(logistic + rows, "kind = \"glorot\"\nseed = 1\n"), "start.kind"));
}

TEST_CASE("named starts: the optimum") {
    const std::string ridge = logistic + "ridge = 0.1\n" + rows;
    const auto f = model_from<Sgd<Logistic>>(ridge);
    CHECK(start(ridge, "kind = \"optimum\"\n") == f.truth().sgd->optimum);
    CHECK(has(refused(logistic + rows, "kind = \"optimum\"\n"), "ridge"));
    CHECK(has(refused(mlp, "kind = \"optimum\"\n"), "start.kind"));
}

TEST_CASE("named starts: Glorot and Bengio's") {
    const Vector theta = start(mlp, "kind = \"glorot\"\nseed = 3\n");
    REQUIRE(theta.size() == 40 * 21 + 4 * 41);
    Vector first, last;
    for (std::size_t j = 0; j < 40; ++j) {
        for (std::size_t i = 0; i < 20; ++i) first.push_back(theta[21 * j + i]);
        CHECK(theta[21 * j + 20] == 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
        for (std::size_t i = 0; i < 40; ++i) last.push_back(theta[840 + 41 * j + i]);
        CHECK(theta[840 + 41 * j + 40] == 0);
    }
    // Uniform on +-sqrt(6 / (in + out)): variance 2 / (in + out), never beyond; the two layers differ.
    CHECK(variance(first) == doctest::Approx(2.0 / 60).epsilon(0.15));
    CHECK(variance(last) == doctest::Approx(2.0 / 44).epsilon(0.3));
    for (double w : first) CHECK(std::abs(w) < std::sqrt(6.0 / 60));
    for (double w : last) CHECK(std::abs(w) < std::sqrt(6.0 / 44));
    CHECK(theta != start(mlp, "kind = \"glorot\"\nseed = 4\n"));
}

TEST_CASE("named starts: trained") {
    const std::string keys = "kind = \"trained\"\nsteps = 300\nstep = 0.2\nbatch = 4\nseed = 9\n";
    const std::string plain =
        "[model]\nkind = \"sgd\"\nstep = 0.2\nbatch = 4\n[model.loss]\nkind = \"logistic\"\n" + rows;
    const Vector trained = start(logistic + rows, keys + "from = [1.0, 0.0, -2.0]\n");
    CHECK(trained == descended<Logistic>(plain, 9, 300, {1, 0, -2}));
    // Neither the model's own step and batch nor its momentum and sampling have a part in it.
    CHECK(trained != descended<Logistic>(logistic + rows, 9, 300, {1, 0, -2}));
    std::string heavy = logistic + rows;
    heavy.insert(heavy.find("[model.loss]"), "momentum = 0.5\nsampling = \"reshuffled\"\n");
    Vector at_rest = trained;
    at_rest.resize(6, 0.0);
    CHECK(start(heavy, keys + "from = [1.0, 0.0, -2.0]\n") == at_rest);
    // From another start that has a name.
    CHECK(start(logistic + rows, keys + "from = { kind = \"zero\" }\n") ==
          descended<Logistic>(plain, 9, 300, {0, 0, 0}));
    CHECK(
        start(mlp, "kind = \"trained\"\nsteps = 50\nstep = 0.7\nseed = 9\nfrom = { kind = \"glorot\", seed = 3 }\n") ==
        descended<Mlp>(mlp, 9, 50, start(mlp, "kind = \"glorot\"\nseed = 3\n")));
    CHECK(has(refused(logistic + rows, keys), "start.from"));
    CHECK(has(refused(logistic + rows, keys + "from = [1.0]\n"), "start.from"));
    CHECK(has(refused(logistic + rows, keys + "from = { kind = \"nil\" }\n"), "start.from.kind"));
    CHECK(has(refused("[model]\nkind = \"sgd\"\nstep = 0.1\n[model.loss]\nkind = \"least_squares\"\n[model.data]\n"
                      "generator = \"linear\"\nseed = 1\nrows = 9\ncolumns = 1\nnoise = 0.5\n",
                      "kind = \"trained\"\nsteps = 5000\nstep = 100.0\nseed = 1\nfrom = [0.0]\n"),
              "diverge"));
}

TEST_CASE("named starts: trained on a quadratic, whose noise depends on the batch") {
    const std::string loss = "[model.loss]\nkind = \"quadratic\"\nspectrum = [1.0, 3.0]\nnoise = 0.4\n";
    const std::string plain = "[model]\nkind = \"sgd\"\nstep = 0.2\nbatch = 4\n" + loss;
    const std::string other = "[model]\nkind = \"sgd\"\nstep = 0.1\n" + loss;
    const Vector trained =
        start(other, "kind = \"trained\"\nsteps = 40\nstep = 0.2\nbatch = 4\nseed = 9\nfrom = [1.0, 1.0]\n");
    const Vector wanted = descended<Quadratic>(plain, 9, 40, {1, 1});
    for (std::size_t j = 0; j < 2; ++j) CHECK(trained[j] == doctest::Approx(wanted[j]).epsilon(1e-12));
}
