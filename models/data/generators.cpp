#include "models/data/generators.hpp"

#include <cmath>

#include "sim/distributions.hpp"
#include "sim/settings.hpp"
#include "sim/stream.hpp"

namespace foldback {

namespace {

// What a draw is for: the replica of its address; its step is a row or a class.
enum class Draw : std::uint32_t { features, noise, weights, centres, rotation, shuffle };

Stream stream(std::uint64_t seed, Draw draw, std::size_t step) {
    return {seed, static_cast<std::uint32_t>(draw), static_cast<std::uint32_t>(step), Purpose::data};
}

std::vector<double> normals(Stream source, std::size_t count) {
    std::vector<double> drawn(count);
    for (double& x : drawn) x = standard_normal(source);
    return drawn;
}

double dot(const double* a, const double* b, std::size_t n) {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += a[j] * b[j];
    return sum;
}

std::uint64_t read_seed(Settings& table, const char* key) {
    return static_cast<std::uint64_t>(table.integer(key, IntegerRange::non_negative()));
}

std::size_t read_size(Settings& table, const char* key, std::size_t least) {
    return static_cast<std::size_t>(table.integer(
        key, IntegerRange::between(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most_data))));
}

Samples sized(Settings& table, std::size_t rows, std::size_t columns) {
    if (columns >= most_data / rows) {
        throw table.wrong("rows", "makes more than " + std::to_string(most_data) + " numbers",
                          "rows * (columns + 1) must be at most that");
    }
    Samples made;
    made.rows = rows;
    made.columns = columns;
    made.features.resize(rows * columns);
    made.numbers.resize(rows);
    for (std::size_t j = 0; j < columns; ++j) made.names.push_back("x" + std::to_string(j + 1));
    return made;
}

/// Gram-Schmidt on the rows of a matrix of normals: the rows of a uniformly distributed rotation (or reflection).
std::vector<double> rotation(std::uint64_t seed, std::size_t d) {
    std::vector<double> q;
    for (std::size_t i = 0; i < d; ++i) {
        std::vector<double> row = normals(stream(seed, Draw::rotation, i), d);
        for (int twice = 0; twice < 2; ++twice) {  // the second pass removes what rounding left
            for (std::size_t k = 0; k < i; ++k) {
                const double along = dot(row.data(), &q[k * d], d);
                for (std::size_t j = 0; j < d; ++j) row[j] -= along * q[k * d + j];
            }
        }
        const double length = std::sqrt(dot(row.data(), row.data(), d));
        for (double& x : row) x /= length;
        q.insert(q.end(), row.begin(), row.end());
    }
    return q;
}

std::vector<double> read_spectrum(Settings& table, std::size_t columns) {
    std::vector<double> spectrum = table.vector("spectrum", std::vector<double>(columns, 1.0), Range::non_negative());
    if (spectrum.size() != columns) {
        throw table.wrong("spectrum", "has length " + std::to_string(spectrum.size()),
                          "its length must be columns, " + std::to_string(columns));
    }
    return spectrum;
}

/// Normal features with the covariance that the table asks for.
Samples normal_features(Settings& table, std::uint64_t seed) {
    constexpr std::size_t most_rotated = 2048;
    const std::size_t rows = read_size(table, "rows", 1), d = read_size(table, "columns", 1);
    Samples made = sized(table, rows, d);
    std::vector<double> deviation = read_spectrum(table, d);
    for (double& s : deviation) s = std::sqrt(s);
    const bool rotated = table.flag("rotate", false);
    if (rotated && d > most_rotated) {
        throw table.wrong("rotate", "is true for " + std::to_string(d) + " columns",
                          "rotations are made of at most " + std::to_string(most_rotated));
    }
    const std::vector<double> q = rotated ? rotation(seed, d) : std::vector<double>();
    for (std::size_t i = 0; i < rows; ++i) {
        std::vector<double> x = normals(stream(seed, Draw::features, i), d);
        for (std::size_t j = 0; j < d; ++j) x[j] *= deviation[j];
        for (std::size_t j = 0; j < d; ++j) made.features[i * d + j] = rotated ? dot(&q[j * d], x.data(), d) : x[j];
    }
    return made;
}

/// The true weights: given, or of length `signal` in a random direction.
std::vector<double> read_weights(Settings& table, std::uint64_t seed, std::size_t columns) {
    if (table.has("weights")) {
        if (table.has("signal")) throw table.wrong("signal", "stands beside weights", "keep one of the two");
        return table.vector("weights", Range::any(), columns);
    }
    const double signal = table.number("signal", 1.0, Range::non_negative());
    std::vector<double> w = normals(stream(seed, Draw::weights, 0), columns);
    const double length = std::sqrt(dot(w.data(), w.data(), columns));
    for (double& x : w) x *= signal / length;
    return w;
}

Samples linear(Settings& table, Targets) {
    const std::uint64_t seed = read_seed(table, "seed");
    Samples made = normal_features(table, seed);
    const std::vector<double> w = read_weights(table, seed, made.columns);
    const double noise = table.number("noise", Range::non_negative());
    for (std::size_t i = 0; i < made.rows; ++i) {
        Stream source = stream(seed, Draw::noise, i);
        made.numbers[i] =
            dot(&made.features[i * made.columns], w.data(), made.columns) + noise * standard_normal(source);
    }
    return made;
}

Samples logistic(Settings& table, Targets) {
    const std::uint64_t seed = read_seed(table, "seed");
    Samples made = normal_features(table, seed);
    const std::vector<double> w = read_weights(table, seed, made.columns);
    for (std::size_t i = 0; i < made.rows; ++i) {
        Stream source = stream(seed, Draw::noise, i);
        const double margin = dot(&made.features[i * made.columns], w.data(), made.columns);
        made.numbers[i] = uniform01(source) * (1 + elementary::exp(-margin)) < 1 ? 1 : 0;
    }
    return made;
}

Samples blobs(Settings& table, Targets wanted) {
    constexpr std::size_t most_classes = 1000;
    const std::uint64_t seed = read_seed(table, "seed");
    const std::size_t rows = read_size(table, "rows", 1), d = read_size(table, "columns", 1);
    Samples made = sized(table, rows, d);
    const std::size_t classes =
        static_cast<std::size_t>(table.integer("classes", 2, IntegerRange::between(2, most_classes)));
    if (wanted == Targets::two_classes && classes != 2) {
        throw table.wrong("classes", "is " + std::to_string(classes),
                          "this loss tells two classes apart: it must be 2");
    }
    const double separation = table.number("separation", Range::non_negative());
    const double spread = table.number("spread", 1.0, Range::non_negative());
    std::vector<std::vector<double>> centres;
    for (std::size_t c = 0; c < classes; ++c) centres.push_back(normals(stream(seed, Draw::centres, c), d));
    for (std::size_t i = 0; i < rows; ++i) {
        const std::vector<double> z = normals(stream(seed, Draw::features, i), d);
        const std::vector<double>& centre = centres[i % classes];
        for (std::size_t j = 0; j < d; ++j) made.features[i * d + j] = separation * centre[j] + spread * z[j];
        made.numbers[i] = static_cast<double>(i % classes);
    }
    return made;
}

}  // namespace

Samples generate(Settings& table, Targets wanted) {
    const std::string name = table.word("generator", {"linear", "logistic", "blobs"});
    if (name == "linear" && wanted != Targets::numbers) {
        throw table.wrong("generator", "is 'linear', whose targets are numbers",
                          "this loss wants classes: write \"logistic\" or \"blobs\"");
    }
    if (name == "linear") return linear(table, wanted);
    if (name == "logistic") return logistic(table, wanted);
    return blobs(table, wanted);
}

std::vector<std::size_t> shuffled_rows(std::uint64_t seed, std::size_t rows) {
    std::vector<std::size_t> order(rows);
    for (std::size_t i = 0; i < rows; ++i) order[i] = i;
    Stream source = stream(seed, Draw::shuffle, 0);
    for (std::size_t left = rows; left > 1; --left) {  // Fisher and Yates; off uniform by less than rows / 2^32
        const std::size_t drawn = static_cast<std::uint64_t>(source()) * left >> 32U;
        std::swap(order[left - 1], order[drawn]);
    }
    return order;
}

}  // namespace foldback
