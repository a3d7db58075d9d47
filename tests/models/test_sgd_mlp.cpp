#include "models/losses/mlp.hpp"

#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Descent = Sgd<Mlp>;

Descent read(const std::string& model, const std::string& loss,
             const std::string& data = "rows = 30\ncolumns = 2\nclasses = 3\n") {
    return model_from<Descent>("[model]\nkind = \"sgd\"\n" + model + "[model.loss]\nkind = \"mlp\"\n" + loss +
                               "[model.data]\ngenerator = \"blobs\"\nseed = 4\nseparation = 1.0\nspread = 0.7\n" +
                               data);
}

/// The value, written down once more, in plain loops: rows, layers, units.
double plain_value(const Mlp& f, const Vector& theta) {
    double total = 0, squares = 0;
    for (std::size_t i = 0; i < f.data->train_rows; ++i) {
        const double* x = &f.data->features[i * f.data->columns];
        Vector a(x, x + f.data->columns);
        std::size_t at = 0;
        for (std::size_t l = 1; l < f.widths.size(); ++l) {
            Vector next(f.widths[l]);
            for (double& unit : next) {
                for (double v : a) unit += theta[at++] * v;
                unit += theta[at++];
                if (l + 1 < f.widths.size()) unit = f.relu ? std::max(unit, 0.0) : std::tanh(unit);
            }
            a = next;
        }
        double sum = 0;
        for (double z : a) sum += std::exp(z);
        total += std::log(sum) - a[std::size_t(f.data->targets[i])];
    }
    for (double t : theta) squares += t * t;
    return total / double(f.data->train_rows) + f.weight_decay / 2 * squares;
}

const char* const networks[] = {"hidden = [3]\n", "hidden = [4, 2]\nactivation = \"tanh\"\nweight_decay = 0.1\n",
                                "hidden = [5]\nactivation = \"relu\"\n",
                                "hidden = [3, 5, 4]\nactivation = \"relu\"\nweight_decay = 0.1\n"};

}  // namespace

TEST_CASE("sgd on mlp: laws") {
    const char* const ways[] = {"step = 0.3\nbatch = 3\n", "step = 0.2\nbatch = 8\nmomentum = 0.5\n",
                                "step = 0.3\nbatch = 11\nsampling = \"reshuffled\"\n", "step = 0.2\nbatch = 8\n"};
    for (std::size_t i = 0; i < 4; ++i) {
        const Descent f = read(ways[i], networks[i]);
        const auto d = std::size_t(f.dimension());
        Vector starts = ordinary_point(d), other = ordinary_point(d, 2.1);
        starts.insert(starts.end(), other.begin(), other.end());
        law_battery(f, starts);
    }
    static_assert(!HasLipschitz<Descent, Lanes<2>>);
}

TEST_CASE("sgd on mlp: dimension and layout") {
    const Descent f = read("step = 0.1\n", "hidden = [4, 2]\n");
    CHECK(f.dimension() == 4 * 3 + 2 * 5 + 3 * 3);
    CHECK(f.loss.scratch_size(7) == 7 * (2 * 4 + 2 * 2 + 3));
}

TEST_CASE("sgd on mlp: the mean loss is what plain loops say") {
    for (const char* network : networks) {
        const Descent f = read("step = 0.1\n", network);
        for (double phase : {0.7, 1.4}) {
            const Vector theta = ordinary_point(std::size_t(f.dimension()), phase);
            CHECK(f.truth().sgd->loss(theta) == doctest::Approx(plain_value(f.loss, theta)).epsilon(1e-13));
        }
    }
}

TEST_CASE("sgd on mlp: gradients") {
    for (const char* network : networks)
        for (int batch : {1, 3, 8, 13}) {
            const Descent f = read("step = 0.1\nbatch = " + std::to_string(batch) + "\n", network);
            check_drawn_gradients(f);
            check_sgd_truth(*f.truth().sgd, ordinary_point(std::size_t(f.dimension())));
        }
}

TEST_CASE("sgd on mlp: the gradient of the mean loss is the mean gradient of drawn batches") {
    const Descent f = read("step = 0.1\nbatch = 5\n", "hidden = [3]\nweight_decay = 0.1\n");
    using R = Lanes<8>;
    const auto d = std::size_t(f.dimension());
    const Vector theta = ordinary_point(d), mean = f.truth().sgd->gradient(theta);
    std::vector<Vector> gradients(d);
    auto p = make_parameter<R>(f);
    Workspace<R> x(d), scratch(f.loss.scratch_size());
    for (std::size_t j = 0; j < d; ++j) x[j] = R(theta[j]);
    for_replicas(f, 113, 1 << 13, [&](Noise<R>& w) {
        w.at(3);
        draw_into(f, w, p);
        f.loss.prepare(p.batch, x.data(), scratch.data());
        f.loss.each_gradient(p.batch, x.data(), scratch.data(), [&](std::size_t j, const R& g) {
            for (int l = 0; l < 8; ++l) gradients[j].push_back(g[l]);
        });
    });
    for (std::size_t j = 0; j < d; ++j)
        check_fact("E grad, component " + std::to_string(j), Sample(gradients[j]), {mean[j]});
}

TEST_CASE("sgd on mlp: learns what can be learned") {
    // Three blobs far apart: after 2,000 steps every row is foretold; at the start they are not.
    const Descent f = read("step = 0.3\nbatch = 4\n", "hidden = [8]\n", "rows = 60\ncolumns = 2\nclasses = 3\n");
    const auto d = std::size_t(f.dimension());
    using R = Lanes<8>;
    Workspace<R> x(d), scratch(f.loss.scratch_size(60));
    const Vector start = ordinary_point(d);
    for (std::size_t j = 0; j < d; ++j) x[j] = R(start[j]);
    const R before = f.loss.score(f.loss.train(), x.data(), scratch.data()).hits;
    Noise<R> w(7, 0, f.consumption());
    auto p = make_parameter<R>(f);
    for (std::uint32_t n = 1; n <= 2000; ++n) {
        w.at(n);
        draw_into(f, w, p);
        apply_to(f, p, x.data());
    }
    const R after = f.loss.score(f.loss.train(), x.data(), scratch.data()).hits;
    for (int l = 0; l < 8; ++l) {
        CHECK(before[l] < 45);
        CHECK(after[l] > 50);
    }
}

TEST_CASE("sgd on mlp: truths") {
    const Truth t = read("step = 0.1\n", "hidden = [3]\n").truth();
    CHECK_FALSE(t.lipschitz_moment);
    CHECK_FALSE(t.sgd->strong_convexity);
    CHECK_FALSE(t.sgd->curvature);
    CHECK(t.sgd->optimum.empty());
    CHECK(t.atoms);
    CHECK_FALSE(t.note.empty());
    CHECK(refusal<Descent>(
              "step = 0.1\n[model.loss]\nkind = \"mlp\"\nhidden = [100000, 100000]\n[model.data]\n"
              "generator = \"blobs\"\nseed = 4\nrows = 30\ncolumns = 2\nclasses = 3\nseparation = 1.0\nspread = 1.0\n")
              .find("weights") != std::string::npos);
}

TEST_CASE("sgd on mlp: derivatives, and no control") {
    for (const char* network : networks) {
        const Descent f = read("step = 0.1\nbatch = 9\n", network);
        check_derivatives(f);
        CHECK_FALSE(f.has_control());
    }
}
