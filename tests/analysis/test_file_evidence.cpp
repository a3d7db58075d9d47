#include "analysis/file_evidence.hpp"

#include <doctest/doctest.h>

#include "sim/ensemble_layout.hpp"
#include "sim/error.hpp"
#include "tests/support/example_file.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace foldback;
using foldback::example::variable;

namespace {

// 500 items of a replica: a variable is read in a dozen parts, the last of them shorter.
constexpr std::size_t replicas = 3'001, starts = 2, steps = 125, components = 2;
constexpr std::size_t items = starts * steps * components;

double state_of(std::size_t replica, std::size_t item) { return double(replica) * 1'000 + double(item); }

void add_moments(Layout& layout, Order order, const char* axis, std::vector<std::int64_t> numbers) {
    const std::string group = moments_group(order);
    layout.groups.push_back({group, {}});
    layout.scales.push_back({group + "/" + axis, Type::int64, numbers.size(), numbers, "1", "number of maps composed"});
    layout.scales.push_back({group + "/start", Type::int64, starts, {}, "1", "start"});
    layout.scales.push_back({group + "/component", Type::int64, components, {}, "1", "component"});
    layout.variables.push_back(variable(group + "/count", Type::uint64, {"start", axis}));
    for (const char* name : {"mean", "m2", "m3", "m4", "min", "max"})
        layout.variables.push_back(variable(group + "/" + name, Type::float64, {"start", axis, "component"}));
}

Layout layout_of() {
    Layout layout;
    layout.scales.push_back({"/replica", Type::int64, replicas, {}, "1", "replica"});
    const std::string group = "/backward";
    layout.groups.push_back({group, {}});
    layout.scales.push_back({group + "/step", Type::int64, steps, {}, "1", "number of maps composed"});
    layout.scales.push_back({group + "/start", Type::int64, starts, {}, "1", "start"});
    layout.scales.push_back({group + "/component", Type::int64, components, {}, "1", "component"});
    layout.variables.push_back(variable(path_of(Quantity::state, Order::backward), Type::float64, {"replica", "start", "step", "component"}));
    layout.variables.push_back(variable(path_of(Quantity::diverged_step, Order::backward), Type::float64, {"replica", "start"}));
    layout.variables.push_back(variable(path_of(Quantity::increment, Order::backward), Type::float64, {"replica", "step"}));
    add_moments(layout, Order::backward, "step", {1, 5, 7});
    add_moments(layout, Order::forward, "every_step", {1, 2, 3, 4, 5, 6, 7});
    return layout;
}

/// Value i of an array of moments is i, plus a number of the array's own.
void write_moments(OutputFile& file, Order order, std::size_t numbers) {
    const std::string group = moments_group(order);
    std::vector<std::uint64_t> count(starts * numbers);
    for (std::size_t i = 0; i < count.size(); ++i) count[i] = 10 + i;
    file.write_all(group + "/count", std::span<const std::uint64_t>(count));
    double own = 0;
    for (const char* name : {"mean", "m2", "m3", "m4", "min", "max"}) {
        std::vector<double> values(starts * numbers * components);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = own + double(i);
        file.write_all(group + "/" + name, std::span<const double>(values));
        own += 1'000;
    }
}

OutputFile written(const std::filesystem::path& name) {
    OutputFile file = OutputFile::create(name, layout_of());
    std::vector<double> state(replicas * items);
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = state_of(i / items, i % items);
    file.write_all(path_of(Quantity::state, Order::backward), std::span<const double>(state));
    std::vector<double> diverged(replicas * starts, 0.0);
    for (std::size_t r = 0; r < 7; ++r) diverged[r * starts + 1] = 3;  // 7 replicas from the second start, at step 3
    file.write_all(path_of(Quantity::diverged_step, Order::backward), std::span<const double>(diverged));
    write_moments(file, Order::backward, 3);
    write_moments(file, Order::forward, 7);
    return file;
}

Setup setup() {
    Setup setup;
    setup.replicas = replicas;
    setup.dimension = int(components);
    setup.steps = {1, 5, 7};
    return setup;
}

}  // namespace

TEST_CASE("file evidence: a series read by parts is the variable's column") {
    const ScratchFolder folder;
    const OutputFile output = written(folder / "evidence.h5");
    const InputFile file(output.part());
    const FileEvidence evidence(setup(), file);
    for (std::size_t start = 0; start < starts; ++start)
        for (std::size_t step : {std::size_t(0), std::size_t(17), steps - 1})
            for (std::size_t component = 0; component < components; ++component) {
                const auto series = evidence.values({Quantity::state, Order::backward, start, step, component});
                REQUIRE(series.size() == replicas);
                const std::size_t item = (start * steps + step) * components + component;
                std::size_t wrong = 0;
                for (std::size_t r = 0; r < replicas; ++r) wrong += series[r] != state_of(r, item);
                CHECK(wrong == 0);
            }
    CHECK(evidence.diverged(Order::backward, 0) == 0);
    CHECK(evidence.diverged(Order::backward, 1) == 7);
}

TEST_CASE("file evidence: what is there, and what has another shape than its quantity") {
    const ScratchFolder folder;
    const OutputFile output = written(folder / "evidence.h5");
    const InputFile file(output.part());
    const FileEvidence evidence(setup(), file);
    CHECK(evidence.has(Quantity::state, Order::backward));
    CHECK_FALSE(evidence.has(Quantity::state, Order::forward));
    CHECK_THROWS_AS((void)evidence.values({Quantity::increment, Order::backward, 0, 1, 0}), InternalError);
}

TEST_CASE("file evidence: moments of a checkpoint, also where every step has them") {
    const ScratchFolder folder;
    const OutputFile output = written(folder / "evidence.h5");
    const InputFile file(output.part());
    const FileEvidence evidence(setup(), file);
    const SampleMoments some = evidence.moments(Order::backward, 1, 1, 1);  // row 1 * 3 + 1, of two components
    CHECK(some.count == 14);
    CHECK(some.mean == 9);
    CHECK(some.m2 == 1'009);
    CHECK(some.m3 == 2'009);
    CHECK(some.m4 == 3'009);
    CHECK(some.min == 4'009);
    CHECK(some.max == 5'009);
    const SampleMoments every = evidence.moments(Order::forward, 1, 1, 0);  // step 5: row 1 * 7 + 4
    CHECK(every.count == 21);
    CHECK(every.mean == 22);
}
