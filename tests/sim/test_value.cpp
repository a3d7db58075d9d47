#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "sim/error.hpp"
#include "sim/sha256.hpp"
#include "sim/value.hpp"
#include "sim/value_path.hpp"

using namespace foldback;

namespace {

double finite_from_bits() {
    const double number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
    return std::isfinite(number) ? number : 0.1;
}

std::string some_text() { return *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)); }

Value some_value(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
        case 0:
            return Value();
        case 1:
            return Value(*rc::gen::arbitrary<bool>());
        case 2:
            return Value(*rc::gen::arbitrary<std::int64_t>());
        case 3:
            return Value(finite_from_bits());
        case 4:
            return Value(some_text());
        case 5: {
            Value::Array elements;
            for (int i = *rc::gen::inRange(0, 4); i > 0; --i) elements.push_back(some_value(depth - 1));
            return Value(std::move(elements));
        }
        default: {
            Value table = Value::table();
            for (int i = *rc::gen::inRange(0, 4); i > 0; --i) table.set(some_text(), some_value(depth - 1));
            return table;
        }
    }
}

}  // namespace

TEST_CASE("value: JSON text reads back as the same tree, bits and order of keys") {
    CHECK(rc::check([] {
        const Value value = some_value(3);
        RC_ASSERT(parse_json(to_json(value), "t") == value);
        RC_ASSERT(parse_json(to_json(value, 2), "t") == value);
        RC_ASSERT(to_json(parse_json(to_json(value, 2), "t")) == to_json(value));
    }));
}

TEST_CASE("value: numbers are the shortest that read back, and stay apart from integers") {
    CHECK(to_json(Value(0.1)) == "0.1");
    CHECK(to_json(Value(1.0)) == "1.0");
    CHECK(to_json(Value(1)) == "1");
    CHECK(to_json(Value(-0.0)) == "-0.0");
    CHECK(to_json(Value(1e300)) == "1e+300");
    CHECK(to_json(Value(5e-324)) == "5e-324");
    CHECK(to_json(Value(9007199254740993.0)) == "9007199254740992.0");
    CHECK(to_json(Value(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
    CHECK(parse_json("1.0", "t").kind() == Value::Kind::number);
    CHECK(parse_json("1", "t").kind() == Value::Kind::integer);
    CHECK(Value(1) != Value(1.0));
    CHECK(Value(0.0) != Value(-0.0));
}

TEST_CASE("value: indented JSON keeps lists of numbers on one line") {
    Value table = Value::table();
    table.set("b", Value::array_of(std::vector<double>{0.5, 2.0}));
    table.set("a", Value::table());
    Value inner = Value::table();
    inner.set("x", "say \"hi\"\n");
    table.set("list", Value(Value::Array{inner}));
    CHECK(to_json(table, 2) ==
          "{\n  \"b\": [0.5, 2.0],\n  \"a\": {},\n  \"list\": [\n    {\n      \"x\": \"say \\\"hi\\\"\\n\"\n    }\n  "
          "]\n}");
    CHECK(to_json(table) == "{\"b\":[0.5,2.0],\"a\":{},\"list\":[{\"x\":\"say \\\"hi\\\"\\n\"}]}");
}

TEST_CASE("value: nodes read from JSON know their path") {
    const Value root = parse_json(R"({"model": {"maps": [{"weight": 1}]}})", "a.h5:/config/resolved");
    CHECK(root.origin() == "a.h5:/config/resolved");
    const std::vector<std::string> path{"model", "maps", "0", "weight"};
    REQUIRE(find_at(root, path) != nullptr);
    CHECK(find_at(root, path)->origin() == "a.h5:/config/resolved, model.maps.0.weight");
    CHECK(find_at(root, std::vector<std::string>{"model", "maps", "1"}) == nullptr);
    CHECK(find_at(root, std::vector<std::string>{"model", "maps", "0", "weight", "x"}) == nullptr);
}

TEST_CASE("value: what JSON must not hold is refused") {
    CHECK_THROWS_WITH_AS(parse_json(R"({"a": 1, "a": 2})", "t"), "t: the key 'a' is given twice; keep one of them",
                         ConfigError);
    CHECK_THROWS_WITH_AS(parse_json("[9223372036854775808]", "t"),
                         "t, 0: 9223372036854775808 is too large; integers go up to 9223372036854775807", ConfigError);
    CHECK_THROWS_WITH_AS(parse_json(std::string(400, '['), "t"), "t: nested more than 256 deep; write a flatter table",
                         ConfigError);
    CHECK_THROWS_AS(parse_json("{\"a\": }", "t"), ConfigError);
    CHECK_THROWS_AS(parse_json("", "t"), ConfigError);
    CHECK_THROWS_AS(parse_json("1e999", "t"), ConfigError);
    CHECK_NOTHROW(parse_json(R"({"a": {"a": 1}, "b": {"a": 1}})", "t"));
    Value infinite(std::numeric_limits<double>::infinity());
    infinite.set_origin("f.toml:1:5");
    CHECK_THROWS_WITH_AS(to_json(infinite), "f.toml:1:5: inf is not a finite number; write a finite one", ConfigError);
    CHECK_THROWS_WITH_AS(to_json(Value("\xff")), "a text is not valid UTF-8; write it in UTF-8", ConfigError);
}

TEST_CASE("value: a table replaces in place and a wrong kind is an internal error") {
    Value table = Value::table();
    table.set("a", 1);
    table.set("b", 2);
    table.set("a", "new");
    CHECK(to_json(table) == R"({"a":"new","b":2})");
    table.erase("a");
    CHECK(table.size() == 1);
    CHECK_THROWS_AS(table.integer(), InternalError);
    CHECK_THROWS_AS(Value(1.5).integer(), InternalError);
    CHECK(Value(3).number() == 3.0);
    constexpr std::uint64_t too_large = std::numeric_limits<std::uint64_t>::max();
    CHECK_THROWS_AS(static_cast<void>(Value{too_large}), InternalError);
}

TEST_CASE("value: descriptions for messages") {
    CHECK(describe(Value("forward")) == "'forward'");
    CHECK(describe(Value(std::string(39, 'a') + "\xc3\xa9" + "b")) == "'" + std::string(39, 'a') + "...'");
    CHECK(describe(Value(0.3)) == "0.3");
    CHECK(describe(Value::array_of(std::vector<int>{1, 2, 3})) == "an array of 3");
    CHECK(describe(Value(Value::Array{})) == "an empty array");
    CHECK(describe(Value::table()) == "a table");
}

TEST_CASE("value: paths go through tables by key and arrays by index") {
    CHECK(parse_path("model.maps.0.weight", "w") == std::vector<std::string>{"model", "maps", "0", "weight"});
    CHECK(parse_path("sweep.\"model.lambda\"", "w") == std::vector<std::string>{"sweep", "model.lambda"});
    CHECK_THROWS_WITH_AS(parse_path("a..b", "w"),
                         "w: 'a..b' is not a path of keys; write keys parted by dots, as in model.maps.0.weight",
                         ConfigError);
    CHECK_THROWS_AS(parse_path("", "w"), ConfigError);
    CHECK_THROWS_AS(parse_path("a.", "w"), ConfigError);
    CHECK_THROWS_AS(parse_path("\"a\"b", "w"), ConfigError);
    CHECK_THROWS_WITH_AS(parse_path("sweep.\"model", "w"),
                         "w: a quote in 'sweep.\"model' is not closed; write sweep.\"model.lambda\"", ConfigError);
    Value root = parse_json(R"({"model": {"maps": [{"w": 1}, {"w": 2}], "lambda": 0.5, "none": []}})", "t");
    set_at(root, parse_path("model.maps.1.w", "w"), Value(7), "w");
    set_at(root, parse_path("model.new.deep", "w"), Value(true), "w");
    CHECK(to_json(root) == R"({"model":{"maps":[{"w":1},{"w":7}],"lambda":0.5,"none":[],"new":{"deep":true}}})");
    CHECK_THROWS_WITH_AS(set_at(root, parse_path("model.maps.2.w", "w"), Value(7), "w"),
                         "w: model.maps is an array of 2, and '2' is none of its elements; name one from 0 to 1",
                         ConfigError);
    CHECK_THROWS_AS(set_at(root, parse_path("model.maps.01.w", "w"), Value(7), "w"), ConfigError);
    CHECK_THROWS_AS(set_at(root, parse_path("model.maps.-1", "w"), Value(7), "w"), ConfigError);
    CHECK_THROWS_WITH_AS(set_at(root, parse_path("model.none.0", "w"), Value(7), "w"),
                         "w: model.none is an empty array; replace it as a whole", ConfigError);
    CHECK_THROWS_WITH_AS(set_at(root, parse_path("model.lambda.x", "w"), Value(7), "w"),
                         "w: model.lambda is a number and has no keys below it; set model.lambda itself", ConfigError);
}

// FIPS 180-4 examples (NIST's SHA256 example page) and the digest of the empty text.
TEST_CASE("sha256: known answers") {
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
