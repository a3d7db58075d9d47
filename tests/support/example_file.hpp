#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/output_file.hpp"

// A small file with every kind of object that foldback writes, and data that depend on nothing but their place.
namespace foldback::example {

inline constexpr std::size_t replicas = 22;
inline constexpr std::size_t rows_per_block = 4;
inline constexpr std::size_t blocks = 6;  // the last one has two rows
inline constexpr std::size_t steps = 5;

inline Variable variable(std::string path, Type type, std::vector<std::string> dimensions) {
    Variable made;
    made.path = std::move(path);
    made.type = type;
    made.dimensions = std::move(dimensions);
    made.long_name = "example of " + made.path;
    return made;
}

inline Variable result(Variable made, std::size_t rows) {
    made.result = true;
    made.rows_per_block = rows;
    return made;
}

inline void add_order(Layout& layout, const std::string& group) {
    layout.groups.push_back({group, {{"order", group.substr(1)}}});
    layout.scales.push_back({group + "/step", Type::int64, steps, std::vector<std::int64_t>{1, 2, 5, 10, 100}, "1",
                             "number of maps composed"});
    layout.scales.push_back({group + "/start", Type::int64, 2, {}, "1", "start"});
    layout.scales.push_back({group + "/component", Type::int64, 3, {}, "1", "component of the state"});
    layout.variables.push_back(
        result(variable(group + "/state", Type::float64, {"replica", "start", "step", "component"}), rows_per_block));
    layout.variables.push_back(
        result(variable(group + "/increment", Type::float64, {"replica", "step"}), rows_per_block));
    layout.variables.push_back(result(variable(group + "/diverged_at", Type::int64, {"replica"}), rows_per_block));
}

inline void add_claim(Layout& layout, const std::string& group) {
    layout.groups.push_back({group,
                             {{"statement", "W_p(mu P^n, pi) <= rho^n W_p(mu, pi)"},
                              {"assumptions", std::vector<std::string>{"contraction", "moment ≥ p"}},
                              {"failed_assumption", "", 64},
                              {"nothing", ""},
                              {"tol", 1e-12},
                              {"tests", std::int64_t{10}}}});
    layout.scales.push_back({group + "/case", Type::int64, 2, {}, "1", "case"});
    layout.scales.push_back({group + "/step_size", Type::float64, 3, std::vector<double>{0.5, 0.25, 0.125}, "s", "h"});
    layout.string_arrays.push_back({group + "/case_label", "case", {"first", ""}, "what the case is"});
    for (const auto* name : {"measured", "lower", "upper", "bound"})
        layout.variables.push_back(variable(group + "/" + name, Type::float64, {"case", "step_size"}));
    auto verdict = variable(group + "/verdict", Type::int8, {"case", "step_size"});
    verdict.fill = 3;
    verdict.attributes = {{"flag_values", std::vector<std::int8_t>{0, 1, 2, 3}},
                          {"flag_meanings", "holds violated inconclusive not_applicable"}};
    layout.variables.push_back(verdict);
    layout.variables.push_back(variable(group + "/overall", Type::int8, {}));
}

/// `width` numbers of a replica in one of the results: a large one leaves holes where space is not reserved.
inline Layout layout(std::size_t width = 4) {
    Layout made;
    made.attributes = {{"format", "example 1.0"},
                       {"status", "partial", 16},
                       {"finished", "", 32},
                       {"seed", std::int64_t{20260330}},
                       {"rates", std::vector<double>{0.5, 0.25}},
                       {"counts", std::vector<std::int64_t>{1, 2, 3}},
                       {"libraries", std::vector<std::string>{"HDF5 1.10", "Größe"}},
                       {"axis_order", "C"},
                       {"progress_of_claims", std::int64_t{0}}};
    made.scales.push_back({"/replica", Type::int64, replicas, {}, "1", "replica"});
    made.texts.push_back({"/config/text", "[model]\nkind = \"example\"  # ρ < 1\n", "configuration"});
    made.texts.push_back({"/config/empty", "", "nothing"});
    made.variables.push_back(variable("/model/rate", Type::float64, {}));
    add_order(made, "/forward");
    add_order(made, "/backward");
    made.scales.push_back({"/stopped/backward/start", Type::int64, 2, {}, "1", "start"});
    made.scales.push_back({"/stopped/backward/component", Type::int64, width, {}, "1", "component of the state"});
    made.variables.push_back(
        result(variable("/stopped/backward/state", Type::float64, {"replica", "component"}), rows_per_block));
    auto censored = result(variable("/stopped/backward/censored", Type::int8, {"replica"}), rows_per_block);
    censored.attributes = {{"dtype", "bool"}};
    made.variables.push_back(censored);
    made.scales.push_back({"/moments/forward/step", Type::int64, steps, std::vector<std::int64_t>{1, 2, 5, 10, 100},
                           "1", "number of maps composed"});
    made.variables.push_back(result(variable("/moments/forward/mean", Type::float64, {"step"}), 0));
    made.variables.push_back(result(variable("/moments/forward/count", Type::uint64, {"step"}), 0));
    made.variables.push_back(variable("/moments/forward/single", Type::float32, {"step"}));
    made.variables.push_back(variable("/moments/forward/small", Type::int32, {"step"}));
    add_claim(made, "/claims/contraction");
    add_claim(made, "/claims/stability");
    add_progress(made, blocks);
    auto moments = variable("/progress/moments", Type::float64, {"block", "kind"});
    moments.rows_per_block = 1;
    made.scales.push_back({"/progress/kind", Type::int64, 2, {}, "1", "count and sum"});
    made.variables.push_back(moments);
    return made;
}

/// Element `i` of the example's variable number `which`.
inline double value(std::size_t which, std::size_t i) {
    return static_cast<double>((i * 2654435761U + which * 40503U) % 100003U) / 7.0;
}

template <class T>
void write_block_of(OutputFile& file, const char* path, std::size_t which, std::size_t block) {
    const auto bytes = file.block_bytes(path, block);
    std::vector<T> data(bytes / sizeof(T));
    const auto first = block * rows_per_block * (data.size() / file.block_rows(path, block));
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<T>(value(which, first + i));
    file.write_block(path, block, data.data());
}

inline void compute_block(OutputFile& file, std::size_t block) {
    write_block_of<double>(file, "/forward/state", 0, block);
    write_block_of<double>(file, "/forward/increment", 1, block);
    write_block_of<std::int64_t>(file, "/forward/diverged_at", 2, block);
    write_block_of<double>(file, "/backward/state", 3, block);
    write_block_of<double>(file, "/backward/increment", 4, block);
    write_block_of<std::int64_t>(file, "/backward/diverged_at", 5, block);
    write_block_of<double>(file, "/stopped/backward/state", 6, block);
    const std::vector<std::int8_t> censored(file.block_rows("/stopped/backward/censored", block), block % 2 == 0);
    file.write_block("/stopped/backward/censored", block, censored.data());
    const double moments[2] = {4.0, static_cast<double>(block)};
    file.write_block("/progress/moments", block, moments);
    const double seconds = 0.25;
    file.write("/progress/seconds", block, 1, &seconds);
    file.mark_block(block);
    if (block % 2 == 1) file.settle();  // kills meet blocks that are marked, done but not marked, and missing
}

/// What a run does once all blocks are done; returns data_sha256.
inline std::string finish(OutputFile& file) {
    const double mean[steps] = {1, 2, 3, 4, 5};
    const std::uint64_t count[steps] = {22, 22, 22, 22, 22};
    const double rate = 0.5;
    file.write_all("/moments/forward/mean", mean);
    file.write_all("/moments/forward/count", count);
    file.write_all("/model/rate", &rate);
    for (const std::string group : {"/claims/contraction", "/claims/stability"}) {
        const double measured[6] = {0, 1, 2, 3, 4, 5};
        const std::int8_t verdict[6] = {0, 0, 1, 2, 3, 0};
        file.write_all(group + "/measured", measured);
        file.write_all(group + "/verdict", verdict);
        file.set_attribute(group, "failed_assumption", "none of them");
    }
    auto sum = file.seal();
    file.set_attribute("/", "progress_of_claims", std::int64_t{2});
    file.set_attribute("/", "finished", "2026-03-30T12:00:00Z");
    file.set_attribute("/", "status", "complete");
    return sum;
}

}  // namespace foldback::example
