#include "sim/configuration.hpp"

#include <algorithm>
#include <cmath>

#include "sim/nearest_name.hpp"
#include "sim/settings.hpp"
#include "sim/spaced_values.hpp"
#include "sim/step_grid.hpp"
#include "sim/time_grid.hpp"
#include "sim/value_path.hpp"

namespace foldback {

namespace {

constexpr std::int64_t most_replicas = 4294967295;
constexpr std::int64_t most_paths = 64;
constexpr std::size_t most_points = 1'000'000;
constexpr std::size_t most_points_with_states = 64;

const std::vector<std::string> backward_methods = {"sweep", "closed"};
const std::vector<std::string> moment_grids = {"checkpoints", "every_step"};
const std::vector<std::string> precisions = {"float64", "float32"};

void read_starts(Settings& ensemble, Configuration::Ensemble& read) {
    const std::string example =
        "as in starts = [[-1.0, 0.0], [1.0, 0.0]], or [-1.0, 1.0] in one dimension, or [{ kind = \"zero\" }]";
    if (!ensemble.has("starts")) { throw ensemble.missing("starts", "list at least one start, " + example); }
    const Value written = ensemble.raw("starts");
    if (!written.is_array() || written.size() == 0) {
        throw ensemble.wrong("starts", "is " + describe(written), "list at least one start, " + example);
    }
    Value::Array rows;
    std::size_t length = 0;
    for (const Value& start : written.array()) {
        const std::string path = ensemble.path() + ".starts." + std::to_string(rows.size());
        if (start.is_table()) {
            read.named_starts.push_back({rows.size(), start});
            read.starts.emplace_back();
            rows.push_back(start);
            continue;
        }
        std::vector<double> numbers = to_vector(start, path, Range::any(), 0);
        if (length > 0 && numbers.size() != length) {
            throw wrong_value(start, path, "has length " + std::to_string(numbers.size()),
                              "every start must be as long as the first, " + std::to_string(length));
        }
        length = numbers.size();
        rows.push_back(Value::array_of(numbers));
        read.starts.push_back(std::move(numbers));
    }
    ensemble.resolve("starts", Value(std::move(rows)));
}

std::vector<std::int64_t> read_listed_steps(Settings& steps) {
    for (const char* key : {"last", "spacing", "count", "time"}) {
        if (!steps.has(key)) continue;
        throw steps.wrong(key, "stands beside at", "write either at = [1, 2, 5] or last, spacing and count");
    }
    std::vector<std::int64_t> listed = steps.integers("at", IntegerRange::between(0, largest_step));
    for (std::size_t i = 1; i < listed.size(); ++i) {
        if (listed[i] > listed[i - 1]) continue;
        throw steps.wrong("at", "goes from " + std::to_string(listed[i - 1]) + " to " + std::to_string(listed[i]),
                          "the steps must ascend strictly");
    }
    if (listed.back() < 1) throw steps.wrong("at", "holds only the start, step 0", "add at least one step >= 1");
    if (static_cast<std::int64_t>(listed.size()) > most_checkpoints) {
        throw steps.wrong("at", "lists " + std::to_string(listed.size()) + " steps",
                          "list at most " + std::to_string(most_checkpoints));
    }
    return listed;
}

std::vector<std::int64_t> read_spaced_steps(Settings& steps) {
    const std::int64_t last = steps.integer("last", IntegerRange::between(1, largest_step));
    const std::string spacing = steps.word("spacing", {"log", "linear", "every"});
    if (spacing == "every") {
        if (steps.has("count")) throw steps.wrong("count", "stands beside spacing = \"every\"", "leave count out");
        if (last > most_checkpoints) {
            throw steps.wrong("last", "asks for " + std::to_string(last) + " checkpoints",
                              "with spacing = \"every\" it must be at most " + std::to_string(most_checkpoints));
        }
        return every_step_grid(last);
    }
    if (spacing == "log") return log_grid(last, steps.integer("count", IntegerRange::between(2, most_checkpoints)));
    return linear_grid(last, steps.integer("count", IntegerRange::between(1, most_checkpoints)));
}

std::vector<std::int64_t> read_steps(Settings& ensemble) {
    const std::string example =
        "write steps = { last = 1000, spacing = \"log\", count = 48 }, or steps = { at = [1, 2, 5] }";
    if (!ensemble.has("steps")) throw ensemble.missing("steps", example);
    const Value written = ensemble.raw("steps");
    if (!written.is_table()) throw ensemble.wrong("steps", "is " + describe(written), example);
    Settings steps = ensemble.table("steps");
    if (steps.has("at")) return read_listed_steps(steps);
    if (!steps.has("time")) return read_spaced_steps(steps);
    for (const char* key : {"last", "spacing", "count"})
        if (steps.has(key)) throw steps.wrong(key, "stands beside time", "write time = [0.5, 1.0] alone");
    steps.raw("time");
    return {};  // read_times knows them
}

Configuration::Ensemble read_ensemble(Settings ensemble, const KnownNames& known) {
    if (!ensemble.has("seed")) {
        throw ensemble.missing(
            "seed",
            "every run needs a seed, the number that names its random draws and makes it repeatable; "
            "write one of your own under [ensemble], for example seed = 20260330");
    }
    Configuration::Ensemble read;
    read.seed = static_cast<std::uint64_t>(ensemble.integer("seed", IntegerRange::non_negative()));
    read.replicas = static_cast<std::uint64_t>(ensemble.integer("replicas", IntegerRange::between(1, most_replicas)));
    read_starts(ensemble, read);
    read.orders = ensemble.words("orders", known.orders, read.orders);
    if (read.orders.empty()) {
        throw ensemble.wrong("orders", "is empty", "name at least one; " + suggestion("", known.orders));
    }
    read.steps = read_steps(ensemble);
    read.merge_tolerance = ensemble.number("merge_tolerance", 0.0, Range::non_negative());
    read.backward = ensemble.word("backward", backward_methods, "sweep");
    return read;
}

/// Both "model.lambda" = [...] and model.lambda = [...] under [sweep], the latter being a table in a table; instead of
/// the list, a range: { from = 0.1, to = 0.9, count = 5, spacing = "linear" }.
void read_axes(const Value& table, const std::string& parent, std::vector<Configuration::SweepAxis>& axes) {
    for (const Value::Entry& entry : table.entries()) {
        const std::string key = parent.empty() ? entry.key : parent + "." + entry.key;
        const bool spaced = is_spaced_values(entry.value);
        if (entry.value.is_table() && entry.value.size() > 0 && !spaced) {
            read_axes(entry.value, key, axes);
            continue;
        }
        const std::string path = "sweep.\"" + key + "\"";
        const std::string& where = entry.origin.empty() ? path : entry.origin;
        const std::vector<std::string> segments = parse_path(key, where);
        if (segments.size() < 2 || segments.front() != "model" || key == "model.kind") {
            throw wrong_value(Value().set_origin(entry.origin), path, "cannot be swept",
                              "name a number of the model, as in \"model.lambda\" = [0.3, 0.5]");
        }
        const auto same = [&](const auto& axis) { return parse_path(axis.key, where) == segments; };
        if (std::any_of(axes.begin(), axes.end(), same)) {
            throw wrong_value(Value().set_origin(entry.origin), path, "is given twice", "keep one of the two lists");
        }
        const Value listed = spaced ? Value(spaced_values(entry.value, path)) : entry.value;
        const std::vector<double> numbers = to_vector(listed, path, Range::any(), 0);
        Configuration::SweepAxis axis{key, listed.is_array() ? listed.array() : Value::Array{listed}};
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const auto end = numbers.begin() + static_cast<std::ptrdiff_t>(i);
            if (std::find(numbers.begin(), end, numbers[i]) == end) continue;
            throw wrong_value(axis.values[i], path + "." + std::to_string(i),
                              "is " + describe(axis.values[i]) + " a second time", "list each value only once");
        }
        axes.push_back(std::move(axis));
    }
}

std::vector<Configuration::SweepAxis> read_sweep(Settings& root) {
    std::vector<Configuration::SweepAxis> axes;
    if (!root.has("sweep")) return axes;
    const Value written = root.raw("sweep");
    if (!written.is_table()) {
        throw root.wrong("sweep", "is " + describe(written), "it must be a table, as in \"model.lambda\" = [0.3, 0.5]");
    }
    read_axes(written, "", axes);
    std::size_t points = 1;
    for (const auto& axis : axes) {
        points *= axis.values.size();
        if (points <= most_points) continue;
        throw root.wrong("sweep", "has more than " + std::to_string(most_points) + " points",
                         "the product of the lengths of its lists must be at most that");
    }
    return axes;
}

/// model.step at all points of the sweep.
std::vector<double> step_sizes(const Configuration& configuration, const Value& times, const std::string& path) {
    for (const auto& axis : configuration.sweep) {
        if (parse_path(axis.key, "sweep") != std::vector<std::string>{"model", "step"}) continue;
        std::vector<double> sizes;
        for (const Value& value : axis.values) sizes.push_back(value.number());
        return sizes;
    }
    const Value* step = configuration.model.find("step");
    if (step && step->is_numeric()) return {step->number()};
    throw wrong_value(times, path, "stands in a run whose model has no constant step",
                      "times are t = n model.step; write at = [1, 2, 5] instead");
}

/// steps = { time = [0.5, 1.0] }: they need the model and the sweep.
void read_times(const Value& root, Configuration& configuration) {
    const Value* times = root.find("ensemble")->find("steps")->find("time");
    if (!times) return;
    const std::string path = "ensemble.steps.time";
    configuration.ensemble.steps = time_grid(*times, step_sizes(configuration, *times, path), path);
    configuration.ensemble.times = to_vector(*times, path, Range::positive(), 0);
    if (std::int64_t(configuration.ensemble.steps.size()) > most_checkpoints)
        throw wrong_value(*times, path, "makes " + std::to_string(configuration.ensemble.steps.size()) + " checkpoints",
                          "times and points of the sweep may make at most " + std::to_string(most_checkpoints));
}

Configuration::Record::Spike read_spike(Settings table, const Configuration& configuration) {
    const auto& steps = configuration.ensemble.steps;
    Configuration::Record::Spike spike;
    spike.step = table.integer("step", IntegerRange::between(1, steps.back()));
    if (steps.front() >= spike.step)
        throw table.wrong("step", "is " + std::to_string(spike.step), "the loss before it needs a checkpoint; the first is " + std::to_string(steps.front()));
    spike.until = table.integer("until", steps.back(), IntegerRange::between(spike.step, steps.back()));
    if (std::none_of(steps.begin(), steps.end(), [&](std::int64_t n) { return n >= spike.step && n <= spike.until; }))
        throw table.wrong("until", "is " + std::to_string(spike.until), "there is no checkpoint from the spike to there");
    if (table.has("level")) spike.level = table.number("level");
    return spike;
}

Configuration::Record read_record(Settings record, const Configuration& configuration, const KnownNames& known) {
    Configuration::Record read;
    read.states = record.flag("states", configuration.sweep.empty());
    const std::size_t points = sweep_points(configuration);
    if (read.states && points > most_points_with_states) {
        throw record.wrong("states", "is true for a sweep of " + std::to_string(points) + " points",
                           "states are kept for at most 64 points; write states = false");
    }
    read.observables = record.words("observables", known.observables, {});
    read.paths = record.integer("paths", 0, IntegerRange::between(0, most_paths));
    if (static_cast<std::uint64_t>(read.paths) > configuration.ensemble.replicas) {
        throw record.wrong("paths", "is " + std::to_string(read.paths),
                           "it must be at most ensemble.replicas, " + std::to_string(configuration.ensemble.replicas));
    }
    read.every_step_moments = record.word("moments", moment_grids, "checkpoints") == "every_step";
    read.window = record.integer("window", 0, IntegerRange::between(0, most_checkpoints));
    if (read.window == 1) throw record.wrong("window", "is 1", "a variance needs at least 2 checkpoints; 0 records none");
    if (auto spike = record.optional_table("spike")) read.spike = read_spike(*spike, configuration);
    read.precision = record.word("precision", precisions, "float64");
    return read;
}

Configuration::Verify read_verify(Settings verify, const KnownNames& known) {
    Configuration::Verify read;
    read.alpha = verify.number("alpha", read.alpha, Range::open(0.0, 0.5));
    read.claims = verify.words("claims", known.claims, {});
    Settings assume = verify.table_or_empty("assume");
    for (const KnownNames::Constant& constant : known.constants) {
        if (assume.has(constant.name)) {
            read.assume.emplace_back(constant.name, assume.number(constant.name, constant.range));
        }
    }
    return read;
}

}  // namespace

Configuration read_configuration(const Value& root, const KnownNames& known) {
    Settings settings(root);
    Configuration read;
    read.title = settings.text("title", "");
    if (!settings.has("model")) {
        throw settings.missing("model", "write a table [model] that begins with kind = \"...\"");
    }
    read.model = settings.raw("model");
    Settings(read.model, "model").text("kind");
    if (!settings.has("ensemble")) {
        throw settings.missing("ensemble", "write a table [ensemble] with seed, replicas, starts and steps");
    }
    read.ensemble = read_ensemble(settings.table("ensemble"), known);
    if (auto stop = settings.optional_table("stop")) {
        read.stop = Configuration::Stop{stop->number("product", Range::open(0.0, 1.0)),
                                        stop->integer("max_steps", IntegerRange::between(1, largest_step))};
    }
    read.sweep = read_sweep(settings);
    read_times(root, read);
    read.record = read_record(settings.table_or_empty("record"), read, known);
    read.verify = read_verify(settings.table_or_empty("verify"), known);
    settings.finish();
    return read;
}

std::size_t sweep_points(const Configuration& configuration) {
    std::size_t points = 1;
    for (const auto& axis : configuration.sweep) points *= axis.values.size();
    return points;
}

Value model_at(const Configuration& configuration, std::size_t point) {
    Value root = Value::table();
    root.set("model", configuration.model);
    for (std::size_t i = configuration.sweep.size(); i-- > 0;) {
        const auto& axis = configuration.sweep[i];
        const Value& value = axis.values[point % axis.values.size()];
        const std::string where = value.origin().empty() ? "sweep" : value.origin();
        set_at(root, parse_path(axis.key, where), value, where);
        point /= axis.values.size();
    }
    return *root.find("model");
}

}  // namespace foldback
