#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/data/dataset.hpp"
#include "models/data/generators.hpp"
#include "runs/toml_file.hpp"
#include "sim/error.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"

using namespace foldback;

namespace {

Settings data_table(const std::string& text) { return Settings(parse_toml(text, "f.toml"), "model.data"); }

std::shared_ptr<const Dataset> made(const std::string& text, Targets wanted = Targets::numbers) {
    Settings table = data_table(text);
    auto data = read_dataset(table, wanted);
    table.finish();
    return data;
}

const double* row(const Dataset& data, std::size_t i) { return &data.features[i * data.columns]; }

}  // namespace

TEST_CASE("linear: the features have the covariance that was asked for") {
    // The sample covariance's entries have s.d. sqrt((S_ii S_jj + S_ij^2) / N); 6 of them are tested, each at 5 s.d.: a
    // true generator fails once in 3e5 seeds. Halving the spectrum's first number moves S_00 by 100 s.d.
    const std::size_t n = 20000;
    const auto sample = [&](const std::string& more) {
        const auto data = made(
            "generator = \"linear\"\nseed = 1\nrows = 20000\ncolumns = 3\nnoise = 0.0\n"
            "spectrum = [4.0, 1.0, 0.25]\n" +
            more);
        std::vector<double> covariance(9);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t a = 0; a < 3; ++a)
                for (std::size_t b = 0; b < 3; ++b)
                    covariance[3 * a + b] += row(*data, i)[a] * row(*data, i)[b] / double(n);
        return covariance;
    };
    const std::vector<double> found = sample("");
    const double s[] = {4.0, 1.0, 0.25};
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = a; b < 3; ++b) {
            const double wanted = a == b ? s[a] : 0.0;
            const double deviation = std::sqrt((s[a] * s[b] + wanted * wanted) / double(n));
            CHECK(std::abs(found[3 * a + b] - wanted) < 5 * deviation);
            CHECK_FALSE(std::abs(found[3 * a + b] - 0.5 * wanted - (a == b ? 0.0 : 1.0)) < 5 * deviation);
        }
    }
    // Rotated: the same eigenvalues, so the same trace and the same sum of squares; no longer diagonal.
    const std::vector<double> turned = sample("rotate = true\n");
    double trace = 0, squares = 0;
    for (std::size_t a = 0; a < 3; ++a) trace += turned[4 * a];
    for (double x : turned) squares += x * x;
    CHECK(trace == doctest::Approx(5.25).epsilon(0.04));
    CHECK(squares == doctest::Approx(17.0625).epsilon(0.08));
    CHECK(std::abs(turned[1]) + std::abs(turned[2]) > 0.3);
}

TEST_CASE("linear: targets are features times weights plus noise") {
    const auto exact =
        made("generator = \"linear\"\nseed = 3\nrows = 50\ncolumns = 2\nweights = [2.0, -1.0]\nnoise = 0.0\n");
    for (std::size_t i = 0; i < 50; ++i) CHECK(exact->targets[i] == 2.0 * row(*exact, i)[0] + -1.0 * row(*exact, i)[1]);
    const auto noisy =
        made("generator = \"linear\"\nseed = 3\nrows = 4000\ncolumns = 2\nweights = [2.0, -1.0]\nnoise = 0.5\n");
    // Sum of squares / 0.25 is chi-squared with 4000 degrees: s.d. sqrt(8000) = 89; tested at 5 s.d.
    double squares = 0;
    for (std::size_t i = 0; i < 4000; ++i) {
        const double residual = noisy->targets[i] - (2.0 * row(*noisy, i)[0] - row(*noisy, i)[1]);
        squares += residual * residual / 0.25;
    }
    CHECK(std::abs(squares - 4000) < 5 * 89.5);
    CHECK(exact->features[7] == noisy->features[7]);  // noise and number of rows leave the features alone
    CHECK(exact->classes == 0);
    CHECK(exact->names == std::vector<std::string>{"x1", "x2"});
}

TEST_CASE("linear: weights of the length `signal`") {
    const auto data = made("generator = \"linear\"\nseed = 8\nrows = 60\ncolumns = 2\nsignal = 3.0\nnoise = 0.0\n");
    // Two rows give the weights back.
    const double *a = row(*data, 0), *b = row(*data, 1);
    const double det = a[0] * b[1] - a[1] * b[0];
    const double w0 = (data->targets[0] * b[1] - a[1] * data->targets[1]) / det;
    const double w1 = (a[0] * data->targets[1] - data->targets[0] * b[0]) / det;
    CHECK(std::hypot(w0, w1) == doctest::Approx(3.0).epsilon(1e-10));
}

TEST_CASE("logistic: labels follow the model's probabilities") {
    // sum (y - p) has variance sum p (1 - p); likewise weighted by x. Tested at 5 s.d.; p of twice the weights must
    // fail.
    const auto data = made("generator = \"logistic\"\nseed = 5\nrows = 20000\ncolumns = 2\nweights = [1.5, 0.5]\n",
                           Targets::two_classes);
    const auto score = [&](double factor) {
        double sum = 0, variance = 0;
        for (std::size_t i = 0; i < data->rows; ++i) {
            const double* x = row(*data, i);
            const double p = 1 / (1 + std::exp(-factor * (1.5 * x[0] + 0.5 * x[1])));
            sum += (data->targets[i] - p) * x[0];
            variance += p * (1 - p) * x[0] * x[0];
        }
        return std::abs(sum) / std::sqrt(variance);
    };
    CHECK(score(1.0) < 5);
    CHECK(score(2.0) > 5);
    CHECK(data->classes == 2);
    CHECK(data->labels == std::vector<std::string>{"0", "1"});
}

TEST_CASE("blobs: classes take turns, each about its centre") {
    const std::string text =
        "generator = \"blobs\"\nseed = 2\nrows = 3000\ncolumns = 2\nclasses = 3\nseparation = 5.0\nspread = ";
    const auto data = made(text + "0.5\n", Targets::classes);
    const auto centres = made(text + "0.0\n", Targets::classes);
    CHECK(data->classes == 3);
    double squares = 0;
    for (std::size_t i = 0; i < data->rows; ++i) {
        CHECK(data->targets[i] == double(i % 3));
        for (std::size_t j = 0; j < 2; ++j) squares += std::pow((row(*data, i)[j] - row(*centres, i % 3)[j]) / 0.5, 2);
    }
    // chi-squared with 6000 degrees, s.d. 110; 5 s.d.
    CHECK(std::abs(squares - 6000) < 5 * 110);
    CHECK_FALSE(std::abs(squares * 1.2 - 6000) < 5 * 110);
}

TEST_CASE("shuffled_rows: a permutation, each row equally likely to come first") {
    auto order = shuffled_rows(11, 1000);
    CHECK(order != shuffled_rows(12, 1000));
    CHECK(order == shuffled_rows(11, 1000));
    CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == i);
    // Which of 4 rows ends where, 16 cells over 2000 seeds: each of mean 500, s.d. 19.4; at 5 s.d.
    std::size_t count[4][4] = {};
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        const auto four = shuffled_rows(seed, 4);
        for (std::size_t i = 0; i < 4; ++i) ++count[i][four[i]];
    }
    for (const auto& line : count)
        for (const std::size_t c : line) CHECK(std::abs(double(c) - 500) < 97);
}

TEST_CASE("generators: the keys are checked, and a resolved table answers alike") {
    Settings table = data_table(
        "generator = \"linear\"\nseed = 1\nrows = 20\ncolumns = 2\nnoise = 0.1\nstandardise = true\ntrain = "
        "15\nshuffle = 4\nintercept = true\n");
    const auto data = read_dataset(table, Targets::numbers);
    table.finish();
    Settings again(table.resolved(), "model.data");
    const auto same = read_dataset(again, Targets::numbers);
    again.finish();
    CHECK(again.resolved() == table.resolved());
    CHECK(data->features == same->features);
    const auto fails = [](const std::string& text, const std::string& message, Targets wanted = Targets::numbers) {
        CHECK_THROWS_WITH_AS(made(text, wanted), doctest::Contains(message.c_str()), ConfigError);
    };
    const std::string sizes = "seed = 1\nrows = 20\ncolumns = 2\n";
    fails("generator = \"linaer\"\n" + sizes, "did you mean 'linear'");
    fails("generator = \"linear\"\n" + sizes, "model.data.noise is missing");
    fails("generator = \"linear\"\nrows = 2\ncolumns = 2\nnoise = 1\n", "model.data.seed is missing");
    fails("generator = \"linear\"\nnoise = 1\n" + sizes, "whose targets are numbers", Targets::classes);
    fails("generator = \"linear\"\nnoise = 1\nspectrum = [1.0]\n" + sizes,
          "f.toml:3:12: model.data.spectrum has length 1; its length must be columns, 2");
    fails("generator = \"linear\"\nnoise = 1\nseed = 1\nrows = 100_000_000\ncolumns = 2\n",
          "makes more than 134217728 numbers");
    fails("generator = \"linear\"\nnoise = 1\ntrain = 21\n" + sizes,
          "f.toml:3:9: model.data.train is 21, and the data have 20 rows");
    fails("generator = \"blobs\"\nseparation = 1\nclasses = 3\n" + sizes, "it must be 2", Targets::two_classes);
    fails("generator = \"blobs\"\nseparation = 1\ntrain = 1\n" + sizes, "leaves class '1' out of the 1 training rows",
          Targets::classes);
    fails("generator = \"blobs\"\nseparation = 1\nseed = 1\nrows = 1\ncolumns = 1\n",
          "every row is of the one class '0'", Targets::classes);
}
