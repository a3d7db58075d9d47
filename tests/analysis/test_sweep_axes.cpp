#include "analysis/sweep_axes.hpp"

#include <doctest/doctest.h>

using namespace foldback;

TEST_CASE("sweep axes: points, their indices and labels, the last axis running fastest") {
    const SweepAxes axes{{"model.step", "model.batch"}, {{0.1, 0.2, 0.4}, {1, 8}}};
    CHECK(axes.points() == 6);
    CHECK(axes.indices(0) == std::vector<std::size_t>{0, 0});
    CHECK(axes.indices(3) == std::vector<std::size_t>{1, 1});
    CHECK(axes.label(3) == "model.step = 0.2, model.batch = 8");
    CHECK(axes.label(3, 0) == "model.batch = 8");
    CHECK(axes.axis_of("model.batch") == 1);
    CHECK_FALSE(axes.axis_of("model.lambda"));
    const SweepAxes none;
    CHECK(none.points() == 1);
    CHECK(none.label(0).empty());
}
