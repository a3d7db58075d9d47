#include "sim/spaced_values.hpp"

#include <doctest/doctest.h>

#include "sim/error.hpp"
#include "tests/support/configurations.hpp"

using namespace foldback;
using namespace foldback::test;

namespace {

/// The axis that the range makes, as JSON: integers stay apart from numbers.
std::string axis(const std::string& range) {
    return to_json(Value(read(minimal + "[sweep]\n\"model.step\" = " + range + "\n").sweep.at(0).values));
}

std::string message(const std::string& range) {
    try {
        axis(range);
    } catch (const ConfigError& error) { return error.what(); }
    return "no error";
}

}  // namespace

TEST_CASE("spaced values: a geometric ladder, its ends as written") {
    CHECK(axis(R"({ from = 1e-2, to = 1e-5, count = 7, spacing = "log" })") ==
          "[0.01,0.00316227766017,0.001,0.000316227766017,1e-04,3.16227766017e-05,1e-05]");
    CHECK(axis(R"({ from = 0.8, to = 0.00078125, count = 11, spacing = "log" })") ==
          "[0.8,0.4,0.2,0.1,0.05,0.025,0.0125,0.00625,0.003125,0.0015625,0.00078125]");
    CHECK(axis(R"({ from = 0.1234567890123456, to = 3, count = 2, spacing = "log" })") == "[0.1234567890123456,3.0]");
}

TEST_CASE("spaced values: evenly spaced, through zero") {
    CHECK(axis(R"({ from = -0.3, to = 0.3, count = 7, spacing = "linear" })") == "[-0.3,-0.2,-0.1,0.0,0.1,0.2,0.3]");
    CHECK(axis(R"({ from = 1.0, to = 0.1, count = 4, spacing = "linear" })") == "[1.0,0.7,0.4,0.1]");
}

TEST_CASE("spaced values: integers only where both ends are and the value is whole") {
    CHECK(axis(R"({ from = 2, to = 64, count = 6, spacing = "log" })") == "[2,4,8,16,32,64]");
    CHECK(axis(R"({ from = 1, to = 2, count = 3, spacing = "linear" })") == "[1,1.5,2]");
    CHECK(axis(R"({ from = 2.0, to = 8, count = 3, spacing = "log" })") == "[2.0,4.0,8.0]");
}

TEST_CASE("spaced values: beside lists, under either way of writing the key") {
    const Configuration c = read(minimal +
                                 "[sweep]\nmodel.step = { from = 0.4, to = 0.1, count = 3, spacing = \"log\" }\n"
                                 "model.batch = [1, 8]\n");
    REQUIRE(c.sweep.size() == 2);
    CHECK(c.sweep[0].key == "model.step");
    CHECK(c.sweep[1].key == "model.batch");
    CHECK(sweep_points(c) == 6);
    CHECK(read_configuration(resolved(c), known) == c);
    CHECK(configuration_hash(c, c.model) ==
          configuration_hash(read(minimal + "[sweep]\n\"model.step\" = [0.4, 0.2, 0.1]\n\"model.batch\" = [1, 8]\n"),
                             c.model));
    // A model may have keys of these names: lists tell them apart.
    CHECK(read(minimal + "[sweep]\nmodel.part.from = [0.1, 0.2]\n").sweep.at(0).key == "model.part.from");
}

TEST_CASE("spaced values: what is refused") {
    CHECK(message("{ from = 1e-2, to = 1e-5, count = 7 }").find("sweep.\"model.step\".spacing") != std::string::npos);
    CHECK(message(R"({ from = 1, to = 2, too = 2, count = 3, spacing = "log" })").find("\"model.step\".too") !=
          std::string::npos);
    CHECK(message(R"({ from = 1, to = 2, count = 1, spacing = "log" })") ==
          "f.toml:10:44: sweep.\"model.step\".count is 1; it must be an integer from 2 to 1000000");
    CHECK(message(R"({ from = 0, to = 2, count = 3, spacing = "log" })") ==
          "f.toml:10:25: sweep.\"model.step\".from is 0; with spacing = \"log\" both ends must be > 0");
    CHECK(message(R"({ from = 1, to = -2, count = 3, spacing = "log" })").find("both ends must be > 0") !=
          std::string::npos);
    CHECK(message(R"({ from = 1, to = 1.0, count = 3, spacing = "linear" })").find("the two ends must differ") !=
          std::string::npos);
    CHECK(
        message(R"({ from = 1, to = 1.000000000001, count = 9, spacing = "log" })").find("must differ in 12 digits") !=
        std::string::npos);
    CHECK(message(R"({ from = 1, to = 2, count = 3, spacing = "logg" })").find("did you mean 'log'?") !=
          std::string::npos);
    CHECK(message(R"({ from = nan, to = 2, count = 3, spacing = "log" })").find("must be a finite number") !=
          std::string::npos);
}
