#include "models/losses/least_squares.hpp"
#include "models/losses/logistic.hpp"
#include "models/losses/mlp.hpp"
#include "sim/settings.hpp"
#include "tests/models/composite_models.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

struct Case {
    std::string operators;
    const std::string* data;
};

/// Every kind of operator and of loss; relu's kinks are far from the points where this is asked.
std::vector<Case> unperturbed_chains() {
    const std::string squared = "kind = 'squared'";
    const std::string matrix =
        "kind = 'linear', matrix = [[0.5, -1.0, 0.25, 2.0], [1.0, 0.5, -0.5, 0.0], [0.0, 1.5, 1.0, -1.0]]";
    return {
        {tables("operators",
                {"kind = 'linear', width = 3", "kind = 'linear', width = 2, bias = true, gain = 1.5", squared}),
         &numbers},
        {tables("operators", {matrix, "kind = 'tanh', width = 2", "kind = 'readout'"}), &numbers},
        {tables("operators", {"kind = 'tanh', width = 3, bias = true", "kind = 'tanh', width = 9", squared}), &numbers},
        {tables("operators", {"kind = 'softplus', width = 5, bias = true, gain = 0.5", "kind = 'linear', width = 1",
                              "kind = 'logistic'"}),
         &two_classes},
        {tables("operators",
                {"kind = 'relu', width = 6, bias = true", "kind = 'linear', width = 3", "kind = 'softmax'"}),
         &three_classes},
        {tables("operators", {"kind = 'residual', repeat = 3", "kind = 'residual', bias = true, gain = 2.0",
                              "kind = 'squared', target = 'features'"}),
         &numbers},
        {tables("operators",
                {"kind = 'linear', width = 5", "kind = 'normalisation', epsilon = 0.3", "kind = 'tanh', width = 3",
                 "kind = 'normalisation'", "kind = 'readout', direction = [1.0, -2.0, 0.5]"}),
         &numbers}};
}

Vector start_of(const ChainSgd& f, const std::string& keys) {
    Settings whole(parse_toml("[start]\n" + keys, "test.toml"));
    Settings table = whole.table("start");
    const std::string kind = table.word("kind", ChainSgd::start_kinds());
    Vector start = f.named_start(kind, table, {});
    whole.finish();
    return start;
}

/// The columns of a matrix, or its rows, whichever are fewer, are orthogonal and of length `scale`.
void check_orthogonal(const Vector& w, std::size_t out, std::size_t in, std::size_t stride, double scale) {
    const bool rows = out <= in;
    const std::size_t count = rows ? out : in, length = rows ? in : out;
    const auto entry = [&](std::size_t k, std::size_t l) { return rows ? w[k * stride + l] : w[l * stride + k]; };
    for (std::size_t a = 0; a < count; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
            double inner = 0;
            for (std::size_t l = 0; l < length; ++l) inner += entry(a, l) * entry(b, l);
            CHECK(std::abs(inner - (a == b ? scale * scale : 0)) <= 1e-14 * scale * scale);
        }
}

template <class L>
void check_same(const ChainSgd& chain, const Sgd<L>& other) {
    REQUIRE(chain.dimension() == other.dimension());
    for (double phase : {0.7, 1.9}) {
        const Vector theta = ordinary_point(chain.loss.dimension(), phase);
        for (std::uint32_t step : {1u, 2u, 5u}) {
            check_close("gradient", drawn_gradient(chain, step, theta), drawn_gradient(other, step, theta), 1e-14);
            CHECK(drawn_value(chain, step, theta) == doctest::Approx(drawn_value(other, step, theta)).epsilon(1e-14));
        }
        CHECK(chain.truth().sgd->loss(theta) == doctest::Approx(other.truth().sgd->loss(theta)).epsilon(1e-14));
        check_close("mean gradient", chain.truth().sgd->gradient(theta), other.truth().sgd->gradient(theta), 1e-14);
    }
}

template <class L>
Sgd<L> other_loss(const std::string& loss, const std::string& data) {
    return model_from<Sgd<L>>("[model]\nkind = 'sgd'\nstep = 0.1\nbatch = 3\n[model.loss]\nkind = '" +
                              std::string(L::kind) + "'\n" + loss + "[model.data]\n" + data);
}

const std::string of_three = "step = 0.1\nbatch = 3\n";

}  // namespace

TEST_CASE("sgd on composite: laws") {
    const ChainSgd f = model_from<ChainSgd>(Composite::example);
    Vector starts = ordinary_point(f.loss.dimension()), other = ordinary_point(f.loss.dimension(), 2.1);
    starts.insert(starts.end(), other.begin(), other.end());
    law_battery(f, starts);
    static_assert(!HasLipschitz<ChainSgd, Lanes<2>>);
}

TEST_CASE("sgd on composite: laws with momentum, reshuffled, and on full batches") {
    const std::string operators =
        tables("operators", {"kind = 'tanh', width = 3", "kind = 'linear', width = 3", "kind = 'softmax'"});
    const std::string noise = tables("perturbations", {"pass = 'forward', kind = 'uniform', amplitude = 0.1"});
    for (const char* way : {"step = 0.2\nbatch = 2\nmomentum = 0.5\n",
                            "step = 0.2\nbatch = 3\nsampling = 'reshuffled'\n", "step = 0.2\nsampling = 'full'\n"}) {
        const ChainSgd f = chain_from(operators, noise, three_classes, way);
        Vector starts = ordinary_point(std::size_t(f.dimension())), other = ordinary_point(starts.size(), 2.1);
        starts.insert(starts.end(), other.begin(), other.end());
        law_battery(f, starts);
    }
}

TEST_CASE("sgd on composite: gradients of unperturbed chains") {
    for (const Case& one : unperturbed_chains())
        for (const char* batch : {"1", "3"}) {
            const std::string keys = "ridge = 0.1\nnonconvex = 0.2\n";
            const ChainSgd f =
                chain_from(one.operators, keys, *one.data, "step = 0.1\nbatch = " + std::string(batch) + "\n");
            CAPTURE(one.operators);
            check_drawn_gradients(f);
            check_derivatives(f);
            check_sgd_truth(*f.truth().sgd, ordinary_point(f.loss.dimension()));
        }
}

TEST_CASE("sgd on composite: one linear operator and the logistic loss are logistic regression") {
    const std::string keys = "ridge = 0.1\nnonconvex = 0.05\n";
    const ChainSgd f = chain_from(tables("operators", {"kind = 'linear', width = 1", "kind = 'logistic'"}), keys,
                                  two_classes, of_three);
    const auto plain = other_loss<Logistic>(keys, two_classes);
    check_same(f, plain);
    CHECK(f.truth().sgd->optimum == plain.truth().sgd->optimum);
    CHECK(f.has_control());
}

TEST_CASE("sgd on composite: one linear operator and the squared loss are least squares") {
    const ChainSgd f = chain_from(tables("operators", {"kind = 'linear', width = 1", "kind = 'squared'"}),
                                  "ridge = 0.1\n", numbers, of_three);
    const auto plain = other_loss<LeastSquares>("ridge = 0.1\n", numbers);
    check_same(f, plain);
    check_close("optimum", f.truth().sgd->optimum, plain.truth().sgd->optimum, 1e-13);
}

TEST_CASE("sgd on composite: layers with biases are the perceptron") {
    const ChainSgd tanh = chain_from(
        tables("operators", {"kind = 'tanh', width = 5, bias = true", "kind = 'tanh', width = 2, bias = true",
                             "kind = 'linear', width = 3, bias = true", "kind = 'softmax'"}),
        "ridge = 0.1\n", three_classes, of_three);
    check_same(tanh, other_loss<Mlp>("hidden = [5, 2]\nweight_decay = 0.1\n", three_classes));
    const ChainSgd relu =
        chain_from(tables("operators", {"kind = 'relu', width = 9, bias = true",
                                        "kind = 'linear', width = 3, bias = true", "kind = 'softmax'"}),
                   "ridge = 0.1\n", three_classes, of_three);
    check_same(relu, other_loss<Mlp>("hidden = [9]\nactivation = 'relu'\nweight_decay = 0.1\n", three_classes));
}

TEST_CASE("sgd on composite: copies beyond the depth change nothing") {
    const auto chain = [](const std::string& repeat, const std::string& loss) {
        return chain_from(
            tables("operators", {"kind = 'tanh', width = 3", "kind = 'residual', bias = true, repeat = " + repeat,
                                 "kind = 'linear', width = 3", "kind = 'softmax'"}),
            loss, three_classes, of_three);
    };
    const std::string noise = tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1"});
    const ChainSgd deep = chain("5", "depth = 2\nridge = 0.1\n" + noise), shallow = chain("2", "ridge = 0.1\n" + noise);
    const std::size_t before = 12 + 2 * 12, idle = 3 * 12;
    REQUIRE(deep.loss.dimension() == shallow.loss.dimension() + idle);
    const Vector theta = ordinary_point(deep.loss.dimension());
    Vector without(theta.begin(), theta.begin() + before);
    without.insert(without.end(), theta.begin() + before + idle, theta.end());
    for (std::uint32_t step : {1u, 2u}) {
        Vector g = drawn_gradient(deep, step, theta);
        for (std::size_t j = before; j < before + idle; ++j) CHECK(g[j] == 0.1 * theta[j]);
        g.erase(g.begin() + before, g.begin() + before + idle);
        CHECK(same_bits(g, drawn_gradient(shallow, step, without)));
    }
    // A single operator is no copy: depth 0 leaves out the repeated ones alone.
    const ChainSgd none = chain("5", "depth = 0\n");
    CHECK_FALSE(none.loss.chain[0].idle);
    CHECK(none.loss.chain[1].idle);
    CHECK_FALSE(none.loss.chain[6].idle);
}

TEST_CASE("sgd on composite: the loss's gain multiplies that of every dense operator") {
    const auto chain = [](const std::string& gain, const std::string& loss) {
        return chain_from(tables("operators", {"kind = 'tanh', width = 3, gain = " + gain, "kind = 'normalisation'",
                                               "kind = 'readout'"}),
                          loss, numbers);
    };
    const Vector theta = ordinary_point(12);
    CHECK(drawn_gradient(chain("3.0", ""), 1, theta) == drawn_gradient(chain("1.5", "gain = 2.0\n"), 1, theta));
    CHECK(drawn_gradient(chain("3.0", ""), 1, theta) != drawn_gradient(chain("1.5", ""), 1, theta));
}

TEST_CASE("sgd on composite: resampled") {
    const std::string operators = tables("operators", {"kind = 'tanh', width = 3", "kind = 'readout'"});
    const std::string noise = tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1",
                                                       "pass = 'gradient', kind = 'uniform', amplitude = 0.1"});
    ChainSgd changed = chain_from(operators, noise, numbers, "step = 0.1\nbatch = 2\n");
    const ChainSgd wanted = chain_from(operators, noise, numbers, "step = 0.1\nbatch = 7\nsampling = 'reshuffled'\n");
    const Vector theta = ordinary_point(12);
    CHECK(drawn_gradient(changed, 3, theta) != drawn_gradient(wanted, 3, theta));
    changed.loss.resample({7, true});
    CHECK(same_bits(drawn_gradient(changed, 3, theta), drawn_gradient(wanted, 3, theta)));
    CHECK(changed.loss.consumption().normals == 7 * 3);
}

TEST_CASE("sgd on composite: starts with orthonormal rows or columns") {
    const ChainSgd f =
        chain_from(tables("operators", {"kind = 'tanh', width = 9, bias = true", "kind = 'residual', repeat = 2",
                                        "kind = 'linear', width = 3", "kind = 'softmax'"}),
                   "", three_classes);
    for (const double scale : {1.0, 0.75}) {
        const Vector w = start_of(f, "kind = 'orthogonal'\nseed = 5\nscale = " + std::to_string(scale) + "\n");
        REQUIRE(w.size() == f.loss.dimension());
        for (const Operator& o : f.loss.chain) {
            if (o.weights() == 0) continue;
            const Vector own(w.begin() + std::ptrdiff_t(o.first_weight),
                             w.begin() + std::ptrdiff_t(o.first_weight + o.weights()));
            check_orthogonal(own, o.out, o.in, o.stride(), scale);
            for (std::size_t j = 0; o.bias && j < o.out; ++j) CHECK(own[j * o.stride() + o.in] == 0);
        }
    }
    CHECK(start_of(f, "kind = 'orthogonal'\nseed = 5\n") != start_of(f, "kind = 'orthogonal'\nseed = 6\n"));
    // Two copies of one operator start apart.
    const Vector w = start_of(f, "kind = 'orthogonal'\nseed = 5\n");
    CHECK(w[f.loss.chain[1].first_weight] != w[f.loss.chain[2].first_weight]);
}

TEST_CASE("sgd on composite: starts after Glorot and Bengio") {
    const ChainSgd f = chain_from(tables("operators", {"kind = 'tanh', width = 400, bias = true",
                                                       "kind = 'linear', width = 3", "kind = 'softmax'"}),
                                  "", three_classes);
    const Vector w = start_of(f, "kind = 'glorot'\nseed = 3\n");
    double squares = 0;
    for (std::size_t j = 0; j < 400; ++j) {
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(std::abs(w[5 * j + i]) < std::sqrt(6.0 / 404));
            squares += w[5 * j + i] * w[5 * j + i];
        }
        CHECK(w[5 * j + 4] == 0);
    }
    // Variance 2 / (in + out); that of 1,600 draws has a standard error of 2.2 percent.
    CHECK(squares / 1600 == doctest::Approx(2.0 / 404).epsilon(0.12));
}

TEST_CASE("sgd on composite: what is known") {
    const std::string operators = tables("operators", {"kind = 'tanh', width = 3", "kind = 'readout'"});
    const ChainSgd plain = chain_from(operators, "", numbers);
    CHECK(plain.operators() == 2);
    CHECK(plain.truth().sgd);
    CHECK_FALSE(plain.truth().note.empty());
    CHECK(plain.step_size() == 0.1);
    CHECK_FALSE(plain.has_control());
    const ChainSgd noisy = chain_from(
        operators, tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1"}), numbers);
    CHECK_FALSE(noisy.truth().sgd);
    CHECK_FALSE(noisy.truth().displacement);
    CHECK_FALSE(noisy.truth().atoms);
    CHECK(noisy.step_size() == 0.1);
    CHECK(
        chain_from(operators, tables("perturbations", {"pass = 'forward', kind = 'nearest', format = 'bf16'"}), numbers)
            .step_size() == 0);
    // Nothing of amplitude 0 perturbs.
    CHECK(chain_from(
              operators,
              "amplitude = 0.0\n" + tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1"}),
              numbers)
              .truth()
              .sgd);
}
