#include "analysis/claims_file.hpp"

#include <algorithm>
#include <limits>

namespace foldback {
namespace {

constexpr std::size_t text_length = 2048;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The plan of claim i at the point where it has most to say.
const ClaimPlan& widest_plan(const std::vector<FilePlan>& plans, std::size_t i) {
    const auto size = [i](const FilePlan& p) { return p.claims[i].applicable ? 1 + p.claims[i].cases.size() * p.claims[i].axis_values.size() : 0; };
    return std::max_element(plans.begin(), plans.end(), [&](const auto& a, const auto& b) { return size(a) < size(b); })->claims[i];
}

std::string group_of(std::size_t i) { return "/claims/" + all_claims()[i]->info().id; }

std::string joined(const std::vector<std::string>& parts, const char* separator) {
    std::string all;
    for (const auto& part : parts) all += (all.empty() ? "" : separator) + part;
    return all;
}

std::string cut(const std::string& text) {
    if (text.size() < text_length) return text;
    std::size_t end = text_length - 4;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside a UTF-8 sequence
    return text.substr(0, end) + "...";
}

struct CellArray {
    const char* name;
    double Cell::*value;
    const char* long_name;
};
constexpr CellArray cell_arrays[] = {
    {"measured", &Cell::measured, "what was measured"},
    {"lower", &Cell::lower, "lower confidence limit of it"},
    {"upper", &Cell::upper, "upper confidence limit of it"},
    {"bound", &Cell::bound, "bound, or value of an equality"},
    {"tightness", &Cell::tightness, "measured / bound"},
};

std::vector<Attribute> verdict_attributes() {
    return {{"flag_values", std::vector<std::int8_t>{0, 1, 2, 3, 4, 5}}, {"flag_meanings", std::string(verdict_flag_meanings())}};
}

void add_claim(Layout& layout, std::size_t i, const ClaimPlan& plan, const SweepAxes& sweep) {
    const std::string group = group_of(i);
    const ClaimInfo& info = all_claims()[i]->info();
    layout.groups.push_back({group,
                             {{"statement", info.statement},
                              {"source", info.source},
                              {"assumptions", info.assumptions},
                              {"failed_assumption", plan.failed_assumption},
                              {"interval", plan.interval},
                              {"scale", plan.scale},
                              {"tol", plan.tol},
                              {"tests", std::int64_t(plan.tests)},
                              {"rests_on", joined(plan.rests_on, "; ")},
                              {"finding", std::string(), text_length},
                              {"notes", std::string(), text_length}}});
    const auto add = [&](std::string name, Type type, bool by_cell, const char* long_name, std::vector<Attribute> attributes) {
        Variable v{.path = group + "/" + std::move(name), .type = type, .dimensions = sweep.names};
        if (by_cell) v.dimensions.insert(v.dimensions.end(), {"case", plan.axis});
        v.long_name = long_name;
        v.attributes = std::move(attributes);
        layout.variables.push_back(std::move(v));
    };
    add("overall", Type::int8, false, "verdict of the claim", verdict_attributes());
    add("replicas_to_decide", Type::float64, false, "replicas that would decide an inconclusive verdict", {});
    if (plan.cases.empty() || plan.axis_values.empty()) return;
    layout.scales.push_back({group + "/case", Type::int64, plan.cases.size(), {}, "1", "what is tested (its name: case_label)", {}});
    layout.scales.push_back({group + "/" + plan.axis, Type::float64, plan.axis_values.size(), plan.axis_values, "1", "where it is tested", {}});
    layout.string_arrays.push_back({group + "/case_label", "case", plan.cases, "what is tested", {}});
    for (const CellArray& array : cell_arrays) add(array.name, Type::float64, true, array.long_name, {});
    add("verdict", Type::int8, true, "verdict of the test", verdict_attributes());
}

void write_claim(OutputFile& file, std::size_t i, const ClaimPlan& plan, const Evaluation& evaluation) {
    const std::string group = group_of(i);
    const std::size_t points = evaluation.points.size(), axis = plan.axis_values.size(), cells = plan.cases.size() * axis;
    std::vector<std::int8_t> overall, verdicts(points * cells, std::int8_t(Verdict::not_applicable));
    std::vector<double> decide;
    std::string finding, notes;
    for (std::size_t p = 0; p < points; ++p) {
        const ClaimResult& result = evaluation.points[p][i];
        overall.push_back(std::int8_t(result.overall));
        decide.push_back(result.overall == Verdict::inconclusive ? result.replicas_to_decide : nan);
        const std::string where = points > 1 ? "point " + std::to_string(p) + ": " : "";
        if (!result.finding.empty()) finding += (finding.empty() ? "" : "\n") + where + result.finding;
        for (const auto& note : result.notes) notes += (notes.empty() ? "" : "\n") + where + note;
        for (std::size_t c = 0; c < result.plan.cases.size() && !result.cells.empty(); ++c)
            for (std::size_t a = 0; a < result.plan.axis_values.size(); ++a)
                verdicts[p * cells + c * axis + a] = std::int8_t(result.at(c, a).verdict);
    }
    file.write_all(group + "/overall", overall.data());
    file.write_all(group + "/replicas_to_decide", decide.data());
    file.set_attribute(group, "finding", cut(finding));
    file.set_attribute(group, "notes", cut(notes));
    if (cells == 0) return;
    for (const CellArray& array : cell_arrays) {
        std::vector<double> values(points * cells, nan);
        for (std::size_t p = 0; p < points; ++p) {
            const ClaimResult& result = evaluation.points[p][i];
            for (std::size_t c = 0; c < result.plan.cases.size() && !result.cells.empty(); ++c)
                for (std::size_t a = 0; a < result.plan.axis_values.size(); ++a) values[p * cells + c * axis + a] = result.at(c, a).*array.value;
        }
        file.write_all(group + "/" + array.name, values.data());
    }
    file.write_all(group + "/verdict", verdicts.data());
}

}  // namespace

std::size_t SweepAxes::points() const {
    std::size_t n = 1;
    for (const auto& axis : values) n *= axis.size();
    return n;
}

void add_claims(Layout& layout, const std::vector<FilePlan>& plans, double alpha, std::size_t tests, const SweepAxes& sweep) {
    layout.groups.push_back({"/claims", {{"alpha", alpha}, {"tests", std::int64_t(tests)}}});
    for (std::size_t i = 0; i < all_claims().size(); ++i) add_claim(layout, i, widest_plan(plans, i), sweep);
}

void write_claims(OutputFile& file, const std::vector<FilePlan>& plans, const Evaluation& evaluation) {
    for (std::size_t i = 0; i < all_claims().size(); ++i) write_claim(file, i, widest_plan(plans, i), evaluation);
}

}  // namespace foldback
