#include <algorithm>
#include <cmath>

#include "models/losses/least_squares.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Descent = Sgd<LeastSquares>;

Descent read(const std::string& model, const std::string& data) {
    return model_from<Descent>("[model]\nkind = \"sgd\"\nstep = 0.1\n" + model +
                               "[model.loss]\nkind = \"least_squares\"\nridge = 0.2\n"
                               "[model.data]\ngenerator = \"linear\"\nseed = 1\nnoise = 0.5\n" +
                               data);
}
const std::string ten_rows = "rows = 10\ncolumns = 2\n";

/// The rows of the batch at `step`, replicas first .. first + 7: (replica, row of the batch).
std::vector<std::vector<std::uint32_t>> rows_at(const Descent& f, std::uint32_t step, std::uint32_t first = 0) {
    using R = Lanes<8>;
    Noise<R> w(17, first, f.consumption());
    auto p = make_parameter<R>(f);
    w.at(step);
    draw_into(f, w, p);
    std::vector<std::vector<std::uint32_t>> rows(8);
    for (int l = 0; l < 8; ++l)
        for (std::size_t s = 0; s < p.batch.count(); ++s) rows[std::size_t(l)].push_back(p.batch.index(s, l));
    return rows;
}

/// Pearson's statistic of counts that should be equal.
double chi_square(const std::vector<double>& counts) {
    double total = 0, sum = 0;
    for (double c : counts) total += c;
    const double expected = total / double(counts.size());
    for (double c : counts) sum += (c - expected) * (c - expected) / expected;
    return sum;
}
/// Its mean plus 6 standard deviations, for `cells` cells: a level of about 1e-6.
double threshold(std::size_t cells) { return double(cells - 1) + 6 * std::sqrt(2 * double(cells - 1)); }

}  // namespace

TEST_CASE("sgd: drawn rows are the data's") {
    const Descent f = read("batch = 4\n", ten_rows);
    using R = Lanes<4>;
    Noise<R> w(17, 0, f.consumption());
    auto p = make_parameter<R>(f);
    w.at(5);
    draw_into(f, w, p);
    for (std::size_t s = 0; s < 4; ++s)
        for (int l = 0; l < 4; ++l) {
            const std::size_t row = p.batch.index(s, l);
            CHECK(p.batch.y(s)[l] == f.loss.data->targets[row]);
            for (std::size_t i = 0; i < 2; ++i) CHECK(p.batch.x(s, i)[l] == f.loss.data->features[row * 2 + i]);
        }
}

TEST_CASE("sgd: reshuffled, laws") {
    const TruthOptions options{.exact_gain = false};
    law_battery(read("batch = 3\nsampling = \"reshuffled\"\n", ten_rows), {0, 0, 1, -2}, options);
    law_battery(read("batch = 10\nsampling = \"reshuffled\"\n", "rows = 23\ncolumns = 1\n"), {0, 2}, options);
    law_battery(read("batch = 2\nsampling = \"reshuffled\"\nmomentum = 0.5\n", ten_rows), {0, 0, 0, 0, 1, -2, 1, 1},
                options);
}

TEST_CASE("sgd: reshuffled, an epoch reads every row once") {
    const Descent f = read("batch = 3\nsampling = \"reshuffled\"\n", ten_rows);
    CHECK(f.truth().epoch == 3);
    for (std::uint32_t epoch : {0u, 1u, 50u}) {
        std::vector<std::vector<std::uint32_t>> seen(8);
        for (std::uint32_t k = 3; k >= 1; --k) {  // as the sweep reads them
            const auto rows = rows_at(f, 3 * epoch + k);
            for (std::size_t l = 0; l < 8; ++l) seen[l].insert(seen[l].end(), rows[l].begin(), rows[l].end());
        }
        for (auto& rows : seen) {
            std::sort(rows.begin(), rows.end());
            CHECK(rows.size() == 9);
            CHECK(std::adjacent_find(rows.begin(), rows.end()) == rows.end());
            CHECK(rows.back() < 10);
        }
    }
    // Control: with replacement rows come twice.
    const Descent control = read("batch = 9\n", ten_rows);
    int repeated = 0;
    for (auto& rows : rows_at(control, 1)) {
        std::sort(rows.begin(), rows.end());
        repeated += std::adjacent_find(rows.begin(), rows.end()) != rows.end();
    }
    CHECK(repeated > 0);
}

TEST_CASE("sgd: reshuffled, orders are uniform and fresh") {
    // Of 4 rows in batches of one: the 24 orders, over replicas; and the pair of first rows of two successive epochs.
    const Descent f = read("batch = 1\nsampling = \"reshuffled\"\n", "rows = 4\ncolumns = 1\n");
    std::vector<double> orders(24), pairs(16);
    for (std::uint32_t first = 0; first < 8 * 1500; first += 8) {
        std::vector<std::vector<std::vector<std::uint32_t>>> at;
        for (std::uint32_t step = 1; step <= 5; ++step) at.push_back(rows_at(f, step, first));
        for (std::size_t l = 0; l < 8; ++l) {
            const auto row = [&](std::size_t k) { return at[k][l][0]; };
            std::size_t rank = 0;
            for (std::size_t k = 0; k < 3; ++k) {
                std::size_t smaller = 0;
                for (std::size_t later = k + 1; later < 4; ++later) smaller += row(later) < row(k);
                rank = rank * (4 - k) + smaller;
            }
            orders[rank] += 1;
            pairs[row(0) * 4 + row(4)] += 1;
        }
    }
    CHECK(chi_square(orders) < threshold(24));
    CHECK(chi_square(pairs) < threshold(16));
    // Control: orders of which one in 24 is missing.
    orders[5] = 0;
    CHECK(chi_square(orders) > threshold(24));
}

TEST_CASE("sgd: with replacement every row is as likely, and batches are independent") {
    const Descent f = read("batch = 2\n", "rows = 5\ncolumns = 1\n");
    std::vector<double> within(25), between(25);
    for (std::uint32_t first = 0; first < 8 * 1500; first += 8) {
        const auto a = rows_at(f, 1, first), b = rows_at(f, 2, first);
        for (std::size_t l = 0; l < 8; ++l) {
            within[a[l][0] * 5 + a[l][1]] += 1;
            between[a[l][0] * 5 + b[l][0]] += 1;
        }
    }
    CHECK(chi_square(within) < threshold(25));
    CHECK(chi_square(between) < threshold(25));
    // Control: without replacement the pairs of equal rows are missing.
    for (std::size_t k = 0; k < 5; ++k) within[6 * k] = 0;
    CHECK(chi_square(within) > threshold(25));
}

TEST_CASE("sgd: a full batch is all rows, in their order, at every step of every replica") {
    const Descent f = read("sampling = \"full\"\n", ten_rows);
    CHECK(f.plan.sampling.batch == 10);
    CHECK(f.consumption().integers == 0);
    CHECK(f.truth().epoch == 0);  // one map at every step: orders agree everywhere
    for (std::uint32_t step : {1u, 2u, 7u})
        for (const auto& rows : rows_at(f, step)) CHECK(rows == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    const Vector theta = ordinary_point(2);
    check_close("gradient", drawn_gradient(f, 3, theta), f.truth().sgd->gradient(theta), 1e-14);
    CHECK(refusal<Descent>("step = 0.1\nsampling = \"full\"\nbatch = 3\n[model.loss]\nkind = \"least_squares\"\n[model.data]\n"
                           "generator = \"linear\"\nseed = 1\nnoise = 0.5\n" + ten_rows)
              .find("leave batch out") != std::string::npos);
}

TEST_CASE("sgd: one kind for all losses, refusals") {
    CHECK(refusal<Descent>("step = 0.1\n[model.loss]\nkind = \"least_square\"\n").find("model.loss.kind") !=
          std::string::npos);
    CHECK(refusal<Descent>("step = 0.1\nbatch = 11\nsampling = \"reshuffled\"\n[model.loss]\nkind = \"least_squares\"\n"
                           "[model.data]\ngenerator = \"linear\"\nseed = 1\nrows = 10\ncolumns = 1\nnoise = 0.5\n")
              .find("at most the number of training rows, 10") != std::string::npos);
    CHECK(refusal<Descent>("step = 0.1\nsampling = \"without\"\n[model.loss]\nkind = \"least_squares\"\n")
              .find("with_replacement") != std::string::npos);
}
