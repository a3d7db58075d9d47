#include <doctest/doctest.h>

#include <filesystem>
#include <numeric>

#include "models/data/dataset.hpp"
#include "runs/commands.hpp"
#include "runs/file_contents.hpp"
#include "runs/resume.hpp"
#include "runs/toml_file.hpp"
#include "sim/error.hpp"
#include "sim/model_of.hpp"
#include "sim/random_map.hpp"
#include "sim/settings.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace foldback;

namespace {

/// x -> a x + N + the mean of the targets.
struct Rows {
    static constexpr const char* kind = "rows";
    static constexpr const char* summary = "x -> a x + N + the mean of the targets";
    static constexpr const char* example = "[model]\nkind = \"rows\"\na = 0.5\ndata = { file = \"rows.csv\" }\n";
    static constexpr Bits bits = Bits::portable;
    double a;
    std::shared_ptr<const Dataset> data;
    double mean = std::accumulate(data->targets.begin(), data->targets.end(), 0.0) / static_cast<double>(data->rows);

    static Rows from(Settings& table) {
        const double a = table.number("a", Range::any());
        Settings keys = table.table("data");
        return {a, read_dataset(keys, Targets::numbers)};
    }
    std::vector<NamedArray> parameters() const {
        std::vector<NamedArray> all = arrays_of(*data);
        all.push_back({"a", {}, {a}});
        all.push_back({"one_and_a", {2}, {1, a}});
        return all;
    }
    template <class R>
    struct Parameter {
        R shift;
    };
    Consumption consumption() const { return {.normals = 1}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {w.normal() + R(mean)};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = R(a) * x + p.shift;
    }
    Truth truth() const { return {}; }
};

using Lengths = std::vector<std::size_t>;

/// A folder with rows.csv and run.toml, and what the program does with them.
struct Experiment {
    explicit Experiment(const std::string& more = {}, const std::string& keys = {}) {
        write_contents(folder / "rows.csv", "u,v,y\n1,2,3\n4,5,7\n6,7,8\n7,9,2\n");
        write_contents(folder / "run.toml", "[model]\nkind = \"rows\"\na = 0.5\n[model.data]\nfile = \"rows.csv\"\n" +
                                                keys +
                                                "[ensemble]\nseed = 1\nreplicas = 70\nstarts = [[0.0]]\n"
                                                "steps = { at = [1] }\n" +
                                                more);
        models.add(entry_of<Rows>());
    }
    RunPlan plan() const {
        return plan_run(read_configuration_file(folder / "run.toml", {}), models, true, folder / "");
    }
    OutputFile begin(const RunPlan& run) const {
        OutputFile file = OutputFile::create(folder / "run.h5", layout_of(run, {}));
        write_known(file, run);
        return file;
    }
    InputFile part() const { return open_foldback_file(folder / "run.h5.part", true); }
    Lengths shape(const char* path) const { return part().variable(path).shape; }
    RunPlan plan_again() const { return plan_of_file(part(), models); }
    std::string refusal_to_resume() const {
        try {
            RunOptions options;
            resume_run(folder / "run.h5", plan(), options);
        } catch (const ConfigError& error) { return error.what(); }
        return "nothing was thrown";
    }

    ScratchFolder folder;
    ModelRegistry models;
};

std::vector<double> parameter(const RunPlan& run, std::size_t point, const std::string& name) {
    for (const NamedArray& array : run.points.at(point).model->parameters())
        if (array.name == name) return array.values;
    return {};
}

const char* const over_a = "[sweep]\n\"model.a\" = [0.5, 0.25, 0.125]\n";
const char* const over_train = "[sweep]\n\"model.data.train\" = [3, 4]\n\"model.a\" = [0.5, 0.25]\n";

}  // namespace

TEST_CASE("data in runs: the file is complete, the CSV may be gone") {
    const Experiment experiment({}, "standardise = true\ntrain = 3\n");
    const RunPlan run = experiment.plan();
    const OutputFile file = experiment.begin(run);
    std::filesystem::remove(experiment.folder / "rows.csv");
    CHECK_THROWS_AS(experiment.plan(), FileError);
    const RunPlan again = experiment.plan_again();
    CHECK(again.hash == run.hash);
    CHECK(again.configuration == run.configuration);
    for (const char* name : {"features", "targets", "feature_mean", "feature_scale"})
        CHECK(parameter(again, 0, name) == parameter(run, 0, name));
}

TEST_CASE("data in runs: a damaged file is refused, not believed") {
    const Experiment experiment;
    OutputFile file = experiment.begin(experiment.plan());
    const std::vector<double> other = {3, 7, 8, 2.5};
    file.write_all("/model/targets", other.data());
    CHECK_THROWS_WITH_AS(experiment.plan_again(), doctest::Contains("model.data.sha256"), FileError);
}

TEST_CASE("data in runs: the digest of the data is part of the configuration") {
    const Experiment experiment;
    const RunPlan run = experiment.plan();
    { const OutputFile file = experiment.begin(run); }
    CHECK(experiment.refusal_to_resume() == "nothing was thrown");
    write_contents(experiment.folder / "rows.csv", "u,v,y\n1,2,3\n4,5,7\n6,7,8\n7,9,2.5\n");
    CHECK(experiment.plan().hash != run.hash);
    CHECK(experiment.refusal_to_resume().find("model.data.sha256: '") != std::string::npos);
}

TEST_CASE("data in runs: what is equal at all points of a sweep is stored once") {
    const Experiment experiment(over_a);
    const RunPlan run = experiment.plan();
    { const OutputFile file = experiment.begin(run); }
    CHECK(experiment.shape("/model/features") == Lengths{4, 2});
    CHECK(experiment.shape("/model/targets") == Lengths{4});
    CHECK(experiment.shape("/model/a") == Lengths{3});
    CHECK(experiment.part().variable("/model/a").dimensions == std::vector<std::string>{"model.a"});
    CHECK(experiment.part().read<double>("/model/a") == std::vector<double>{0.5, 0.25, 0.125});
    CHECK(experiment.part().read<double>("/model/one_and_a") == std::vector<double>{1, 0.5, 1, 0.25, 1, 0.125});
    // The digest is known of a sweep, too, and changed data are refused by it.
    CHECK(run.configuration.model.find("data")->find("sha256")->text().size() == 64);
    CHECK(experiment.refusal_to_resume() == "nothing was thrown");
    std::filesystem::rename(experiment.folder / "rows.csv", experiment.folder / "gone.csv");
    const RunPlan again = experiment.plan_again();
    CHECK(again.hash == run.hash);
    CHECK(again.configuration == run.configuration);
    for (std::size_t p = 0; p < 3; ++p) {
        CHECK(parameter(again, p, "features") == parameter(run, p, "features"));
        CHECK(parameter(again, p, "a") == parameter(run, p, "a"));
    }
    write_contents(experiment.folder / "rows.csv", "u,v,y\n1,2,3\n4,5.5,7\n6,7,8\n7,9,2\n");
    CHECK(experiment.refusal_to_resume().find("model.data.sha256: '") != std::string::npos);
}

TEST_CASE("data in runs: what differs between points is stored by point, along all axes") {
    const Experiment experiment(over_train, "standardise = true\n");
    const RunPlan run = experiment.plan();
    { const OutputFile file = experiment.begin(run); }
    CHECK(experiment.shape("/model/features") == Lengths{2, 2, 4, 2});
    CHECK(experiment.shape("/model/targets") == Lengths{4});
    CHECK(parameter(run, 0, "features") != parameter(run, 2, "features"));
    CHECK(run.configuration.model.find("data")->find("sha256") == nullptr);
    std::filesystem::rename(experiment.folder / "rows.csv", experiment.folder / "gone.csv");
    const RunPlan again = experiment.plan_again();
    CHECK(again.hash == run.hash);
    for (std::size_t p = 0; p < 4; ++p) {
        for (const char* name : {"features", "targets", "feature_mean", "feature_scale", "a"})
            CHECK(parameter(again, p, name) == parameter(run, p, name));
    }
    write_contents(experiment.folder / "rows.csv", "u,v,y\n1,2,3\n4,5.5,7\n6,7,8\n7,9,2\n");
    CHECK(experiment.refusal_to_resume().find("another features here than in the file, /model/features") !=
          std::string::npos);
}

TEST_CASE("data in runs: points whose arrays have different shapes are refused") {
    const Experiment experiment("[sweep]\n\"model.data.rows\" = [3, 4]\n");
    std::filesystem::remove(experiment.folder / "rows.csv");
    Value root = read_configuration_file(experiment.folder / "run.toml", {});
    Value& data = *root.find("model")->find("data");
    data = parse_toml("generator = \"linear\"\nseed = 1\nrows = 3\ncolumns = 1\nnoise = 1.0\n", "data.toml");
    CHECK_THROWS_WITH_AS(layout_of(plan_run(root, experiment.models, true), {}),
                         doctest::Contains("parameter 'features' has another shape at point 1"), ConfigError);
}
