#include "models/data/targets.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "models/data/text_number.hpp"
#include "sim/error.hpp"
#include "sim/settings.hpp"

namespace foldback {

namespace {

constexpr std::size_t most_classes = 1000;
constexpr double largest_label = 1e15;

[[noreturn]] void refuse(const Settings& table, const Samples& samples, std::size_t row, const std::string& problem,
                         const std::string& remedy) {
    if (samples.place) throw FileError(samples.place(row) + ": " + problem + "; " + remedy);
    throw table.wrong("generator", "makes data whose row " + std::to_string(row + 1) + " " + problem, remedy);
}

std::string in_quotes(const std::string& label) { return describe(Value(label)); }

/// Every target as a number; place and remedy tell of the first that is none.
std::vector<double> as_numbers(const Settings& table, const Samples& samples) {
    if (samples.texts.empty()) return samples.numbers;
    std::vector<double> numbers;
    for (std::size_t row = 0; row < samples.rows; ++row) {
        const TextNumber number = text_number(samples.texts[row]);
        if (!number.problem.empty()) {
            refuse(table, samples, row, "the target " + number.problem,
                   "this loss wants numbers: name another column with target, or another loss");
        }
        numbers.push_back(number.value);
    }
    return numbers;
}

/// The labels of all rows as texts: whole numbers written the same way, or texts as they are.
std::vector<std::string> as_labels(const Settings& table, const Samples& samples, bool listed) {
    std::vector<std::string> labels = samples.texts;
    std::size_t first_text = samples.rows, numbers = 0;
    labels.resize(samples.rows);
    for (std::size_t row = 0; row < samples.rows; ++row) {
        TextNumber number;
        if (samples.texts.empty())
            number.value = samples.numbers[row];
        else
            number = text_number(samples.texts[row]);
        if (samples.texts.empty() || number.problem.empty()) {
            if (std::trunc(number.value) != number.value || std::abs(number.value) > largest_label) {
                refuse(table, samples, row, "the label " + shortest(number.value) + " is not a class",
                       "classes are whole numbers or texts; name another column with target, or another loss");
            }
            labels[row] = std::to_string(static_cast<std::int64_t>(number.value));
            numbers += 1;
        } else if (labels[row].empty()) {
            refuse(table, samples, row, "the label is empty", "leave such rows out, or write a class there");
        } else {
            first_text = std::min(first_text, row);
        }
    }
    if (numbers > 0 && first_text < samples.rows && !listed) {
        refuse(table, samples, first_text, "the label " + in_quotes(labels[first_text]) + " is a text among numbers",
               "correct it, or list all classes with labels = [\"...\", \"...\"]");
    }
    return labels;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool before(const std::string& a, const std::string& b) {
    const auto x = whole_number(a), y = whole_number(b);
    if (x && y) return *x < *y;
    return a < b;
}

/// Label -> the first row that carries it, refusing labels that the table does not list and one class too many.
std::map<std::string, std::size_t> occurring(const Settings& table, const Samples& samples,
                                             const std::vector<std::string>& labels,
                                             const std::vector<std::string>& listed, std::size_t most) {
    std::map<std::string, std::size_t> first;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        if (first.count(labels[row]) > 0) continue;
        if (!listed.empty() && std::find(listed.begin(), listed.end(), labels[row]) == listed.end()) {
            refuse(table, samples, row, "the label " + in_quotes(labels[row]) + " is not a class",
                   "it must be one of labels, " + in_quotes(listed.front()) + " to " + in_quotes(listed.back()));
        }
        if (first.size() == most) {
            refuse(table, samples, row,
                   "the label " + in_quotes(labels[row]) + " is one class more than " + std::to_string(most),
                   most == 2 ? "this loss tells two classes apart: give data of two classes, or another loss"
                             : "name the column that holds the class with target");
        }
        first.emplace(labels[row], row);
    }
    return first;
}

}  // namespace

std::vector<std::string> listed_labels(Settings& table) {
    std::vector<std::string> listed;
    if (!table.has("labels")) return listed;
    const Value written = table.raw("labels");
    const std::string remedy = "list the classes in their order, as in labels = [\"benign\", \"malignant\"]";
    if (!written.is_array() || written.size() < 2) throw table.wrong("labels", "is " + describe(written), remedy);
    for (const Value& element : written.array()) {
        if (!element.is_text() && !element.is_integer())
            throw table.wrong("labels", "holds " + describe(element), remedy);
        std::string label = element.is_text() ? element.text() : std::to_string(element.integer());
        if (std::find(listed.begin(), listed.end(), label) != listed.end()) {
            throw table.wrong("labels", "names " + in_quotes(label) + " twice", remedy);
        }
        listed.push_back(std::move(label));
    }
    return listed;
}

ReadTargets read_targets(Settings& table, const Samples& samples, Targets wanted) {
    if (wanted == Targets::numbers) return {as_numbers(table, samples), {}};
    std::vector<std::string> listed = listed_labels(table);
    const std::size_t most = wanted == Targets::two_classes ? 2 : most_classes;
    if (listed.size() > most) {
        throw table.wrong("labels", "lists " + std::to_string(listed.size()) + " classes",
                          "for this loss they are at most " + std::to_string(most));
    }
    const std::vector<std::string> labels = as_labels(table, samples, !listed.empty());
    const auto first = occurring(table, samples, labels, listed, most);
    if (first.size() == 1) {
        refuse(table, samples, samples.rows - 1, "every row is of the one class " + in_quotes(labels.front()),
               "give data of at least two classes");
    }
    ReadTargets read;
    read.labels = std::move(listed);
    if (read.labels.empty()) {
        for (const auto& [label, row] : first) read.labels.push_back(label);
        std::sort(read.labels.begin(), read.labels.end(), before);
    }
    std::map<std::string, double> number;
    for (std::size_t c = 0; c < read.labels.size(); ++c) number[read.labels[c]] = static_cast<double>(c);
    for (const std::string& label : labels) read.values.push_back(number[label]);
    if (samples.place) table.resolve("labels", Value::array_of(read.labels));
    return read;
}

void check_training_classes(Settings& table, const ReadTargets& targets, const std::vector<std::size_t>& order,
                            std::size_t train_rows) {
    if (targets.labels.empty()) return;
    std::vector<bool> trained(targets.labels.size());
    for (std::size_t i = 0; i < train_rows; ++i) trained[static_cast<std::size_t>(targets.values[order[i]])] = true;
    for (std::size_t c = 0; c < trained.size(); ++c) {
        if (trained[c]) continue;
        const std::string problem = "leaves class " + in_quotes(targets.labels[c]) + " out of the " +
                                    std::to_string(train_rows) + " training rows";
        throw table.wrong(table.has("train") ? "train" : "labels", problem,
                          "take more of them, or mix the rows first with shuffle = 1");
    }
}

}  // namespace foldback
