#include "models/data/dataset.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string_view>

#include "models/data/data_file.hpp"
#include "models/data/generators.hpp"
#include "models/data/targets.hpp"
#include "sim/error.hpp"
#include "sim/model.hpp"
#include "sim/settings.hpp"
#include "sim/sha256.hpp"
#include "sim/surroundings.hpp"

namespace foldback {

namespace {

static_assert(std::endian::native == std::endian::little, "digests are of little-endian doubles");

/// The file that the table names; nothing when it names a generator.
std::optional<DataFile> read_file_keys(Settings& table) {
    if (!table.has("file")) {
        if (table.has("generator")) return std::nullopt;
        throw table.missing("file", "write file = \"data.csv\", or generator = \"linear\", \"logistic\" or \"blobs\"");
    }
    if (table.has("generator")) throw table.wrong("generator", "stands beside file", "keep one of the two");
    return DataFile(table);
}

std::vector<std::size_t> read_order(Settings& table, std::size_t rows) {
    if (table.has("shuffle")) {
        return shuffled_rows(static_cast<std::uint64_t>(table.integer("shuffle", IntegerRange::non_negative())), rows);
    }
    std::vector<std::size_t> order(rows);
    for (std::size_t i = 0; i < rows; ++i) order[i] = i;
    return order;
}

std::size_t read_train_rows(Settings& table, std::size_t rows) {
    const auto all = static_cast<std::int64_t>(rows);
    const std::int64_t train = table.integer("train", all, IntegerRange::positive());
    if (train > all) {
        throw table.wrong("train",
                          "is " + std::to_string(train) + ", and the data have " + std::to_string(all) + " rows",
                          "it must be from 1 to that");
    }
    return static_cast<std::size_t>(train);
}

void put_in_order(Dataset& data, const std::vector<double>& features, const std::vector<double>& targets,
                  const std::vector<std::size_t>& order) {
    for (const std::size_t row : order) {
        const auto begin = features.begin() + static_cast<std::ptrdiff_t>(row * data.columns);
        data.features.insert(data.features.end(), begin, begin + static_cast<std::ptrdiff_t>(data.columns));
        data.targets.push_back(targets[row]);
    }
}

void divide(Dataset& data, double unit) {
    if (unit == 1) return;
    for (double& x : data.features) x /= unit;
}

/// Two passes over the training rows, in their order. A column that is constant there keeps scale 1: it becomes 0.
void standardise(Settings& table, Dataset& data) {
    for (std::size_t j = 0; j < data.columns; ++j) {
        const auto x = [&](std::size_t i) -> double& { return data.features[i * data.columns + j]; };
        const auto n = static_cast<double>(data.train_rows);
        double least = x(0), most = x(0), sum = 0, squares = 0;
        for (std::size_t i = 0; i < data.train_rows; ++i) {
            least = std::min(least, x(i));
            most = std::max(most, x(i));
            sum += x(i);
        }
        const double mean = least == most ? least : sum / n;
        for (std::size_t i = 0; i < data.train_rows; ++i) squares += (x(i) - mean) * (x(i) - mean);
        const double scale = least == most ? 1.0 : std::sqrt(squares / n);
        if (!std::isfinite(mean) || !std::isnormal(scale)) {
            throw table.wrong(
                "standardise",
                "meets column " + std::to_string(j + 1) + " (" + data.names[j] + "), whose spread a double cannot hold",
                "give it in another unit");
        }
        for (std::size_t i = 0; i < data.rows; ++i) x(i) = (x(i) - mean) / scale;
        data.mean.push_back(mean);
        data.scale.push_back(scale);
    }
}

void add_intercept(Dataset& data) {
    std::vector<double> wider;
    wider.reserve(data.rows * (data.columns + 1));
    for (std::size_t i = 0; i < data.rows; ++i) {
        const auto begin = data.features.begin() + static_cast<std::ptrdiff_t>(i * data.columns);
        wider.insert(wider.end(), begin, begin + static_cast<std::ptrdiff_t>(data.columns));
        wider.push_back(1.0);
    }
    data.features = std::move(wider);
    data.columns += 1;
    data.names.emplace_back("intercept");
    if (!data.mean.empty()) {
        data.mean.push_back(0.0);
        data.scale.push_back(1.0);
    }
}

std::string digest(const Dataset& data) {
    std::string bytes;
    for (const auto* numbers : {&data.features, &data.targets}) {
        bytes.append(reinterpret_cast<const char*>(numbers->data()), numbers->size() * sizeof(double));
    }
    return sha256_hex(bytes);
}

void check_digest(Settings& table, const Dataset& data) {
    const std::string found = digest(data);
    const std::string wanted = table.text("sha256", found);
    if (wanted == found) return;
    throw table.wrong("sha256", "is " + wanted + ", and that of the data is " + found,
                      "give the data it was taken of, or leave it out");
}

/// As a source gives it, made ready for the loss.
Dataset prepared(Settings& table, const std::optional<DataFile>& file, Targets wanted) {
    Samples samples = file ? file->read(table) : generate(table, wanted);
    ReadTargets targets = read_targets(table, samples, wanted);
    const std::vector<std::size_t> order = read_order(table, samples.rows);
    Dataset data;
    data.rows = samples.rows;
    data.columns = samples.columns;
    data.train_rows = read_train_rows(table, samples.rows);
    check_training_classes(table, targets, order, data.train_rows);
    data.names = std::move(samples.names);
    data.labels = std::move(targets.labels);
    data.classes = static_cast<int>(data.labels.size());
    put_in_order(data, samples.features, targets.values, order);
    divide(data, table.number("unit", 1, Range::positive()));
    if (table.flag("standardise", false)) standardise(table, data);
    data.intercept = table.flag("intercept", false);
    if (data.intercept) add_intercept(data);
    return data;
}

/// As the file of a run holds it, which was ready then: nothing is mixed or standardised again.
Dataset restored(Settings& table, Targets wanted) {
    const auto& stored = table.surroundings().stored;
    NamedArray features = stored("features"), targets = stored("targets");
    if (features.shape.size() != 2 || features.values.empty() || targets.shape != std::vector{features.shape[0]}) {
        throw FileError("/model/features and /model/targets: have shapes that do not fit; the file is damaged");
    }
    Dataset data;
    data.rows = features.shape[0];
    data.columns = features.shape[1];
    data.features = std::move(features.values);
    data.targets = std::move(targets.values);
    if (wanted != Targets::numbers) {
        data.labels = listed_labels(table);
        const double most = *std::max_element(data.targets.begin(), data.targets.end());
        if (!(most < static_cast<double>(data.rows))) {
            throw FileError("/model/targets: holds more classes than rows; the file is damaged");
        }
        for (std::size_t c = data.labels.size(); static_cast<double>(c) <= most; ++c)
            data.labels.push_back(std::to_string(c));
        data.classes = static_cast<int>(data.labels.size());
    }
    if (table.has("shuffle")) table.integer("shuffle", IntegerRange::non_negative());
    data.train_rows = read_train_rows(table, data.rows);
    table.number("unit", 1, Range::positive());
    if (table.flag("standardise", false)) {
        data.mean = stored("feature_mean").values;
        data.scale = stored("feature_scale").values;
    }
    data.intercept = table.flag("intercept", false);
    for (std::size_t j = 0; j < data.columns; ++j) data.names.push_back("x" + std::to_string(j + 1));
    if (data.intercept) data.names.back() = "intercept";
    return data;
}

}  // namespace

std::shared_ptr<const Dataset> read_dataset(Settings& table, Targets wanted) {
    const std::optional<DataFile> file = read_file_keys(table);
    auto data = std::make_shared<Dataset>(file && table.surroundings().stored ? restored(table, wanted)
                                                                              : prepared(table, file, wanted));
    check_digest(table, *data);
    return data;
}

std::vector<NamedArray> arrays_of(const Dataset& data) {
    std::vector<NamedArray> arrays = {{"features", {data.rows, data.columns}, data.features},
                                      {"targets", {data.rows}, data.targets}};
    if (!data.mean.empty()) {
        arrays.push_back({"feature_mean", {data.columns}, data.mean});
        arrays.push_back({"feature_scale", {data.columns}, data.scale});
    }
    return arrays;
}

}  // namespace foldback
