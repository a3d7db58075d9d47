#include <doctest/doctest.h>

#include "models/registry.hpp"
#include "runs/plan.hpp"
#include "runs/toml_file.hpp"
#include "sim/error.hpp"

using namespace foldback;

namespace {

using Starts = std::vector<std::vector<double>>;

RunPlan planned(const std::string& starts, const std::string& more = {}) {
    return plan_run(
        parse_toml("[model]\nkind = \"sgd\"\nstep = 0.1\n[model.loss]\nkind = \"quadratic\"\nspectrum = [1.0, 2.0]\n"
                   "optimum = [3.0, 4.0]\nnoise = 0.5\n[ensemble]\nseed = 1\nreplicas = 4\nsteps = { at = [1, 2] }\n"
                   "starts = " +
                       starts + "\n" + more,
                   "run.toml"),
        builtin_models(), false);
}
std::string refused(const std::string& starts, const std::string& more = {}) {
    try {
        planned(starts, more);
    } catch (const ConfigError& error) { return error.what(); }
    return {};
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string normal = "{ kind = \"normal\", scale = 1.0, seed = 5 }";
const std::string optimum = "{ kind = \"optimum\" }";

}  // namespace

TEST_CASE("named starts in runs: the complete configuration has their numbers") {
    const RunPlan run = planned("[[1.0, 2.0], " + optimum + ", { kind = \"zero\" }]");
    CHECK(run.configuration.ensemble.starts == Starts{{1, 2}, {3, 4}, {0, 0}});
    CHECK(run.configuration.ensemble.named_starts.empty());
    CHECK(run.points[0].ensemble.shape.starts == std::vector<double>{1, 2, 3, 4, 0, 0});
    // A name and its numbers are one experiment.
    CHECK(run.hash == planned("[[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]").hash);
    CHECK(run.hash != planned("[[1.0, 2.0], [3.0, 4.5], [0.0, 0.0]]").hash);
}

TEST_CASE("named starts in runs: errors say where") {
    CHECK(has(refused("[{ kind = \"nul\" }]"), "ensemble.starts.0.kind"));
    CHECK(has(refused("[" + optimum + ", { kind = \"zero\", scale = 1.0 }]"), "ensemble.starts.1.scale"));
    CHECK(has(refused("[[1.0, 2.0], { kind = \"normal\", seed = 1 }]"), "ensemble.starts.1.scale"));
    CHECK(has(refused("[" + optimum + ", [1.0]]"), "ensemble.starts"));
}

TEST_CASE("named starts in runs: all points of a sweep have them, or none") {
    CHECK(planned("[" + normal + "]", "[sweep]\n\"model.step\" = [0.1, 0.2]\n").points.size() == 2);
    // The first point's start would not be the second's: here it is, though the loss is swept, there it is not.
    CHECK(planned("[" + optimum + "]", "[sweep]\n\"model.loss.noise\" = [0.1, 0.2]\n").points.size() == 2);
    const std::string trained = "[{ kind = \"trained\", steps = 3, step = 0.1, seed = 1, from = [0.0, 0.0] }]";
    CHECK(planned(trained, "[sweep]\n\"model.step\" = [0.1, 0.2]\n").points.size() == 2);
    CHECK(has(refused(trained, "[sweep]\n\"model.loss.noise\" = [0.1, 0.2]\n"), "ensemble.starts.0 is another start"));
}
