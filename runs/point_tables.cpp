#include "runs/point_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace foldback {
namespace {

constexpr std::size_t most_tables = 16, most_labels = 5;

struct Alike {
    std::string table;
    std::vector<std::size_t> points;
};

std::vector<Alike> alike(const std::vector<std::string>& tables) {
    std::vector<Alike> groups;
    std::map<std::string, std::size_t> seen;
    for (std::size_t p = 0; p < tables.size(); ++p) {
        const auto [at, first] = seen.emplace(tables[p], groups.size());
        if (first) groups.push_back({tables[p], {}});
        groups[at->second].points.push_back(p);
    }
    return groups;
}

std::string where(const SweepAxes& sweep, const std::vector<std::size_t>& points) {
    if (points.size() > 1 && points.size() == sweep.points())
        return fmt::format("at all {} points of the sweep", points.size());
    std::string text = sweep.label(points[0]);
    for (std::size_t i = 1; i < std::min(points.size(), most_labels); ++i) text += "; " + sweep.label(points[i]);
    if (points.size() > most_labels) text += fmt::format("; and {} points more", points.size() - most_labels);
    return text;
}

std::string by_claim(const SweepAxes& sweep, const Evaluation& evaluation) {
    std::string text =
        fmt::format("at the {} points of the sweep (every one of them: --json)\n", evaluation.points.size());
    for (std::size_t i = 0; i < all_claims().size(); ++i) {
        std::map<Verdict, std::vector<std::size_t>> points;
        for (std::size_t p = 0; p < evaluation.points.size(); ++p) points[evaluation.points[p][i].overall].push_back(p);
        std::string counts;
        for (const auto& [verdict, at] : points)
            counts += fmt::format("{}{} at {}", counts.empty() ? "" : ", ", word(verdict), at.size());
        const bool violated = points.contains(Verdict::violated);
        text += fmt::format("{}{:<26} {}\n", violated ? "! " : "  ", all_claims()[i]->info().id, counts);
        if (violated) text += fmt::format("      violated at {}\n", where(sweep, points[Verdict::violated]));
    }
    return text;
}

}  // namespace

std::string point_tables(const SweepAxes& sweep, const Evaluation& evaluation, const std::vector<std::string>& tables) {
    const auto groups = alike(tables);
    if (groups.size() > most_tables) return by_claim(sweep, evaluation);
    std::string text;
    for (const Alike& group : groups) text += where(sweep, group.points) + "\n" + group.table;
    return text;
}

}  // namespace foldback
