#include "sim/settings.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

#include "runs/toml_file.hpp"
#include "sim/nearest_name.hpp"

using namespace foldback;

namespace {

Settings model(const std::string& text) { return Settings(parse_toml(text, "f.toml"), "model"); }

}  // namespace

TEST_CASE("settings: getters read what is there") {
    Settings s = model(
        "lambda = 0.25\nn = 3\nflag = true\nlaw = \"normal\"\nb = [1, 2.5]\nA = [[1, 0], [0.5, 2]]\nname = \"x\"\n"
        "lone = 4\nks = [1, 2]\nwindows = [\"window_16\", \"forward\"]");
    CHECK(s.number("lambda", Range::open(0, 1)) == 0.25);
    CHECK(s.number("n") == 3.0);
    CHECK(s.integer("n", IntegerRange::between(1, 3)) == 3);
    CHECK(s.flag("flag"));
    CHECK(s.word("law", {"normal", "uniform"}) == "normal");
    CHECK(s.vector("b") == std::vector<double>{1.0, 2.5});
    CHECK(s.vector("lone", Range::any(), 1) == std::vector<double>{4.0});
    CHECK(s.matrix("A") == Matrix{2, 2, {1.0, 0.0, 0.5, 2.0}});
    CHECK(s.matrix("lone") == Matrix{1, 1, {4.0}});
    CHECK(s.text("name") == "x");
    CHECK(s.integers("ks") == std::vector<std::int64_t>{1, 2});
    CHECK(s.words("windows", {"forward", "window_#"}) == std::vector<std::string>{"window_16", "forward"});
    CHECK_NOTHROW(s.finish());
}

TEST_CASE("settings: a missing key tells what to write, and which key may be it") {
    CHECK_THROWS_WITH_AS(model("").number("lambda", Range::open(0, 1)),
                         "f.toml: model.lambda is missing; write lambda = a number in (0, 1)", ConfigError);
    CHECK_THROWS_WITH_AS(
        model("a = 1\nlamda = 0.5").number("lambda", Range::open(0, 1)),
        "f.toml: model.lambda is missing (is 'lamda' at f.toml:2:1 meant to be it?); write lambda = a number in (0, 1)",
        ConfigError);
    CHECK_THROWS_WITH_AS(model("").integer("n", IntegerRange::positive()),
                         "f.toml: model.n is missing; write n = an integer >= 1", ConfigError);
    CHECK_THROWS_WITH_AS(model("").flag("f"), "f.toml: model.f is missing; write f = true or false", ConfigError);
    CHECK_THROWS_WITH_AS(model("").word("law", {"normal", "uniform"}),
                         "f.toml: model.law is missing; write law = a name in quotes; valid: normal, uniform",
                         ConfigError);
    CHECK_THROWS_WITH_AS(model("").tables("maps"),
                         "f.toml: model.maps is missing; write maps = [{ ... }, { ... }], a list of tables",
                         ConfigError);
}

TEST_CASE("settings: numbers of the wrong type or out of range are refused where they stand") {
    CHECK_THROWS_WITH_AS(model("lambda = 1.5").number("lambda", Range::open(0, 1)),
                         "f.toml:1:10: model.lambda is 1.5; it must be a number in (0, 1)", ConfigError);
    CHECK_THROWS_WITH_AS(model("lambda = 1").number("lambda", Range::open(0, 1)),
                         "f.toml:1:10: model.lambda is 1; it must be a number in (0, 1)", ConfigError);
    CHECK_THROWS_WITH_AS(model("lambda = \"0.5\"").number("lambda", Range::positive()),
                         "f.toml:1:10: model.lambda is a string ('0.5'); it must be a number > 0", ConfigError);
    CHECK_THROWS_WITH_AS(model("lambda = true").number("lambda"),
                         "f.toml:1:10: model.lambda is a boolean (true); it must be a finite number", ConfigError);
    CHECK_THROWS_WITH_AS(model("lambda = nan").number("lambda"),
                         "f.toml:1:10: model.lambda is nan; it must be a finite number", ConfigError);
    CHECK_THROWS_WITH_AS(model("lambda = -inf").number("lambda", Range::at_most(2)),
                         "f.toml:1:10: model.lambda is -inf; it must be a number <= 2", ConfigError);
    CHECK_THROWS_WITH_AS(
        model("n = 2.0").integer("n", IntegerRange::between(1, 64)),
        "f.toml:1:5: model.n is a number (2); it must be an integer from 1 to 64, written without a point",
        ConfigError);
    CHECK_THROWS_WITH_AS(model("n = 0.5").integer("n"), "f.toml:1:5: model.n is a number (0.5); it must be an integer",
                         ConfigError);
    CHECK_THROWS_WITH_AS(model("n = 65").integer("n", IntegerRange::between(1, 64)),
                         "f.toml:1:5: model.n is 65; it must be an integer from 1 to 64", ConfigError);
    CHECK_THROWS_WITH_AS(model("f = 1").flag("f"), "f.toml:1:5: model.f is 1; it must be true or false, without quotes",
                         ConfigError);
    CHECK_THROWS_WITH_AS(model("t = 1").text("t"), "f.toml:1:5: model.t is 1; it must be a text in quotes",
                         ConfigError);
}

TEST_CASE("settings: words are checked against their list") {
    CHECK_THROWS_WITH_AS(
        model("law = \"nromal\"").word("law", {"normal", "uniform"}),
        "f.toml:1:7: model.law is 'nromal', which is unknown; did you mean 'normal'? (valid: normal, uniform)",
        ConfigError);
    CHECK_THROWS_WITH_AS(model("law = \"cauchy\"").word("law", {"normal", "uniform"}),
                         "f.toml:1:7: model.law is 'cauchy', which is unknown; valid: normal, uniform", ConfigError);
    CHECK_THROWS_WITH_AS(model("law = 3").word("law", {"normal"}),
                         "f.toml:1:7: model.law is an integer (3); it must be a name in quotes; valid: normal",
                         ConfigError);
    CHECK_THROWS_WITH_AS(
        model("o = \"forward\"").words("o", {"forward"}),
        "f.toml:1:5: model.o is a string ('forward'); it must be a list of names, as in [\"a\", \"b\"]; valid: forward",
        ConfigError);
    CHECK_THROWS_WITH_AS(model("o = [\"a\", \"a\"]").words("o", {"a"}),
                         "f.toml:1:11: model.o.1 is 'a' a second time; name each only once", ConfigError);
    for (const char* bad :
         {"window_", "window_0", "window_07", "window_x", "window_-1", "window_#", "window_1234567890"}) {
        CHECK_FALSE(is_allowed(bad, {"forward", "window_#"}));
    }
    CHECK(is_allowed("window_1", {"forward", "window_#"}));
}

TEST_CASE("settings: lists and matrices") {
    CHECK_THROWS_WITH_AS(model("b = [1, 2]").vector("b", Range::any(), 3),
                         "f.toml:1:5: model.b has length 2; its length must be 3", ConfigError);
    CHECK_THROWS_WITH_AS(model("b = []").vector("b"), "f.toml:1:5: model.b is empty; it must hold at least one number",
                         ConfigError);
    CHECK_THROWS_WITH_AS(model("b = [1, \"x\"]").vector("b"),
                         "f.toml:1:9: model.b.1 is a string ('x'); it must be a finite number", ConfigError);
    CHECK_THROWS_WITH_AS(model("b = [1, -1]").vector("b", Range::non_negative()),
                         "f.toml:1:9: model.b.1 is -1; it must be a number >= 0", ConfigError);
    CHECK_THROWS_WITH_AS(model("b = true").vector("b"),
                         "f.toml:1:5: model.b is a boolean (true); it must be a list of numbers, as in [0.5, 1.0]",
                         ConfigError);
    CHECK_THROWS_WITH_AS(model("A = [[1, 2], [3]]").matrix("A"),
                         "f.toml:1:14: model.A.1 has length 1; every row must be as long as the first, 2", ConfigError);
    CHECK_THROWS_WITH_AS(model("A = [1, 2]").matrix("A"),
                         "f.toml:1:6: model.A.0 is an integer (1); it must be a row, as in [1.0, 0.0]", ConfigError);
    CHECK_THROWS_WITH_AS(model("A = []").matrix("A"),
                         "f.toml:1:5: model.A is empty; it must be a list of rows, as in [[1.0, 0.0], [0.0, 1.0]]",
                         ConfigError);
    CHECK_THROWS_WITH_AS(model("k = 3").integers("k"),
                         "f.toml:1:5: model.k is 3; it must be a list of integers, as in [1, 2, 5]", ConfigError);
}

TEST_CASE("settings: an unknown key names its place, the nearest valid key and the valid ones") {
    Settings s = model("lambda = 0.5\n  lamda = 0.7");
    s.number("lambda");
    s.number("sigma", 1.0, Range::positive());
    CHECK_THROWS_WITH_AS(s.finish(),
                         "f.toml:2:3: model.lamda is an unknown key; did you mean 'lambda'? (valid: lambda, sigma)",
                         ConfigError);
    Settings none = model("zeta = 1");
    none.number("lambda", 0.5, Range::any());
    CHECK_THROWS_WITH_AS(none.finish(), "f.toml:1:1: model.zeta is an unknown key; valid: lambda", ConfigError);
}

TEST_CASE("settings: finish and resolved cover sub-tables, in the order asked for") {
    const std::string text =
        "extra = { q = 1 }\nmaps = [ { weight = 1, A = 0.5 }, { A = [[0.25]], weight = 2 } ]\nkind = \"affine\"";
    Settings s = model(text);
    CHECK(s.text("kind") == "affine");
    for (Settings map : s.tables("maps")) {
        map.number("weight", Range::positive());
        map.matrix("A");
        map.vector("b", {0.0}, Range::any());
    }
    CHECK_THROWS_WITH_AS(s.finish(), "f.toml:1:1: model.extra is an unknown key; valid: kind, maps", ConfigError);
    Settings extra = s.table("extra");
    CHECK_THROWS_WITH_AS(s.finish(), "f.toml:1:11: model.extra.q is an unknown key; none is valid here", ConfigError);
    extra.integer("q");
    s.table_or_empty("noise").number("sigma", 1.0, Range::positive());
    CHECK_FALSE(s.optional_table("projection").has_value());
    CHECK_NOTHROW(s.finish());
    const std::string resolved = to_json(s.resolved());
    CHECK(resolved ==
          R"({"kind":"affine","maps":[{"weight":1.0,"A":[[0.5]],"b":[0.0]},{"weight":2.0,"A":[[0.25]],"b":[0.0]}],)"
          R"("extra":{"q":1},"noise":{"sigma":1.0}})");
    // The same reader on the resolved table, as read back from a file.
    Settings again(parse_json(resolved, "r"), "model");
    again.text("kind");
    for (Settings map : again.tables("maps")) {
        map.number("weight", Range::positive());
        map.matrix("A");
        map.vector("b", {9.0}, Range::any());
    }
    again.table("extra").integer("q");
    again.table_or_empty("noise").number("sigma", 5.0, Range::positive());
    CHECK_NOTHROW(again.finish());
    CHECK(to_json(again.resolved()) == resolved);
}

TEST_CASE("settings: a sub-table's errors name its path") {
    CHECK_THROWS_WITH_AS(model("maps = [{ w = 1 }, { w = -2 }]").tables("maps")[1].number("w", Range::positive()),
                         "f.toml:1:26: model.maps.1.w is -2; it must be a number > 0", ConfigError);
    CHECK_THROWS_WITH_AS(model("maps = [{ w = 1 }, 3]").tables("maps"),
                         "f.toml:1:20: model.maps.1 is 3; it must be a table of keys", ConfigError);
    CHECK_THROWS_WITH_AS(model("maps = []").tables("maps"),
                         "f.toml:1:8: model.maps is empty; it must hold at least one table", ConfigError);
    CHECK_THROWS_WITH_AS(model("noise = 3").table("noise"), "f.toml:1:9: model.noise is 3; it must be a table of keys",
                         ConfigError);
    CHECK_THROWS_WITH_AS(throw model("w = [1]").wrong("w", "sums to 1.5", "the weights must sum to 1"),
                         "f.toml:1:5: model.w sums to 1.5; the weights must sum to 1", ConfigError);
}

TEST_CASE("settings: raw values are kept or replaced in resolved") {
    Settings s = model("a = [1, \"x\"]\nb = 2");
    CHECK(s.raw("a").size() == 2);
    s.raw("b");
    s.resolve("b", Value(2.0));
    CHECK_NOTHROW(s.finish());
    CHECK(to_json(s.resolved()) == R"({"a":[1,"x"],"b":2.0})");
}

TEST_CASE("settings: resolved values know where they come from") {
    Settings s = model("a = 1");
    s.number("a");
    s.number("b", 2.0, Range::any());
    const Value resolved = s.resolved();
    CHECK(resolved.find("a")->origin() == "f.toml:1:5");
    CHECK(resolved.find("b")->origin() == "default");
}

TEST_CASE("settings: ranges") {
    CHECK(Range::open(0, 1).text() == "in (0, 1)");
    CHECK(Range::closed(-1, 0.5).text() == "in [-1, 0.5]");
    CHECK(Range::open_closed(0, 2).text() == "in (0, 2]");
    CHECK(Range::closed_open(0, 2).text() == "in [0, 2)");
    CHECK(Range::positive().text() == "> 0");
    CHECK(Range::non_negative().text() == ">= 0");
    CHECK(Range::below(2).text() == "< 2");
    CHECK(Range::at_most(2).text() == "<= 2");
    CHECK(Range::any().text().empty());
    CHECK_FALSE(Range::open(0, 1).contains(0.0));
    CHECK_FALSE(Range::open(0, 1).contains(1.0));
    CHECK(Range::closed(0, 1).contains(0.0));
    CHECK(Range::closed(0, 1).contains(1.0));
    CHECK_FALSE(Range::positive().contains(0.0));
    CHECK(Range::positive().contains(5e-324));
    CHECK_FALSE(Range::any().contains(std::numeric_limits<double>::infinity()));
    CHECK_FALSE(Range::any().contains(std::numeric_limits<double>::quiet_NaN()));
    CHECK(IntegerRange::between(1, 64).text() == "from 1 to 64");
    CHECK(IntegerRange::at_least(2).text() == ">= 2");
    CHECK(IntegerRange::any().text().empty());
}

TEST_CASE("settings: edit distance counts insertions, deletions, replacements and swaps") {
    CHECK(edit_distance("lambda", "lamda") == 1);
    CHECK(edit_distance("weight", "wieght") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("ca", "abc") == 3);  // optimal string alignment; the unrestricted distance is 2
    CHECK(edit_distance("Seed", "seed") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(nearest_name("lamda", std::vector<std::string>{"sigma", "lambda"}) == "lambda");
    CHECK(nearest_name("x", std::vector<std::string>{"y"}).empty());
    CHECK(nearest_name("replicas", std::vector<std::string>{"seed", "starts"}).empty());
    CHECK(rc::check([](const std::string& a, const std::string& b) {
        RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
        RC_ASSERT(edit_distance(a, a) == 0);
    }));
}
