#include "runs/toml_file.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "sim/error.hpp"
#include "sim/value_path.hpp"

using namespace foldback;

namespace {

class ScratchFolder {
  public:
    ScratchFolder() : path_(std::filesystem::temp_directory_path() / ("foldback_toml_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~ScratchFolder() { std::filesystem::remove_all(path_); }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::filesystem::path file(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::string origin_at(const Value& root, const std::string& path) {
    const Value* node = find_at(root, parse_path(path, "test"));
    return node ? node->origin() : "no such node";
}

std::string message_of_override(const std::string& setting) {
    Value root = parse_toml("[model]\nlambda = 0.5\nmaps = [{ w = 1 }, { w = 2 }]\n", "f.toml");
    try {
        apply_override(root, setting);
    } catch (const ConfigError& error) { return error.what(); }
    return "no error";
}

std::string after_override(const std::string& setting) {
    Value root = parse_toml("[model]\nlambda = 0.5\nmaps = [{ w = 1 }, { w = 2 }]\n", "f.toml");
    apply_override(root, setting);
    return to_json(root);
}

}  // namespace

TEST_CASE("toml: every node carries its place, keys theirs") {
    const Value root = parse_toml(
        "title = \"x\"\n[model]\nkind   = \"affine\"\nA = [[1, 2],\n     [3, 4.5]]\n[[model.maps]]\nw = 1\n"
        "[[model.maps]]\nw = 2\n",
        "runs/quickstart.toml");
    CHECK(root.origin() == "runs/quickstart.toml");
    CHECK(origin_at(root, "model") == "runs/quickstart.toml:2:1");
    CHECK(origin_at(root, "model.kind") == "runs/quickstart.toml:3:10");
    CHECK(origin_at(root, "model.A.1.1") == "runs/quickstart.toml:5:10");
    CHECK(origin_at(root, "model.maps.1.w") == "runs/quickstart.toml:9:5");
    CHECK(root.find("model")->entries().front().origin == "runs/quickstart.toml:3:1");
}

TEST_CASE("toml: keys keep the order in which they are written") {
    const Value root = parse_toml(
        "zeta = 1\nalpha = 2\n[sweep]\n\"model.mu\" = [1]\n\"model.lambda\" = [2]\n[model]\nz = { q = 1, b = 2 }\na.y "
        "= 1\n"
        "a.x = 2\n[middle.below]\nk = 1\n[middle]\nj = 2\n",
        "f");
    CHECK(to_json(root) ==
          R"({"zeta":1,"alpha":2,"sweep":{"model.mu":[1],"model.lambda":[2]},"model":{"z":{"q":1,"b":2},)"
          R"("a":{"y":1,"x":2}},)"
          R"("middle":{"below":{"k":1},"j":2}})");
}

TEST_CASE("toml: kinds of values") {
    const Value root = parse_toml("i = 100_000\nh = 0x10\nd = 1.0\nb = true\ns = 'x'\nn = nan\nf = -inf\n", "f");
    CHECK(root.find("i")->integer() == 100000);
    CHECK(root.find("h")->integer() == 16);
    CHECK(root.find("d")->kind() == Value::Kind::number);
    CHECK(root.find("b")->boolean());
    CHECK(root.find("s")->text() == "x");
    CHECK(std::isnan(root.find("n")->number()));
    CHECK(std::isinf(root.find("f")->number()));
    CHECK_THROWS_WITH_AS(parse_toml("a = 1\nt = 1979-05-27\n", "f"),
                         "f:2:5: a date or time, and no setting is one; write a number, or a string in quotes",
                         ConfigError);
}

TEST_CASE("toml: syntax errors name their place") {
    CHECK_THROWS_WITH_AS(
        parse_toml("a = 1\na = 2\n", "f.toml"),
        "f.toml:2:5: not valid TOML: while parsing key-value pair: cannot redefine existing integer 'a'; write "
        "key = value, with texts in quotes",
        ConfigError);
    CHECK_THROWS_WITH_AS(
        parse_toml("a = x\n", "f.toml"),
        "f.toml:1:5: not valid TOML: while parsing value: could not determine value type; write key = value, "
        "with texts in quotes",
        ConfigError);
    CHECK_THROWS_AS(parse_toml("a = [1,2\nb = 3\n", "f"), ConfigError);
    CHECK_THROWS_AS(parse_toml("a = \"\xff\"\n", "f"), ConfigError);
    CHECK_THROWS_AS(parse_toml("a = 99999999999999999999\n", "f"), ConfigError);
    CHECK_THROWS_AS(parse_toml("a = " + std::string(10000, '['), "f"), ConfigError);
    std::string dotted = "a";
    for (int i = 0; i < 1000; ++i) dotted += ".a";
    CHECK_THROWS_WITH_AS(parse_toml(dotted + " = 1\n", "f"),
                         doctest::Contains("nested more than 256 deep; write a flatter table"), ConfigError);
}

TEST_CASE("toml: any bytes give a tree or a ConfigError") {
    CHECK(rc::check([](const std::string& bytes) {
        try {
            parse_toml(bytes, "f");
        } catch (const ConfigError&) {}
    }));
}

TEST_CASE("toml: files that cannot be read") {
    const ScratchFolder folder;
    const std::string at = folder.path().string();
    CHECK(to_json(read_toml_file(folder.file("good.toml", "a = 1\n"))) == R"({"a":1})");
    CHECK(read_toml_file(folder.file("good.toml", "a = 1\n")).find("a")->origin() == at + "/good.toml:1:5");
    CHECK(to_json(read_toml_file(folder.file("crlf.toml", "\xef\xbb\xbf[m]\r\na = 1\r\n"))) == R"({"m":{"a":1}})");
    CHECK_THROWS_WITH_AS(read_toml_file(folder.path()), (at + ": is a directory; name a TOML file in it").c_str(),
                         FileError);
    CHECK_THROWS_WITH_AS(
        read_toml_file(folder.path() / "none.toml"),
        (at + "/none.toml: cannot be read (No such file or directory); name a TOML file that can be").c_str(),
        FileError);
    CHECK_THROWS_WITH_AS(read_toml_file(folder.file("a.h5", std::string("\x89HDF\r\n\x1a\n\0\0", 10))),
                         (at + "/a.h5: is an HDF5 file, not a configuration; give the TOML file that made it").c_str(),
                         ConfigError);
    CHECK_THROWS_WITH_AS(
        read_toml_file(folder.file("nul.toml", std::string("a = 1\n\0", 7))),
        (at + "/nul.toml: holds bytes that are no text; a configuration is a TOML file, in UTF-8").c_str(),
        ConfigError);
    CHECK_THROWS_WITH_AS(read_toml_file(folder.file("long.toml", std::string((std::size_t{16} << 20U) + 1, '\n'))),
                         (at + "/long.toml: longer than 16 MiB; a configuration is a short TOML file").c_str(),
                         ConfigError);
}

TEST_CASE("toml: overrides") {
    const std::string maps = R"("maps":[{"w":1},{"w":2}])";
    CHECK(after_override("model.lambda=0.3") == R"({"model":{"lambda":0.3,)" + maps + "}}");
    CHECK(after_override(" model.lambda = [1, 2.0] # why") == R"({"model":{"lambda":[1,2.0],)" + maps + "}}");
    CHECK(after_override("model.lambda=bernoulli_convolution") ==
          R"({"model":{"lambda":"bernoulli_convolution",)" + maps + "}}");
    CHECK(after_override("model.lambda=\"a = b\"") == R"({"model":{"lambda":"a = b",)" + maps + "}}");
    CHECK(after_override("model.lambda=true") == R"({"model":{"lambda":true,)" + maps + "}}");
    CHECK(after_override("model.maps.1.w=5") == R"({"model":{"lambda":0.5,"maps":[{"w":1},{"w":5}]}})");
    CHECK(after_override("model.maps.1={ v = 5 }") == R"({"model":{"lambda":0.5,"maps":[{"w":1},{"v":5}]}})");
    CHECK(after_override("ensemble.steps.at=[1]") ==
          R"({"model":{"lambda":0.5,)" + maps + R"(},"ensemble":{"steps":{"at":[1]}}})");
    CHECK(after_override("sweep.\"model.lambda\"=[0.1]") ==
          R"({"model":{"lambda":0.5,)" + maps + R"(},"sweep":{"model.lambda":[0.1]}})");
    Value root = Value::table();
    apply_override(root, "model.maps=[{ w = 1 }]");
    CHECK(origin_at(root, "model") == "--set model.maps");
    CHECK(origin_at(root, "model.maps.0.w") == "--set model.maps");
    CHECK(root.entries().front().origin == "--set model.maps");
}

TEST_CASE("toml: overrides that cannot be") {
    const std::string remedy = "; write a number, true, false, a word, a string in quotes or an [array]";
    CHECK(message_of_override("model.lambda") ==
          "--set model.lambda: no '='; write --set key=value, as in --set model.lambda=0.3");
    CHECK(message_of_override("model.lambda=") ==
          "--set model.lambda: '' is neither a TOML value nor a bare word" + remedy);
    CHECK(message_of_override("title=My run") ==
          "--set title: 'My run' is neither a TOML value nor a bare word" + remedy);
    CHECK(message_of_override("model.lambda=0.3x") ==
          "--set model.lambda: '0.3x' is neither a TOML value nor a bare word" + remedy);
    CHECK(message_of_override("a=1\nb=2") == "--set a: the value holds a line break; write it on one line");
    CHECK(message_of_override("=3") ==
          "--set : '' is not a path of keys; write keys parted by dots, as in model.maps.0.weight");
    CHECK(message_of_override("model.lambda.x=3") ==
          "--set model.lambda.x: model.lambda is a number and has no keys below it; set model.lambda itself");
    CHECK(message_of_override("model.maps.2.w=3") ==
          "--set model.maps.2.w: model.maps is an array of 2, and '2' is none of its elements; name one from 0 to 1");
    CHECK(message_of_override("model.maps.first.w=3").find("'first' is none of its elements") != std::string::npos);
}
