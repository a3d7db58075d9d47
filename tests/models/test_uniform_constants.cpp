#include <doctest/doctest.h>

#include "sim/composite_truth.hpp"
#include "tests/models/chain_by_definition.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Uniform = CompositeTruth::Uniform;

std::optional<Uniform> uniform_of(const ChainSgd& f, const Vector& w) {
    const Truth truth = f.truth();
    return truth.composite->uniform ? truth.composite->uniform(w) : std::nullopt;
}

const std::string sure_noise = tables("perturbations", {"pass = 'forward', kind = 'rademacher', amplitude = 0.2",
                                                        "pass = 'backward', kind = 'adversarial', amplitude = 0.2"});

/// The largest constants that the paths of `steps` steps show, by theory.md's table.
Uniform largest_seen(const ChainSgd& f, const Vector& w, std::uint32_t steps) {
    const ChainByDefinition d{f, w, f.loss.sampling.batch};
    const std::size_t N = f.operators();
    Uniform most;
    for (std::uint32_t t = 1; t <= steps; ++t) {
        Step<> step(f, w, 23, t);
        MatrixX data(4, d.rows);
        std::vector<int> classes;
        for (std::size_t r = 0; r < d.rows; ++r) {
            for (std::size_t i = 0; i < 4; ++i) data(Eigen::Index(i), Eigen::Index(r)) = step.p.batch.x(r, i)[0];
            classes.push_back(int(step.p.batch.y(r)[0]));
        }
        const Signals signals = step.signals();
        const PassByDefinition exact = pass_by_definition(d, data, classes, nullptr);
        const PassByDefinition noisy = pass_by_definition(d, data, classes, &signals);
        for (std::size_t n = 1; n <= N; ++n) {
            const Operator& o = f.loss.chain[n - 1];
            const Constants k = constants_by_definition(d, o, noisy.x[n - 1]);
            if (o.weights() > 0 && !o.idle) most.b = std::max(most.b, k.b);
            if (n == 1) continue;
            if (n < N) most.a = std::max(most.a, k.a);
            most.c = std::max(most.c, k.c);
            if (o.weights() > 0 && !o.idle) most.d = std::max(most.d, k.d);
            most.u = std::max(most.u, n < N ? exact.u[n].norm() : 1);
        }
    }
    return most;
}

void check_at_most(const Uniform& seen, const Uniform& all) {
    CHECK(seen.a <= all.a);
    CHECK(seen.b <= all.b);
    CHECK(seen.c <= all.c);
    CHECK(seen.d <= all.d);
    CHECK(seen.u <= all.u);
}

}  // namespace

TEST_CASE("uniform constants: no path is beyond them") {
    const std::string three = "kind = 'linear', width = 3", ends = "kind = 'softmax'";
    const std::string chains[] = {
        tables("operators", {"kind = 'tanh', width = 3, bias = true", "kind = 'tanh', width = 3, repeat = 3", ends}),
        tables("operators", {"kind = 'linear', width = 6, bias = true", three, "kind = 'softplus', width = 3, bias = true", ends}),
        tables("operators", {"kind = 'residual', repeat = 3, bias = true", three + ", gain = 0.5", ends}),
        tables("operators", {three, "kind = 'normalisation', epsilon = 0.05",
                             "kind = 'linear', matrix = [[1.0, 2.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.0, 1.0]]", ends})};
    for (const std::string& chain : chains)
        for (const char* rows : {"batch = 1", "batch = 3", "sampling = 'full'"})
            for (const double size : {0.2, 2.0}) {
                CAPTURE(chain);
                CAPTURE(rows);
                const ChainSgd f = chain_from(chain, "depth = 2\n" + sure_noise, three_classes, "step = 0.1\n" + std::string(rows) + "\n");
                Vector w = ordinary_point(f.loss.dimension());
                for (double& x : w) x *= size;
                const auto all = uniform_of(f, w);
                REQUIRE(all.has_value());
                check_at_most(largest_seen(f, w, 20), *all);
            }
}

TEST_CASE("uniform constants: of orthogonal linear chains by hand") {
    // One row of norm |x|; a = 1.2 from operator to operator, and 0.1 more each time: attained by adversaries.
    const std::string one_row = "generator = 'linear'\nseed = 3\nrows = 1\ncolumns = 4\nnoise = 0.5\n";
    const auto chain = [&](const std::string& loss, const std::string& pass) {
        return chain_from(tables("operators", {"kind = 'linear', width = 4, repeat = 3", loss}),
                          tables("perturbations", {"pass = '" + pass + "', kind = 'adversarial', amplitude = 0.1"}), one_row);
    };
    const ChainSgd f = chain("kind = 'readout', direction = [3.0, 0.0, 0.0, 0.0]", "forward");
    const Vector w = f.loss.orthogonal(7, 1.2);
    const std::vector<double> row(f.loss.data->features.begin(), f.loss.data->features.begin() + 4);
    const double x = norm(row), y = std::abs(f.loss.data->targets[0]);
    const double loose = 1 + 4e-4;  // of a spectral norm: 4^(1/4096)
    const auto is = [&](double value, double exact, double powers) {
        CHECK(value >= exact);
        CHECK(value <= exact * std::pow(loose, powers));
    };
    const Uniform u = uniform_of(f, w).value();
    is(u.a, 1.2, 1);
    is(u.b, 1.2 * (1.2 * x + 0.1) + 0.1, 2);
    CHECK(u.c == 0);
    is(u.d, 1, 0.01);
    is(u.u, 3 * 1.2, 1);  // u_2; u_3 = 3, u_1 is no factor of an error
    // Unperturbed forward passes bring no 0.1.
    is(uniform_of(chain("kind = 'readout'", "backward"), w).value().b, 1.2 * 1.2 * x, 2);
    // The adjoint of the squared loss is at most |x_3| + |y|, of the exact pass; c_N = 1.
    const Uniform squared = uniform_of(chain("kind = 'squared'", "forward"), w).value();
    is(squared.u, 1.2 * (1.2 * 1.2 * 1.2 * x + 2 * y), 4);
    is(squared.c, 1, 0.01);
    const Uniform itself = uniform_of(chain("kind = 'squared', target = 'features'", "forward"), w).value();
    is(itself.u, 1.2 * (1.2 * 1.2 * 1.2 * x + x), 4);
}

TEST_CASE("uniform constants: what comes out of an operator, by hand") {
    // b of the last operator is the norm that arrives there; the weights before it are 0, but for biases of 0.5.
    const auto arrives = [](const std::string& operators) {
        const ChainSgd f = chain_from(operators, tables("perturbations", {"pass = 'backward', kind = 'adversarial', amplitude = 0.1"}), numbers);
        Vector w(f.loss.dimension(), 0.0);
        const Operator& first = f.loss.chain.front();
        for (std::size_t j = 0; first.bias && j < first.out; ++j) w[j * first.stride() + first.in] = 0.5;
        return uniform_of(f, w).value().b;
    };
    const std::string last = "kind = 'linear', width = 4, gain = 100", ends = "kind = 'readout'";
    const auto after = [&](const std::string& one) { return arrives(tables("operators", {one, last, ends})) / 100; };
    CHECK(after("kind = 'softplus', width = 9") == doctest::Approx(3 * std::log(2.0)));
    CHECK(after("kind = 'linear', width = 4, bias = true, gain = 3") == doctest::Approx(3 * 1.0));
    CHECK(after("kind = 'tanh', width = 4, bias = true, gain = 3") == doctest::Approx(2));
    CHECK(after("kind = 'tanh', width = 4, bias = true") == doctest::Approx(1));
    const auto normalised = [&](const std::string& epsilon) {
        return arrives(tables("operators", {"kind = 'linear', width = 4, bias = true", "kind = 'normalisation', epsilon = " + epsilon, last, ends})) / 100;
    };
    CHECK(normalised("0.01") == doctest::Approx(2));
    CHECK(normalised("4.0") == doctest::Approx(1 / std::sqrt(4.0)));
}

TEST_CASE("uniform constants: none where something has no bound") {
    const auto some = [](const std::string& operators, const std::string& perturbation, const std::string& data = numbers) {
        const ChainSgd f = chain_from(operators, tables("perturbations", {perturbation}), data);
        return uniform_of(f, ordinary_point(f.loss.dimension())).has_value();
    };
    const std::string bent = tables("operators", {"kind = 'tanh', width = 3, repeat = 1", "kind = 'readout'"});
    CHECK(some(bent, "pass = 'forward', kind = 'uniform', amplitude = 0.1"));
    CHECK(some(bent, "pass = 'backward', kind = 'gaussian', amplitude = 0.1"));  // moves no constant; |zeta| is judged by the claim
    CHECK_FALSE(some(bent, "pass = 'forward', kind = 'gaussian', amplitude = 0.1"));
    CHECK_FALSE(some(bent, "pass = 'forward', kind = 'rademacher', amplitude = 0.1, relative = true"));
    CHECK_FALSE(some(bent, "pass = 'forward', kind = 'nearest', format = 'bf16'"));
    CHECK_FALSE(some(tables("operators", {"kind = 'relu', width = 3", "kind = 'readout'"}), "pass = 'forward', kind = 'uniform', amplitude = 0.1"));
    CHECK(some(tables("operators", {"kind = 'linear', width = 1", "kind = 'logistic'"}), "pass = 'forward', kind = 'uniform', amplitude = 0.1", two_classes));
}
