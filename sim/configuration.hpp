#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/range.hpp"
#include "sim/value.hpp"

namespace foldback {

/// The names a configuration may use; the registries know them. In a name, # stands for a positive integer: "window_#".
struct KnownNames {
    struct Constant {
        std::string name;
        Range range = Range::any();
    };
    std::vector<std::string> orders;
    std::vector<std::string> observables;
    std::vector<std::string> claims;
    /// What [verify] assume may set.
    std::vector<Constant> constants;
};

/// A run's configuration, checked and complete but for what is inside [model], which the model reads with Settings.
/// Put the model's own resolved table into `model` to make it complete.
struct Configuration {
    struct Ensemble {
        /// 0 .. 2^63 - 1, what TOML can write.
        std::uint64_t seed = 0;
        /// 1 .. 2^32 - 1.
        std::uint64_t replicas = 0;
        /// A start that the model makes, `kind` its name: Model::named_start.
        struct NamedStart {
            std::size_t position = 0;
            Value table;

            friend bool operator==(const NamedStart&, const NamedStart&) = default;
        };
        /// (start, component), at least one, all of one length; empty where a named start stands, until it is made.
        std::vector<std::vector<double>> starts;
        std::vector<NamedStart> named_starts;
        std::vector<std::string> orders = {"forward", "backward"};
        /// The checkpoints, strictly ascending; 0 only in front, the last from 1 to largest_step.
        std::vector<std::int64_t> steps;
        /// Empty, or the times t = n model.step whose steps, at all points of the sweep, make up `steps`.
        std::vector<double> times = {};
        double merge_tolerance = 0.0;
        /// "sweep" or "closed".
        std::string backward = "sweep";

        friend bool operator==(const Ensemble&, const Ensemble&) = default;
    };
    struct Stop {
        /// Stop a replica at the first step whose Lipschitz product is at most this; in (0, 1).
        double product = 0.0;
        /// The step at which a replica that has not stopped is censored; 1 .. largest_step.
        std::int64_t max_steps = 0;

        friend bool operator==(const Stop&, const Stop&) = default;
    };
    struct Record {
        bool states = true;
        std::vector<std::string> observables;
        /// Replicas whose every step is kept, 0 .. 64 and at most ensemble.replicas.
        std::int64_t paths = 0;
        bool every_step_moments = false;
        /// Checkpoints over which variances of loss observables and increments are taken; 0: none, else at least 2.
        std::int64_t window = 0;
        /// Of the states: "float64" or "float32".
        std::string precision = "float64";
        /// A map whose effect on train_loss is recorded: up to checkpoint `until`; `level`: the loss that counts as recovered,
        /// without it each replica's own before the spike.
        struct Spike {
            std::int64_t step = 0, until = 0;
            std::optional<double> level;
            friend bool operator==(const Spike&, const Spike&) = default;
        };
        std::optional<Spike> spike;

        friend bool operator==(const Record&, const Record&) = default;
    };
    struct Verify {
        /// Level per file, in (0, 0.5).
        double alpha = 1e-3;
        /// Empty: all.
        std::vector<std::string> claims;
        std::vector<std::pair<std::string, double>> assume;

        friend bool operator==(const Verify&, const Verify&) = default;
    };
    struct SweepAxis {
        /// A path below model: "model.lambda", "model.maps.0.weight".
        std::string key;
        /// Different finite numbers, at least one; integers stay integers. A range is resolved into its values.
        std::vector<Value> values;

        friend bool operator==(const SweepAxis&, const SweepAxis&) = default;
    };

    std::string title;
    /// The [model] table; its text `kind` is there.
    Value model = Value::table();
    Ensemble ensemble;
    std::optional<Stop> stop;
    Record record;
    Verify verify;
    std::vector<SweepAxis> sweep;

    friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// Reads a whole configuration strictly: ConfigError for the first unknown key, missing key, or value of the wrong type
/// or out of range.
Configuration read_configuration(const Value& root, const KnownNames& known);

/// The complete table, keys in a fixed order, with every default: read_configuration(resolved(c)) == c. The steps stand
/// as at = [...], as last and spacing = "every", or as time = [...].
Value resolved(const Configuration& configuration);

/// The number of sweep points: the product over the axes, 1 without [sweep].
std::size_t sweep_points(const Configuration& configuration);

/// The [model] table of one sweep point, the last axis running fastest. Keys the table lacks are created.
Value model_at(const Configuration& configuration, std::size_t point);

/// What makes two runs the same run: [model], [ensemble], [stop], [record] and [sweep]; lists that are sets sorted, the
/// model's keys sorted, sweep values as doubles.
Value identity(const Configuration& configuration, const Value& resolved_model);

/// SHA-256, in hexadecimal, of the one-line JSON of identity().
std::string configuration_hash(const Configuration& configuration, const Value& resolved_model);

/// Where two tables differ, key by key: "ensemble.replicas: 1000 here, 2000 in the file". Integers and numbers of the
/// same value are equal; of arrays that differ only the first element is named.
std::vector<std::string> differences(const Value& here, const Value& in_file);

}  // namespace foldback
