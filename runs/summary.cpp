#include "runs/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "runs/point_tables.hpp"
#include "runs/shared_reasons.hpp"
#include "runs/verification.hpp"

namespace foldback {
namespace {

const char* mark(Verdict verdict) {
    switch (verdict) {
        case Verdict::holds:
        case Verdict::consistent: return "  ";
        case Verdict::violated: return "! ";
        default: return "- ";
    }
}

std::string counts(const ClaimResult& result) {
    std::map<Verdict, std::size_t> by_verdict;
    for (const Cell& cell : result.cells) ++by_verdict[cell.verdict];
    std::string text;
    for (Verdict v : {Verdict::violated, Verdict::inconclusive, Verdict::holds, Verdict::consistent, Verdict::unresolved})
        if (by_verdict[v] > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", by_verdict[v], word(v));
    return text;
}

// Tightness tells how sharp a bound is; of an equality it would tell nothing.
double largest_tightness(const ClaimResult& result) {
    double largest = std::nan("");
    for (const Cell& cell : result.cells)
        if (cell.verdict == Verdict::holds || (result.plan.scale.empty() && (cell.verdict == Verdict::violated || cell.verdict == Verdict::inconclusive)))
            if (!(cell.tightness <= largest) && std::isfinite(cell.tightness)) largest = cell.tightness;
    return largest;
}

std::string row(const ClaimInfo& info, const ClaimResult& result) {
    std::string text = fmt::format("{}{:<26} {:<15}", mark(result.overall), info.id, word(result.overall));
    if (!result.plan.applicable) return text + result.plan.failed_assumption + "\n";
    const double tight = largest_tightness(result);
    text += counts(result);
    if (std::isfinite(tight)) text += fmt::format("; tightness up to {:.3g}", tight);
    text += "\n";
    if (!result.finding.empty()) text += fmt::format("      {}\n", result.finding);
    for (const auto& note : result.notes) text += fmt::format("      note: {}\n", note);
    for (const auto& constant : result.plan.rests_on)
        if (constant.find("assumed") != std::string::npos || constant.find("estimated") != std::string::npos)
            text += fmt::format("      rests on {}\n", constant);
    if (result.overall == Verdict::inconclusive && result.replicas_to_decide > 0)
        text += std::isfinite(result.replicas_to_decide) ? fmt::format("      about {:.2g} replicas would decide it\n", result.replicas_to_decide)
                                                         : std::string("      no number of replicas would decide it\n");
    return text;
}

// What there is to say of a claim of which nothing was measured, if it is said in one sentence.
std::string only_reason(const ClaimResult& result) {
    if (!result.plan.applicable) return fmt::format("{}: {}", word(result.overall), result.plan.failed_assumption);
    const bool measured = std::any_of(result.cells.begin(), result.cells.end(), [](const Cell& cell) { return !std::isnan(cell.measured); });
    if (result.overall != Verdict::unresolved || measured || result.notes.size() != 1 || !result.finding.empty()) return "";
    return fmt::format("{}: {}", word(result.overall), result.notes[0]);
}

std::string rows(const std::vector<const ClaimInfo*>& infos, const std::vector<const ClaimResult*>& results) {
    std::vector<ClaimRemark> remarks;
    for (std::size_t i = 0; i < infos.size(); ++i) remarks.push_back({infos[i]->id, only_reason(*results[i])});
    std::string text;
    for (std::size_t i = 0; i < infos.size(); ++i)
        if (!shares_reason(remarks, i)) text += row(*infos[i], *results[i]);
    for (const auto& line : shared_reason_lines(remarks)) text += "- " + line + "\n";
    return text;
}

// The claims of the points (of a sweep: under its name), then those across points.
std::string tables(const RunPlan& plan, const Evaluation& evaluation) {
    std::vector<const ClaimInfo*> infos, sweep_infos;
    for (const Claim* claim : all_claims()) infos.push_back(&claim->info());
    for (const SweepClaim* claim : all_sweep_claims()) sweep_infos.push_back(&claim->info());
    std::vector<const ClaimResult*> across;
    for (const ClaimResult& result : evaluation.sweep) across.push_back(&result);
    std::vector<std::string> points;
    for (std::size_t p = 0; p < evaluation.points.size(); ++p) {
        std::vector<const ClaimResult*> results;
        for (const ClaimResult& result : evaluation.points[p]) results.push_back(&result);
        if (!plan.is_sweep()) {
            infos.insert(infos.end(), sweep_infos.begin(), sweep_infos.end());
            results.insert(results.end(), across.begin(), across.end());
            return rows(infos, results);
        }
        points.push_back(rows(infos, results));
    }
    return point_tables(plan.sweep, evaluation, points) + "across the points of the sweep\n" + rows(sweep_infos, across);
}

std::string totals(const Evaluation& evaluation) {
    std::map<Verdict, std::size_t> by_verdict;
    for (const auto& point : evaluation.points)
        for (const auto& result : point) ++by_verdict[result.overall];
    for (const auto& result : evaluation.sweep) ++by_verdict[result.overall];
    return fmt::format("Claims: {} violated, {} hold or are consistent, {} inconclusive, {} unresolved, {} not applicable.\n", by_verdict[Verdict::violated],
                       by_verdict[Verdict::holds] + by_verdict[Verdict::consistent], by_verdict[Verdict::inconclusive],
                       by_verdict[Verdict::unresolved], by_verdict[Verdict::not_applicable]);
}

Value number_or_null(double x) { return std::isfinite(x) ? Value(x) : Value(); }

Value claim_as_value(const ClaimInfo& info, const ClaimResult& result) {
    Value v = Value::table();
    v.set("id", info.id);
    v.set("verdict", word(result.overall));
    v.set("statement", info.statement);
    v.set("source", info.source);
    if (!result.plan.applicable) {
        v.set("failed_assumption", result.plan.failed_assumption);
        return v;
    }
    v.set("interval", result.plan.interval);
    v.set("tol", result.plan.tol);
    v.set("tests", std::int64_t(result.plan.tests));
    v.set("tightness", number_or_null(largest_tightness(result)));
    v.set("finding", result.finding);
    v.set("notes", Value::array_of(result.notes));
    v.set("rests_on", Value::array_of(result.plan.rests_on));
    v.set("replicas_to_decide", result.overall == Verdict::inconclusive ? number_or_null(result.replicas_to_decide) : Value());
    v.set("axis", result.plan.axis);
    Value::Array cells;
    for (std::size_t c = 0; c < result.plan.cases.size() && !result.cells.empty(); ++c)
        for (std::size_t a = 0; a < result.plan.axis_values.size(); ++a) {
            const Cell& cell = result.at(c, a);
            Value one = Value::table();
            one.set("case", result.plan.cases[c]);
            one.set(result.plan.axis, result.plan.axis_values[a]);
            one.set("verdict", word(cell.verdict));
            for (const auto& [key, x] : {std::pair{"measured", cell.measured}, {"lower", cell.lower}, {"upper", cell.upper}, {"bound", cell.bound}, {"tightness", cell.tightness}})
                one.set(key, number_or_null(x));
            cells.push_back(std::move(one));
        }
    v.set("cells", Value(std::move(cells)));
    return v;
}

const ClaimResult* find(const Evaluation& evaluation, const char* id) {
    for (std::size_t i = 0; i < all_claims().size(); ++i)
        if (all_claims()[i]->info().id == id) return &evaluation.points.front()[i];
    return nullptr;
}

}  // namespace

std::string verdict_table(const RunPlan& plan, const Evaluation& evaluation) {
    std::string text = tables(plan, evaluation);
    text += fmt::format("{} statistical tests share the level alpha = {:g}: each is made at {:.2g}.\n", evaluation.tests, evaluation.alpha,
                        evaluation.alpha / double(std::max<std::size_t>(evaluation.tests, 1)));
    text += totals(evaluation);
    if (!plan.points.front().setup.assumed.empty()) {
        text += "Verdicts rest on what you assumed:";
        for (const auto& a : plan.points.front().setup.assumed) text += " " + a + ";";
        text.back() = '.';
        text += "\n";
    }
    return text;
}

std::string headline(const Evaluation& evaluation) {
    if (evaluation.points.size() != 1) return {};
    std::string text;
    for (const auto& [id, what] : {std::pair{"forward-floor", "Forward spreads over a law"}, {"backward-limit", "Backward settles on a point"}, {"no-free-accuracy", "At the same price"}}) {
        const ClaimResult* result = find(evaluation, id);
        if (result && result->plan.applicable && !result->finding.empty()) text += fmt::format("{}: {}\n", what, result->finding);
    }
    return text;
}

Value verdicts_as_value(const RunPlan& plan, const Evaluation& evaluation) {
    Value v = Value::table();
    v.set("alpha", evaluation.alpha);
    v.set("tests", std::int64_t(evaluation.tests));
    v.set("overall", word(overall_of(evaluation)));
    v.set("assumed", Value::array_of(plan.points.front().setup.assumed));
    Value::Array points;
    for (std::size_t p = 0; p < evaluation.points.size(); ++p) {
        Value point = Value::table();
        if (plan.is_sweep()) point.set("point", plan.sweep.label(p));
        Value::Array claims;
        for (std::size_t i = 0; i < all_claims().size(); ++i) claims.push_back(claim_as_value(all_claims()[i]->info(), evaluation.points[p][i]));
        point.set("claims", Value(std::move(claims)));
        points.push_back(std::move(point));
    }
    v.set("points", Value(std::move(points)));
    Value::Array across;
    for (std::size_t i = 0; i < evaluation.sweep.size(); ++i) across.push_back(claim_as_value(all_sweep_claims()[i]->info(), evaluation.sweep[i]));
    v.set("sweep_claims", Value(std::move(across)));
    return v;
}

}  // namespace foldback
