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

std::string group_of(const ClaimInfo& info) { return "/claims/" + info.id; }
std::string group_of(std::size_t i) { return group_of(all_claims()[i]->info()); }

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

void add_claim(Layout& layout, const ClaimInfo& info, const ClaimPlan& plan, const SweepAxes& sweep) {
    const std::string group = group_of(info);
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

// Cells of a point's own plan, in the place they have in the widest plan's array.
template <class T, class Get>
std::vector<T> spread_out(const ClaimPlan& widest, const ClaimResult& result, T missing, Get get) {
    const std::size_t axis = widest.axis_values.size();
    std::vector<T> values(widest.cases.size() * axis, missing);
    for (std::size_t c = 0; c < result.plan.cases.size() && !result.cells.empty(); ++c)
        for (std::size_t a = 0; a < result.plan.axis_values.size(); ++a) values[c * axis + a] = get(result.at(c, a));
    return values;
}

void write_claim(OutputFile& file, const std::string& group, const ClaimPlan& widest, const std::vector<std::size_t>& at, const ClaimResult& result) {
    const auto overall = std::int8_t(result.overall);
    const double decide = result.overall == Verdict::inconclusive ? result.replicas_to_decide : nan;
    file.write_at(group + "/overall", at, &overall);
    file.write_at(group + "/replicas_to_decide", at, &decide);
    if (widest.cases.empty() || widest.axis_values.empty()) return;
    for (const CellArray& array : cell_arrays)
        file.write_at(group + "/" + array.name, at, spread_out(widest, result, nan, [&](const Cell& cell) { return cell.*array.value; }).data());
    const auto verdicts = spread_out(widest, result, std::int8_t(Verdict::not_applicable), [](const Cell& cell) { return std::int8_t(cell.verdict); });
    file.write_at(group + "/verdict", at, verdicts.data());
}

template <class T>
std::vector<T> read_at(const InputFile& file, const std::string& path, const std::vector<std::size_t>& at) {
    const auto shape = file.variable(path).shape;
    if (shape.empty()) return file.read<T>(path);
    std::vector<std::size_t> start(shape.size(), 0), count = shape;
    for (std::size_t k = 0; k < at.size(); ++k) {
        start[k] = at[k];
        count[k] = 1;
    }
    return file.read<T>(path, start, count);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

ClaimResult read_claim(const InputFile& file, const std::string& group, const ClaimPlan& widest, const ClaimPlan& plan, const std::vector<std::size_t>& at) {
    ClaimResult result;
    result.plan = plan;
    result.overall = Verdict(read_at<std::int8_t>(file, group + "/overall", at).at(0));
    result.replicas_to_decide = read_at<double>(file, group + "/replicas_to_decide", at).at(0);
    if (at.empty()) {
        result.finding = file.text_attribute(group, "finding");
        result.notes = lines_of(file.text_attribute(group, "notes"));
    }
    if (!plan.applicable || plan.cases.empty() || plan.axis_values.empty()) return result;
    result.cells.resize(plan.cases.size() * plan.axis_values.size());
    const std::size_t axis = widest.axis_values.size();
    const auto verdicts = read_at<std::int8_t>(file, group + "/verdict", at);
    for (const CellArray& array : cell_arrays) {
        const auto values = read_at<double>(file, group + "/" + array.name, at);
        for (std::size_t c = 0; c < plan.cases.size(); ++c)
            for (std::size_t a = 0; a < plan.axis_values.size(); ++a) {
                result.at(c, a).*array.value = values[c * axis + a];
                result.at(c, a).verdict = Verdict(verdicts[c * axis + a]);
            }
    }
    return result;
}

}  // namespace

void add_claims(Layout& layout, const std::vector<FilePlan>& plans, double alpha, std::size_t tests, const SweepAxes& sweep) {
    layout.groups.push_back({"/claims", {{"alpha", alpha}, {"tests", std::int64_t(tests)}}});
    for (std::size_t i = 0; i < all_claims().size(); ++i) add_claim(layout, all_claims()[i]->info(), widest_plan(plans, i), sweep);
}

void add_sweep_claims(Layout& layout, const std::vector<SweepClaimPlan>& plans) {
    for (const SweepClaimPlan& plan : plans) add_claim(layout, plan.claim->info(), plan.plan, {});
}

void write_claims(OutputFile& file, const std::vector<FilePlan>& plans, const SweepAxes& sweep, std::size_t point,
                  const std::vector<ClaimResult>& results) {
    for (std::size_t i = 0; i < all_claims().size(); ++i) write_claim(file, group_of(i), widest_plan(plans, i), sweep.indices(point), results[i]);
}

void write_sweep_claims(OutputFile& file, const std::vector<SweepClaimPlan>& plans, const std::vector<ClaimResult>& results) {
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const std::string group = group_of(plans[i].claim->info());
        write_claim(file, group, plans[i].plan, {}, results[i]);
        file.set_attribute(group, "finding", cut(results[i].finding));
        file.set_attribute(group, "notes", cut(joined(results[i].notes, "\n")));
    }
}

void write_claim_texts(OutputFile& file, const Evaluation& evaluation) {
    for (std::size_t i = 0; i < all_claims().size(); ++i) {
        std::string finding, notes;
        for (std::size_t p = 0; p < evaluation.points.size(); ++p) {
            const ClaimResult& result = evaluation.points[p][i];
            const std::string where = evaluation.points.size() > 1 ? "point " + std::to_string(p) + ": " : "";
            if (!result.finding.empty()) finding += (finding.empty() ? "" : "\n") + where + result.finding;
            for (const auto& note : result.notes) notes += (notes.empty() ? "" : "\n") + where + note;
        }
        file.set_attribute(group_of(i), "finding", cut(finding));
        file.set_attribute(group_of(i), "notes", cut(notes));
    }
}

void add_claim_texts(OutputFile& file, std::size_t point, const std::vector<ClaimResult>& results) {
    const InputFile written(file.part());
    const std::string where = "point " + std::to_string(point) + ": ";
    const auto add = [&](const std::string& group, const char* attribute, const std::vector<std::string>& lines) {
        std::string text = written.text_attribute(group, attribute);
        if (text.size() >= 3 && text.substr(text.size() - 3) == "...") return;  // full
        if (text.rfind(where, 0) == 0) text.clear();
        else if (const auto at = text.find("\n" + where); at != std::string::npos) text.resize(at);
        for (const auto& line : lines) text += (text.empty() ? "" : "\n") + where + line;
        file.set_attribute(group, attribute, cut(text));
    };
    for (std::size_t i = 0; i < all_claims().size(); ++i) {
        add(group_of(i), "finding", results[i].finding.empty() ? std::vector<std::string>{} : std::vector<std::string>{results[i].finding});
        add(group_of(i), "notes", results[i].notes);
    }
}

std::vector<ClaimResult> read_claims(const InputFile& file, const std::vector<FilePlan>& plans, const SweepAxes& sweep, std::size_t point) {
    std::vector<ClaimResult> results;
    for (std::size_t i = 0; i < all_claims().size(); ++i)
        results.push_back(read_claim(file, group_of(i), widest_plan(plans, i), plans[point].claims[i], sweep.indices(point)));
    return results;
}

}  // namespace foldback
