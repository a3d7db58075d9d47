#include "sim/composite_truth.hpp"
#include "tests/models/composite_models.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Q = PassObservable;

const std::string one_row = "generator = 'linear'\nseed = 3\nrows = 1\ncolumns = 4\nnoise = 0.5\n";

const CompositeTruth& truth_of(const ChainSgd& f) { return *f.truth().composite; }

/// Squares of e_n and of the gradients' errors, by operator, over 16,384 replicas.
struct Squares {
    std::vector<Vector> forward, gradient;
    Squares(const ChainSgd& f, const Vector& w) : forward(f.operators()), gradient(f.operators()) {
        using R = Lanes<8>;
        Step<8> step(f, w, 59, 2);
        ChainSgd::Passes<R> passes(f);
        Workspace<R> e(f.operators()), g(f.operators());
        PassRoom<R> room;
        room.at[unsigned(Q::forward_error)] = e.data();
        room.at[unsigned(Q::gradient_error)] = g.data();
        for (std::uint32_t first = 0; first < 1 << 14; first += 8) {
            step.draw(59, 2, first);
            passes.observe(f, step.p, step.w.data(), room);
            for (std::size_t n = 0; n < f.operators(); ++n)
                for (int l = 0; l < 8; ++l) {
                    forward[n].push_back(e[n][l] * e[n][l]);
                    gradient[n].push_back(g[n][l] * g[n][l]);
                }
        }
    }
};

void check_squares(const ChainSgd& f, bool forward, bool gradient) {
    const Vector w = ordinary_point(f.loss.dimension(), 1.1);
    const CompositeTruth& t = truth_of(f);
    REQUIRE(bool(t.forward_error_square) == forward);
    REQUIRE(bool(t.gradient_error_square) == gradient);
    const Squares measured(f, w);
    if (forward) {
        const Vector exact = t.forward_error_square(w);
        REQUIRE(exact.size() == f.operators());
        for (std::size_t n = 0; n + 1 < f.operators(); ++n)
            check_fact("forward " + std::to_string(n + 1), Sample(measured.forward[n]), {exact[n]});
    }
    if (gradient) {
        const Vector exact = t.gradient_error_square(w);
        REQUIRE(exact.size() == f.operators());
        for (std::size_t n = 0; n < f.operators(); ++n)
            check_fact("gradient " + std::to_string(n + 1), Sample(measured.gradient[n]), {exact[n]});
    }
}

const std::string widths = "kind = 'linear', width = 3, gain = 1.5";
std::string linear_chain(const std::string& loss) {
    return tables("operators", {widths,
                                "kind = 'linear', matrix = [[1.0, -0.5, 0.25], [0.5, 2.0, -1.0], [0.0, 1.0, 1.0], "
                                "[1.0, 1.0, 0.0], [0.5, 0.0, 2.0]]",
                                "kind = 'linear', width = 5, repeat = 3", loss});
}
const std::string forward_noise = "pass = 'forward', kind = 'gaussian', amplitude = 0.2",
                  backward_noise = "pass = 'backward', kind = 'uniform', amplitude = 0.3";

/// Of a chain of 5 matrices a Q, Q orthogonal, 4 x 4, and a readout of norm 3.
ChainSgd orthogonal_chain(std::initializer_list<std::string> noise) {
    return chain_from(tables("operators", {"kind = 'linear', width = 4, repeat = 5",
                                           "kind = 'readout', direction = [3.0, 0.0, 0.0, 0.0]"}),
                      tables("perturbations", noise), one_row);
}

double square_of_row(const ChainSgd& f) {
    double square = 0;
    for (std::size_t i = 0; i < 4; ++i) square += f.loss.data->features[i] * f.loss.data->features[i];
    return square;
}

}  // namespace

TEST_CASE("composite truth: mean squares of the errors of linear chains, against draws") {
    check_squares(chain_from(linear_chain("kind = 'readout'"),
                             "depth = 2\n" + tables("perturbations", {forward_noise, backward_noise}), one_row),
                  true, true);
    check_squares(
        chain_from(linear_chain("kind = 'readout'"),
                   tables("perturbations",
                          {forward_noise, "pass = 'forward', operators = [3], kind = 'rademacher', amplitude = 0.5"}),
                   one_row),
        true, true);
    check_squares(chain_from(linear_chain("kind = 'squared'"),
                             "amplitude = 0.5\n" + tables("perturbations", {backward_noise}), one_row),
                  false, true);
    check_squares(
        chain_from(linear_chain("kind = 'squared'"), tables("perturbations", {forward_noise, backward_noise}), one_row),
        true, false);
    const std::string to_features =
        tables("operators", {widths, "kind = 'linear', width = 4", "kind = 'squared', target = 'features'"});
    check_squares(chain_from(to_features, tables("perturbations", {backward_noise}), one_row), false, true);
}

// theory.md, forward-amplification and depth-law.
TEST_CASE("composite truth: mean squares of orthogonal chains have their closed formulas") {
    const double a = 1.3, sf = 0.2, sb = 0.3;
    const std::size_t N = 6;
    const ChainSgd forward = orthogonal_chain({forward_noise}), backward = orthogonal_chain({backward_noise});
    const Vector w = forward.loss.orthogonal(7, a);
    const auto geometric = [a](double n) { return (1 - std::pow(a, 2 * n)) / (1 - a * a); };
    const Vector e = truth_of(forward).forward_error_square(w), gf = truth_of(forward).gradient_error_square(w),
                 gb = truth_of(backward).gradient_error_square(w);
    for (std::size_t n = 1; n < N; ++n) {
        const double k = double(n), last = double(N);
        CHECK(e[n - 1] == doctest::Approx(4 * sf * sf * geometric(k)).epsilon(1e-12));
        CHECK(gf[n - 1] ==
              doctest::Approx(4 * sf * sf * 9 * std::pow(a, 2 * (last - 1 - k)) * geometric(k - 1)).epsilon(1e-12));
        CHECK(gb[n - 1] ==
              doctest::Approx(4 * sb * sb * std::pow(a, 2 * (k - 1)) * square_of_row(forward) * geometric(last - k))
                  .epsilon(1e-12));
        CHECK(truth_of(forward).gradient_square(w)[n - 1] ==
              doctest::Approx(9 * std::pow(a, 2 * (last - 2)) * square_of_row(forward)).epsilon(1e-12));
    }
    CHECK(std::isnan(e[N - 1]));
    CHECK(gf[N - 1] == 0);
}

TEST_CASE("composite truth: no mean squares where there is no formula") {
    const auto none = [](const std::string& operators, const std::string& loss, const std::string& data = one_row,
                         const std::string& model = "step = 0.1\n") {
        const ChainSgd f = chain_from(operators, loss, data, model);
        const CompositeTruth t = truth_of(f);
        return !t.forward_error_square && !t.gradient_error_square;
    };
    const auto noise = [](const std::string& more) {
        return tables("perturbations", {forward_noise + more, backward_noise});
    };
    const std::string chain = linear_chain("kind = 'readout'");
    CHECK_FALSE(none(chain, noise("")));
    CHECK(none(chain, noise(", relative = true")));
    CHECK(none(chain, noise(", schedule = { kind = 'power', exponent = 0.5 }")));
    CHECK(none(chain, tables("perturbations", {forward_noise, "pass = 'backward', kind = 'bias', amplitude = 0.1"})));
    CHECK(
        none(chain, tables("perturbations", {forward_noise, "pass = 'gradient', kind = 'gaussian', amplitude = 0.1"})));
    CHECK(none(chain, tables("perturbations", {"pass = 'forward', kind = 'stochastic_rounding', format = 'bf16'"})));
    CHECK(none(chain, noise(""), numbers));
    CHECK(none(chain, noise(""), "generator = 'linear'\nseed = 3\nrows = 2\ncolumns = 4\nnoise = 0.5\n",
               "step = 0.1\nbatch = 2\n"));
    CHECK(none(tables("operators", {"kind = 'tanh', width = 3", "kind = 'readout'"}), noise("")));
    CHECK(none(tables("operators", {"kind = 'linear', width = 3, bias = true", "kind = 'readout'"}), noise("")));
}

TEST_CASE("composite truth: gradients of a regularised chain have no such squares") {
    const ChainSgd f = chain_from(linear_chain("kind = 'readout'"), "ridge = 0.1\n" + tables("perturbations", {forward_noise}), one_row);
    CHECK(truth_of(f).gradient_error_square);
    CHECK_FALSE(truth_of(f).gradient_square);
}

TEST_CASE("composite truth: operators") {
    const ChainSgd f = chain_from(tables("operators", {"kind = 'tanh', width = 3, bias = true",
                                                       "kind = 'relu', width = 3, repeat = 2", "kind = 'readout'"}),
                                  "depth = 1\n", numbers, "step = 0.25\n");
    const CompositeTruth& t = truth_of(f);
    REQUIRE(t.operators.size() == 4);
    CHECK(t.operators[0].name == "tanh 4 -> 3");
    CHECK(t.operators[2].name == "idle relu 3 -> 3");
    CHECK(t.operators[1].first_weight == 15);
    CHECK(t.operators[2].first_weight == 15 + 9);
    CHECK(t.operators[2].weights == 9);
    CHECK(t.operators[3].weights == 0);
    const bool linear[] = {false, false, true, true}, smooth[] = {true, false, true, true};
    for (std::size_t n = 0; n < 4; ++n) {
        CHECK(t.operators[n].linear == linear[n]);
        CHECK(t.operators[n].smooth == smooth[n]);
    }
    CHECK(t.step == 0.25);
}

TEST_CASE("composite truth: the top curvature") {
    // l = (w_2 w_1 x - y)^2 / 2 has the Hessian ((w_2^2 x^2, 2 w_1 w_2 x^2 - x y), (the same, w_1^2 x^2)).
    const ChainSgd two = chain_from(
        tables("operators", {"kind = 'linear', width = 1", "kind = 'linear', width = 1", "kind = 'squared'"}), "",
        "generator = 'linear'\nseed = 3\nrows = 1\ncolumns = 1\nnoise = 0.5\n");
    const double x = two.loss.data->features[0], y = two.loss.data->targets[0];
    for (const auto& [first, second] : {std::pair{0.0, 0.0}, {1.5, -0.5}, {0.1, 2.0}, {0.3, 0.2}}) {
        const double a = second * second * x * x, d = first * first * x * x, b = 2 * first * second * x * x - x * y;
        // The largest in size: of a trace > 0 the larger one, and where the trace is 0 both.
        const double largest = (a + d + std::sqrt((a - d) * (a - d) + 4 * b * b)) / 2;
        CHECK(truth_of(two).curvature(Vector{first, second}) == doctest::Approx(largest).epsilon(1e-5));
    }
    // Concave directions count: far out sum w^2/(1 + w^2) has the second derivative (2 - 6 w^2)/(1 + w^2)^3.
    const ChainSgd flat = chain_from(tables("operators", {"kind = 'linear', width = 1", "kind = 'readout', direction = [0.0]"}),
                                     "nonconvex = 1.0\n", numbers);
    CHECK(truth_of(flat).curvature(Vector{1, 1, 1, 1}) == doctest::Approx(0.5).epsilon(1e-5));
    CHECK(truth_of(flat).curvature(Vector{1, 0, 1, 1}) == doctest::Approx(2.0).epsilon(1e-5));
}

TEST_CASE("composite truth: what is known of each kind of perturbation") {
    struct Kind {
        const char* keys;
        bool zero_mean, independent, symmetric, deterministic;
        double deviation, sure;  // of 2 rows of 3 numbers; < 0: none is told
    };
    const double s = 0.5, root = std::sqrt(6.0);
    const Kind kinds[] = {{"kind = 'gaussian', amplitude = 0.5", true, true, true, false, s, infinity},
                          {"kind = 'uniform', amplitude = 0.5", true, true, true, false, s, s * std::sqrt(3.0) * root},
                          {"kind = 'rademacher', amplitude = 0.5", true, true, true, false, s, s * root},
                          {"kind = 'rademacher', amplitude = 0.5, relative = true", true, false, true, false, -1, -1},
                          {"kind = 'adversarial', amplitude = 0.5", false, false, false, true, 0, s},
                          {"kind = 'bias', amplitude = 0.5", false, true, false, true, 0, s},
                          {"kind = 'stochastic_rounding', format = 'bf16'", true, false, false, false, -1, -1},
                          {"kind = 'nearest', format = 'bf16'", false, false, false, true, -1, -1},
                          {"kind = 'sparsification', keep = 0.5", true, false, false, false, -1, -1},
                          {"kind = 'top_k', k = 1", false, false, false, true, -1, -1},
                          {"kind = 'stale', delay = 1", false, false, false, true, -1, -1}};
    for (const Kind& kind : kinds) {
        CAPTURE(kind.keys);
        const ChainSgd f = chain_from(tables("operators", {"kind = 'tanh', width = 3", "kind = 'readout'"}),
                                      tables("perturbations", {"pass = 'forward', " + std::string(kind.keys)}), numbers,
                                      "step = 0.1\nbatch = 2\n");
        const CompositeTruth& t = truth_of(f);
        CHECK(t.forward.perturbed);
        CHECK(t.forward.zero_mean == kind.zero_mean);
        CHECK(t.forward.independent == kind.independent);
        CHECK(t.forward.symmetric == kind.symmetric);
        CHECK(t.forward.deterministic == kind.deterministic);
        CHECK(t.forward.biased_by.empty() == kind.zero_mean);
        CHECK(t.forward.deviation.empty() == (kind.deviation < 0));
        if (kind.deviation >= 0) {
            CHECK(t.forward.deviation[0] == doctest::Approx(kind.deviation));
            CHECK(std::isinf(t.forward.sure_norm[0]) == std::isinf(kind.sure));
            if (!std::isinf(kind.sure)) CHECK(t.forward.sure_norm[0] == doctest::Approx(kind.sure));
            CHECK(t.forward.deviation[1] == 0);
            CHECK(t.forward.sure_norm[1] == 0);
        }
        for (const CompositeTruth::Pass* other : {&t.backward, &t.gradient}) {
            CHECK_FALSE(other->perturbed);
            CHECK(other->zero_mean);
            CHECK_FALSE(other->deterministic);
        }
    }
}

TEST_CASE("composite truth: perturbations of one pass together") {
    const ChainSgd f = chain_from(
        tables("operators", {"kind = 'tanh', width = 3", "kind = 'readout'"}),
        "amplitude = 2.0\n" + tables("perturbations", {"pass = 'gradient', kind = 'gaussian', amplitude = 0.3",
                                                       "pass = 'gradient', kind = 'rademacher', amplitude = 0.4",
                                                       "pass = 'gradient', kind = 'bias', amplitude = 0.0",
                                                       "pass = 'backward', kind = 'nearest', format = 'bf16', schedule "
                                                       "= { kind = 'window', first = 1, last = 9 }"}),
        numbers);
    const CompositeTruth& t = truth_of(f);
    CHECK(t.gradient.zero_mean);
    CHECK(t.gradient.deviation[0] == doctest::Approx(1.0));
    CHECK(t.backward.biased_by.find("perturbations.3 (nearest, bf16)") != std::string::npos);
    CHECK_FALSE(f.truth().homogeneous);
}
