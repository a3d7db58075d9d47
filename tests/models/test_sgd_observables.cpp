#include <algorithm>

#include "models/losses/least_squares.hpp"
#include "models/losses/logistic.hpp"
#include "models/losses/mlp.hpp"
#include "models/losses/quadratic.hpp"
#include "models/losses/softmax.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Q = LossObservable;
using Lane = Lanes<4>;

template <class L>
Sgd<L> read(const std::string& model, const std::string& loss, const std::string& data) {
    return model_from<Sgd<L>>("[model]\nkind = \"sgd\"\nstep = 0.1\n" + model + "[model.loss]\nkind = \"" + L::kind +
                              "\"\n" + loss + "[model.data]\nseed = 2\n" + data);
}
const std::string linear = "generator = \"linear\"\nnoise = 0.5\nrows = 60\ncolumns = 3\ntrain = 37\n";
const std::string two_classes = "generator = \"logistic\"\nrows = 60\ncolumns = 3\ntrain = 37\n";
const std::string blobs =
    "generator = \"blobs\"\nseparation = 1.0\nspread = 0.7\nrows = 60\ncolumns = 2\nclasses = 3\ntrain = 37\n";

Vector point(std::size_t d, int lane) { return ordinary_point(d, 0.7 + lane); }

/// By observable and lane, of the states point(d, lane); NaN for what is not wanted.
template <class L>
std::vector<Vector> observed(const Sgd<L>& f, LossObservables wanted) {
    const auto d = std::size_t(f.dimension());
    Workspace<Lane> x(d), out(loss_observable_count);
    for (std::size_t j = 0; j < d; ++j)
        x[j] = each_lane<Lane>([&](int l) { return point(f.loss.dimension(), l)[j % f.loss.dimension()]; });
    for (unsigned q = 0; q < loss_observable_count; ++q) out[q] = Lane(std::nan(""));
    typename Sgd<L>::template Observer<Lane> observer(f);
    observer.observe(f, wanted, x.data(), out.data());
    std::vector<Vector> result(loss_observable_count);
    for (unsigned q = 0; q < loss_observable_count; ++q)
        for (int l = 0; l < 4; ++l) result[q].push_back(out[q][l]);
    return result;
}

double norm(const Vector& v) {
    double square = 0;
    for (double x : v) square += x * x;
    return std::sqrt(square);
}

/// Training loss, gradient and distance against what truths are made of; each one alone has the bits of all together.
template <class L>
std::vector<Vector> check_observer(const Sgd<L>& f) {
    static_assert(ObservesLoss<Sgd<L>, Lane>);
    const LossObservables all = f.observables();
    const auto values = observed(f, all);
    const SgdTruth t = *f.truth().sgd;
    for (int l = 0; l < 4; ++l) {
        const Vector theta = point(f.loss.dimension(), l);
        const auto of = [&](Q q) { return values[unsigned(q)][std::size_t(l)]; };
        CHECK(of(Q::train_loss) == doctest::Approx(t.loss(theta)).epsilon(1e-13));
        CHECK(of(Q::gradient_norm) == doctest::Approx(norm(t.gradient(theta))).epsilon(1e-13));
        CHECK(all.has(Q::optimum_distance) == !t.optimum.empty());
        if (!t.optimum.empty()) {
            Vector away = theta;
            for (std::size_t j = 0; j < away.size(); ++j) away[j] -= t.optimum[j];
            CHECK(of(Q::optimum_distance) == doctest::Approx(norm(away)).epsilon(1e-13));
        }
    }
    for (Q q : loss_observables) {
        const auto alone = observed(f, all.has(q) ? LossObservables{}.with(q) : LossObservables{});
        for (Q other : loss_observables)
            for (std::size_t l = 0; l < 4; ++l)
                if (other == q && all.has(q))
                    CHECK(alone[unsigned(q)][l] == values[unsigned(q)][l]);
                else
                    CHECK(std::isnan(alone[unsigned(other)][l]));
    }
    return values;
}

/// Test rows: the observables of training on them instead, which have another block structure only if a row is left
/// out or read twice.
template <class L>
void check_test_rows(Sgd<L> f) {
    const auto before = observed(f, f.observables());
    auto swapped = std::make_shared<Dataset>(*f.loss.data);
    const std::size_t m = swapped->train_rows;
    std::rotate(swapped->features.begin(), swapped->features.begin() + std::ptrdiff_t(m * swapped->columns),
                swapped->features.end());
    std::rotate(swapped->targets.begin(), swapped->targets.begin() + std::ptrdiff_t(m), swapped->targets.end());
    swapped->train_rows = swapped->rows - m;
    f.loss.data = swapped;
    const auto after = observed(f, f.observables());
    CHECK(before[unsigned(Q::test_loss)] == after[unsigned(Q::train_loss)]);
    CHECK(before[unsigned(Q::train_loss)] == after[unsigned(Q::test_loss)]);
    CHECK(before[unsigned(Q::test_loss)] != before[unsigned(Q::train_loss)]);
    if (f.observables().has(Q::test_accuracy)) {
        CHECK(before[unsigned(Q::test_accuracy)] == after[unsigned(Q::train_accuracy)]);
        CHECK(before[unsigned(Q::train_accuracy)] == after[unsigned(Q::test_accuracy)]);
    }
}

/// The share of the rows first .. last - 1 whose class is the one of the highest of the scores.
template <class F>
double accuracy(const Dataset& data, std::size_t first, std::size_t last, F scores) {
    double hits = 0;
    for (std::size_t i = first; i < last; ++i) {
        const Vector z = scores(&data.features[i * data.columns]);
        hits += double(std::max_element(z.begin(), z.end()) - z.begin()) == data.targets[i];
    }
    return hits / double(last - first);
}

template <class L, class F>
void check_accuracy(const Sgd<L>& f, F scores) {
    const auto values = observed(f, f.observables());
    const Dataset& data = *f.loss.data;
    for (int l = 0; l < 4; ++l) {
        const Vector theta = point(f.loss.dimension(), l);
        const auto of_row = [&](const double* x) { return scores(theta, x); };
        CHECK(values[unsigned(Q::train_accuracy)][std::size_t(l)] == accuracy(data, 0, data.train_rows, of_row));
        CHECK(values[unsigned(Q::test_accuracy)][std::size_t(l)] == accuracy(data, data.train_rows, data.rows, of_row));
    }
}

double dot(const double* a, const double* b, std::size_t d) {
    double sum = 0;
    for (std::size_t j = 0; j < d; ++j) sum += a[j] * b[j];
    return sum;
}

}  // namespace

TEST_CASE("observables of least_squares and of a quadratic") {
    const auto f = read<LeastSquares>("", "ridge = 0.1\n", linear);
    check_observer(f);
    check_test_rows(f);
    CHECK_FALSE(f.observables().has(Q::train_accuracy));
    const auto all_train = read<LeastSquares>("", "", "generator = \"linear\"\nnoise = 0.5\nrows = 20\ncolumns = 2\n");
    CHECK_FALSE(all_train.observables().has(Q::test_loss));
    check_observer(all_train);

    const auto quadratic = model_from<Sgd<Quadratic>>(
        "[model]\nkind = \"sgd\"\nstep = 0.1\n[model.loss]\nkind = \"quadratic\"\nspectrum = [1.0, 3.0]\n"
        "rotation_seed = 7\noptimum = [1.0, 2.0]\nnoise = 0.4\nmultiplicative = 0.5\n");
    CHECK(quadratic.observables() ==
          LossObservables{}.with(Q::train_loss).with(Q::gradient_norm).with(Q::optimum_distance));
    check_observer(quadratic);
}

TEST_CASE("observables of logistic") {
    for (const char* loss : {"ridge = 0.1\n", "ridge = 0.1\nnonconvex = 0.3\n"}) {
        const auto f = read<Logistic>("batch = 4\n", loss, two_classes);
        check_observer(f);
        check_test_rows(f);
        check_accuracy(f, [](const Vector& theta, const double* x) {
            return Vector{0, dot(theta.data(), x, theta.size())};
        });
    }
}

TEST_CASE("observables of softmax") {
    const auto f = read<Softmax>("", "ridge = 0.1\n", blobs);
    check_observer(f);
    check_test_rows(f);
    check_accuracy(f, [](const Vector& theta, const double* x) {
        return Vector{dot(&theta[0], x, 2), dot(&theta[2], x, 2), dot(&theta[4], x, 2)};
    });
}

TEST_CASE("observables of mlp") {
    const auto f = read<Mlp>("batch = 3\n", "hidden = [4]\nweight_decay = 0.1\n", blobs);
    check_observer(f);
    check_test_rows(f);
    CHECK_FALSE(f.observables().has(Q::optimum_distance));
    check_accuracy(f, [](const Vector& theta, const double* x) {
        double a[4];
        Vector z(3);
        for (std::size_t i = 0; i < 4; ++i) a[i] = std::tanh(dot(&theta[3 * i], x, 2) + theta[3 * i + 2]);
        for (std::size_t k = 0; k < 3; ++k) z[k] = dot(&theta[12 + 5 * k], a, 4) + theta[12 + 5 * k + 4];
        return z;
    });
}

TEST_CASE("observables see theta, whatever the velocity is") {
    const auto plain = read<Logistic>("", "ridge = 0.1\n", two_classes);
    const auto heavy = read<Logistic>("momentum = 0.5\n", "ridge = 0.1\n", two_classes);
    CHECK(heavy.observables() == plain.observables());
    CHECK(observed(heavy, heavy.observables()) == observed(plain, plain.observables()));
}
