#include "sim/eigen.hpp"

#include <Eigen/Dense>

#include "sim/composite_truth.hpp"
#include "tests/models/composite_models.hpp"
#include "tests/models/loss_checks.hpp"

// The constants that a logistic regression with perturbed passes knows of its own descent: g~ = grad l + b + n.
using namespace foldback;
using namespace foldback::tests;

namespace {

ChainSgd regression(const std::string& loss, const std::string& model = "step = 0.1\nbatch = 4\n") {
    return chain_from(tables("operators", {"kind = 'linear', width = 1", "kind = 'logistic'"}), loss, two_classes,
                      model);
}
const CompositeTruth::Descent& descent_of(const ChainSgd& f) {
    const auto& t = f.truth().composite;
    REQUIRE(t->descent);
    return *t->descent;
}

/// Norm of E g~ - grad l and E|g~ - E g~|^2, over 2^14 draws at one step, and what the estimate of the first is off by.
struct Measured {
    double bias = 0, noise = 0, error = 0;
    Measured(const ChainSgd& f, const Vector& w, std::uint32_t at_step, double ridge) {
        const std::size_t d = w.size();
        Step<8> step(f, w, 71, at_step);
        std::vector<Vector> g(d);
        for (std::uint32_t first = 0; first < 1 << 14; first += 8) {
            step.draw(71, at_step, first);
            (void)step.signals();
            for (std::size_t j = 0; j < d; ++j)
                for (int l = 0; l < 8; ++l) g[j].push_back(step.g[j][l]);
        }
        const ChainSgd plain = regression("ridge = " + std::to_string(ridge) + "\n");
        const Vector mean = plain.truth().sgd->gradient(w);
        for (std::size_t j = 0; j < d; ++j) {
            const Sample s(g[j]);
            bias += (s.mean - mean[j]) * (s.mean - mean[j]);
            error += s.error * s.error;
            for (double x : g[j]) noise += (x - s.mean) * (x - s.mean) / double(g[j].size());
        }
        bias = std::sqrt(bias);
        error = std::sqrt(error);
    }
};

}  // namespace

TEST_CASE("composite descent: the smoothness bounds every Hessian") {
    for (const char* keys : {"ridge = 0.1\n", "nonconvex = 0.3\n", "ridge = 0.05\nnonconvex = 0.1\n"}) {
        const ChainSgd f = regression(keys);
        const CompositeTruth::Descent& d = descent_of(f);
        double most = 0;
        for (double size : {0.0, 0.1, 1.0, 5.0})
            for (double phase : {0.7, 1.9, 3.0}) {
                Vector w = ordinary_point(4, phase);
                for (double& x : w) x *= size / 0.3;
                const Vector h = f.truth().sgd->hessian_at(w);
                most = std::max(most, Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(
                                          Eigen::Map<const Eigen::MatrixXd>(h.data(), 4, 4))
                                          .eigenvalues()
                                          .maxCoeff());
            }
        CHECK(most <= d.smoothness.value * (1 + 1e-12));
        // Reached at 0, where every s' is 1/4 and every regulariser steepest.
        CHECK(most > 0.999 * d.smoothness.value);
        CHECK(d.step(7) == 0.1);
    }
}

TEST_CASE("composite descent: what is convex, and the infimum") {
    const ChainSgd ridge = regression("ridge = 0.1\n"), bumps = regression("ridge = 0.1\nnonconvex = 0.05\n"),
                   flat = regression("");
    REQUIRE(descent_of(ridge).pl);
    CHECK(descent_of(ridge).pl->value == 0.1);
    CHECK_FALSE(descent_of(bumps).pl);
    CHECK_FALSE(descent_of(flat).pl);
    const SgdTruth& t = *ridge.truth().sgd;
    CHECK(descent_of(ridge).infimum.value == doctest::Approx(t.loss(t.optimum)).epsilon(1e-14));
    CHECK(descent_of(flat).infimum.value == 0);
    CHECK(descent_of(flat).infimum.label == Label::bound);
    CHECK(descent_of(ridge).bias(3) == 0);
    // |grad l|^2 >= 2 mu (l - l*) away from the optimum.
    for (double phase : {0.7, 1.9, 3.0}) {
        const Vector w = ordinary_point(4, phase), g = t.gradient(w);
        double square = 0;
        for (double x : g) square += x * x;
        CHECK(square >= 2 * 0.1 * (t.loss(w) - t.loss(t.optimum)));
    }
}

TEST_CASE("composite descent: bias and noise are within their bounds") {
    const char* const perturbations[] = {
        "pass = 'forward', kind = 'gaussian', amplitude = 1.5",
        "pass = 'forward', kind = 'rademacher', amplitude = 0.5",
        "pass = 'forward', kind = 'bias', amplitude = 2.0",
        "pass = 'forward', kind = 'adversarial', amplitude = 2.0",
        "pass = 'backward', kind = 'gaussian', amplitude = 0.3",
        "pass = 'backward', kind = 'gaussian', amplitude = 0.8, relative = true",
        "pass = 'backward', kind = 'bias', amplitude = 2.0",
        "pass = 'backward', kind = 'adversarial', amplitude = 2.0",
        "pass = 'backward', kind = 'bias', amplitude = 0.5, relative = true",
        "pass = 'gradient', kind = 'uniform', amplitude = 0.2",
        "pass = 'gradient', kind = 'bias', amplitude = 0.4",
        "pass = 'gradient', kind = 'bias', amplitude = 3.0, schedule = { kind = 'bernoulli', rate = 0.3 }",
        "pass = 'backward', kind = 'bias', amplitude = 3.0, schedule = { kind = 'bernoulli', rate = 0.3 }",
        "pass = 'forward', kind = 'gaussian', amplitude = 2.0, schedule = { kind = 'power', exponent = 0.5 }",
        "pass = 'gradient', kind = 'bias', amplitude = 3.0, schedule = { kind = 'spikes', at = [2] }"};
    double tightest_bias = 0, tightest_noise = 0;
    for (const char* one : perturbations)
        for (const char* model :
             {"step = 0.1\nbatch = 1\n", "step = 0.1\nbatch = 4\n", "step = 0.1\nsampling = 'full'\n"}) {
            CAPTURE(one);
            CAPTURE(model);
            const ChainSgd f = regression("ridge = 0.1\n" + tables("perturbations", {one}), model);
            const CompositeTruth::Descent& d = descent_of(f);
            for (double size : {0.3, 3.0}) {
                Vector w = ordinary_point(4, 1.2);
                for (double& x : w) x *= size / 0.3;
                const Measured measured(f, w, 2, 0.1);
                CHECK(measured.bias <= d.bias(2) + 6 * measured.error + 1e-12);
                CHECK(measured.noise <= d.noise_square(2) * 1.1 + 1e-12);
                if (d.bias(2) > 0 && measured.error < 0.05 * d.bias(2))
                    tightest_bias = std::max(tightest_bias, measured.bias / d.bias(2));
                if (d.noise_square(2) > 0)
                    tightest_noise = std::max(tightest_noise, measured.noise / d.noise_square(2));
            }
        }
    CHECK(tightest_bias > 0.9);
    CHECK(tightest_noise > 0.5);
}

// E s(z + eps) - s(z) by Simpson's rule over the normal density, at the z where |s''| is largest.
TEST_CASE("composite descent: the bias of forward noise is a second-order one that is nearly reached") {
    const double z = std::log(2 + std::sqrt(3.0)), deviation = 0.2;
    const auto s = [](double x) { return 1 / (1 + std::exp(-x)); };
    double moved = 0;
    const int points = 2000;
    for (int k = 0; k <= points; ++k) {
        const double x = -8 + 16.0 * k / points, weight = k == 0 || k == points ? 1 : k % 2 ? 4 : 2;
        moved += weight * std::exp(-x * x / 2) * (s(z + deviation * x) - s(z));
    }
    moved = std::abs(moved) * 16 / points / 3 / std::sqrt(2 * std::acos(-1.0));
    const ChainSgd f = regression(tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.2"}));
    double mean_size = 0;
    for (std::size_t r = 0; r < 20; ++r) {
        double square = 0;
        for (std::size_t j = 0; j < 4; ++j) square += std::pow(f.loss.data->features[4 * r + j], 2);
        mean_size += std::sqrt(square) / 20;
    }
    const double bound = descent_of(f).bias(1) / mean_size;
    CHECK(moved <= bound);
    CHECK(moved > 0.95 * bound);
}

TEST_CASE("composite descent: spikes") {
    const ChainSgd f = regression(
        tables("perturbations",
               {"pass = 'gradient', kind = 'bias', amplitude = 3.0, schedule = { kind = 'spikes', at = [50, 20, 50] }",
                "pass = 'gradient', kind = 'bias', amplitude = 1.0, schedule = { kind = 'spikes', at = [30] }"}));
    const CompositeTruth::Descent& d = descent_of(f);
    CHECK(d.spikes);
    CHECK(d.spike_steps == Vector{20, 30, 50});
    CHECK(d.bias(50) == 3);
    CHECK(d.bias(30) == 1);
    CHECK(d.bias(49) == 0);
    const ChainSgd random = regression(
        tables("perturbations",
               {"pass = 'gradient', kind = 'bias', amplitude = 3.0, schedule = { kind = 'bernoulli', rate = 0.1 }"}));
    CHECK(descent_of(random).spikes);
    CHECK(descent_of(random).spike_steps.empty());
    CHECK(descent_of(random).bias(49) == doctest::Approx(0.3));
    CHECK_FALSE(descent_of(regression("")).spikes);
}

TEST_CASE("composite descent: no constants where there are none") {
    const auto known = [](const ChainSgd& f) { return f.truth().composite->descent.has_value(); };
    CHECK(known(regression("")));
    CHECK_FALSE(known(regression("", "step = 0.1\nmomentum = 0.5\n")));
    CHECK_FALSE(known(regression("", "step = 0.1\nbatch = 4\nsampling = 'reshuffled'\n")));
    CHECK_FALSE(known(regression(tables("perturbations", {"pass = 'forward', kind = 'nearest', format = 'bf16'"}))));
    CHECK_FALSE(known(regression(
        tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1, relative = true"}))));
    CHECK_FALSE(
        known(chain_from(tables("operators", {"kind = 'tanh', width = 1", "kind = 'logistic'"}), "", two_classes)));
    CHECK_FALSE(
        known(chain_from(tables("operators", {"kind = 'linear', width = 1", "kind = 'squared'"}), "", numbers)));
}
