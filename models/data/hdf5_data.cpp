#include "models/data/hdf5_data.hpp"

#include <cmath>

#include "sim/error.hpp"
#include "sim/input_file.hpp"
#include "sim/settings.hpp"
#include "sim/value.hpp"

namespace foldback {

namespace {

std::string absolute(const std::string& path) { return path.starts_with('/') ? path : "/" + path; }

std::string place_of(const std::string& file, const std::string& dataset, std::size_t row) {
    return file + ", " + dataset + "[" + std::to_string(row) + "]";
}

std::string shape_text(const std::vector<std::size_t>& shape) {
    std::string text;
    for (const std::size_t n : shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
    return "(" + text + ")";
}

}  // namespace

Hdf5Form read_hdf5_form(Settings& table) {
    const Hdf5Form preset;
    return {absolute(table.text("features", preset.features)), absolute(table.text("target", preset.targets))};
}

Samples read_hdf5(const std::filesystem::path& name, const Hdf5Form& form) {
    const InputFile file(name);
    const StoredVariable& features = file.variable(form.features);
    const StoredVariable& targets = file.variable(form.targets);
    const std::string shown = name.string();
    if (features.number_bytes == 0 || features.shape.size() != 2 || features.shape[0] == 0 || features.shape[1] == 0) {
        throw FileError(
            shown + ", " + form.features + ": " +
            (features.number_bytes == 0 ? "holds no numbers" : "has the shape " + shape_text(features.shape)) +
            "; it must be numbers (rows, columns)");
    }
    Samples read;
    read.rows = features.shape[0];
    read.columns = features.shape[1];
    if (!targets.text && targets.number_bytes == 0) {
        throw FileError(shown + ", " + form.targets +
                        ": holds neither numbers nor texts; targets are one or the other");
    }
    if (targets.shape.size() != 1 || targets.shape[0] != read.rows) {
        throw FileError(shown + ", " + form.targets + ": has the shape " + shape_text(targets.shape) +
                        "; it must hold a target for each row of " + form.features + ", (" + std::to_string(read.rows) +
                        ")");
    }
    if (read.columns >= most_data / read.rows) {
        throw FileError(shown + ", " + form.features + ": has the shape " + shape_text(features.shape) +
                        "; it must hold at most " + std::to_string(most_data) + " numbers");
    }
    read.features = file.read<double>(form.features);
    for (std::size_t i = 0; i < read.features.size(); ++i) {
        if (std::isfinite(read.features[i])) continue;
        const std::size_t column = i % read.columns;
        throw FileError(shown + ", " + form.features + "[" + std::to_string(i / read.columns) + ", " +
                        std::to_string(column) + "]: is not finite; features are finite numbers");
    }
    if (targets.text) {
        read.texts = file.texts(form.targets);
    } else {
        read.numbers = file.read<double>(form.targets);
        for (std::size_t i = 0; i < read.rows; ++i) {
            if (!std::isfinite(read.numbers[i]))
                throw FileError(place_of(shown, form.targets, i) +
                                ": is not finite; targets are finite numbers or texts");
        }
    }
    for (std::size_t j = 0; j < read.columns; ++j) read.names.push_back("x" + std::to_string(j + 1));
    read.place = [shown, dataset = form.targets](std::size_t row) { return place_of(shown, dataset, row); };
    return read;
}

}  // namespace foldback
