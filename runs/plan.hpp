#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/claim.hpp"
#include "analysis/claims_file.hpp"
#include "sim/configuration.hpp"
#include "sim/ensemble.hpp"
#include "sim/model.hpp"

namespace foldback {

/// One point of a sweep; a run without [sweep] has one.
struct PlannedPoint {
    std::shared_ptr<const Model> model;
    Setup setup;
    FilePlan claims;
    EnsemblePlan ensemble;
};

/// A run, everything fixed before the first replica.
struct RunPlan {
    Configuration configuration;   ///< complete: the model's defaults, the observables that claims need
    std::string hash;              ///< of what makes two runs the same run
    std::vector<PlannedPoint> points;
    SweepAxes sweep;
    std::vector<SweepClaimPlan> sweep_claims;  ///< as in all_sweep_claims()
    std::size_t tests = 0;         ///< m: statistical tests of the whole file
    bool verified = true;          ///< whether the run ends by verifying

    bool is_sweep() const { return !configuration.sweep.empty(); }
    std::vector<FilePlan> claim_plans() const;
    std::vector<const Setup*> setups() const;  ///< of the points
};

/// The names that a configuration may use with these models.
KnownNames known_names();

/// Plans the run that the configuration tree describes; files that it names are looked for in `folder`. `verified`: the run
/// also records what its applicable claims need. Throws ConfigError, FileError for files of data.
RunPlan plan_run(const Value& root, const ModelRegistry& models, bool verified, const std::filesystem::path& folder = {});

/// A parameter of the model as the file holds it, at a point of the sweep.
using StoredParameter = std::function<NamedArray(const std::string& name, const SweepAxes& sweep, std::size_t point)>;

/// Plans from a complete configuration as a file keeps it; data come from the model's parameters there, too, not from the file of
/// data that the configuration names. Nothing is added to what is recorded.
RunPlan plan_from_file(const Value& resolved, const ModelRegistry& models, const StoredParameter& stored);

}  // namespace foldback
