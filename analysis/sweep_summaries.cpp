#include "analysis/sweep_summaries.hpp"

#include "sim/error.hpp"

namespace foldback {
namespace {

std::string group_of(const SweepClaimPlan& plan) { return "/progress/summaries/" + plan.claim->info().id; }
std::string path_of(const SweepClaimPlan& plan) { return group_of(plan) + "/summary"; }

}  // namespace

void add_summaries(Layout& layout, const std::vector<SweepClaimPlan>& plans) {
    for (const SweepClaimPlan& plan : plans) {
        if (plan.summary_size == 0) continue;
        layout.groups.push_back({group_of(plan), {}});
        layout.scales.push_back({group_of(plan) + "/item",
                                 Type::int64,
                                 plan.summary_size,
                                 {},
                                 "1",
                                 "number in the summary of a point",
                                 {}});
        Variable v{.path = path_of(plan), .dimensions = {"block", "item"}};
        v.long_name = plan.claim->summary_text();
        v.rows_per_block = 1;
        layout.variables.push_back(std::move(v));
    }
}

void write_summaries(OutputFile& file, const std::vector<SweepClaimPlan>& plans, std::size_t point,
                     const Evidence& evidence) {
    for (const SweepClaimPlan& plan : plans) {
        if (plan.summary_size == 0) continue;
        const auto summary = summary_of(plan, point, evidence);
        file.write(path_of(plan), point, 1, std::span(summary));
    }
}

std::vector<std::vector<double>> read_summaries(const InputFile& file, const SweepClaimPlan& plan) {
    const std::string path = path_of(plan);
    if (!file.has(path)) return {};
    const auto shape = file.variable(path).shape;
    if (shape.size() != 2 || shape[1] != plan.summary_size)
        throw FileError(file.name().filename().string() + ": " + path +
                        " has another shape than the claim's summary; " + "verify it with the foldback that wrote it");
    std::vector<std::vector<double>> summaries;
    for (std::size_t p = 0; p < shape[0]; ++p) summaries.push_back(file.read<double>(path, {p, 0}, {1, shape[1]}));
    return summaries;
}

}  // namespace foldback
