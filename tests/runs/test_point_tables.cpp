#include "runs/point_tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace foldback;

namespace {

SweepAxes axis_of(std::size_t points) {
    SweepAxes sweep{{"model.lambda"}, {{}}};
    for (std::size_t p = 0; p < points; ++p) sweep.values[0].push_back(double(p));
    return sweep;
}

Evaluation all_hold(std::size_t points) {
    std::vector<ClaimResult> one(all_claims().size());
    for (ClaimResult& result : one) result.overall = Verdict::holds;
    return {1e-3, 1, std::vector(points, one), {}};
}

bool says(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("point tables: points that are alike share a table") {
    CHECK(point_tables(axis_of(2), all_hold(2), {"one\n", "two\n"}) ==
          "model.lambda = 0\none\nmodel.lambda = 1\ntwo\n");
    CHECK(point_tables(axis_of(3), all_hold(3), {"one\n", "one\n", "one\n"}) == "at all 3 points of the sweep\none\n");
    CHECK(point_tables(axis_of(3), all_hold(3), {"one\n", "two\n", "one\n"}) ==
          "model.lambda = 0; model.lambda = 2\none\nmodel.lambda = 1\ntwo\n");
    std::vector<std::string> tables(1000, "one\n");
    tables[3] = "two\n";
    CHECK(says(point_tables(axis_of(1000), all_hold(1000), tables), "model.lambda = 5; and 994 points more\none\n"));
}

TEST_CASE("point tables: too many to read become one line for every claim, which names what is violated") {
    std::vector<std::string> tables;
    for (int p = 0; p < 100; ++p) tables.push_back(std::to_string(p) + "\n");
    Evaluation evaluation = all_hold(100);
    evaluation.points[42][0].overall = Verdict::violated;
    evaluation.points[43][1].overall = Verdict::unresolved;
    const std::string text = point_tables(axis_of(100), evaluation, tables);
    CHECK(std::count(text.begin(), text.end(), '\n') == std::ptrdiff_t(all_claims().size()) + 2);
    CHECK(says(text, "holds at 99, violated at 1\n      violated at model.lambda = 42\n"));
    CHECK(says(text, "unresolved at 1, holds at 99"));
}
