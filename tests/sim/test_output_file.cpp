#include "sim/output_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <random>

#include "sim/error.hpp"
#include "sim/input_file.hpp"
#include "tests/support/example_file.hpp"
#include "tests/support/scratch_folder.hpp"

namespace foldback {
namespace {

using Names = std::vector<std::string>;

template <class Action>
std::string message_of(Action action) {
    try {
        action();
    } catch (const FileError& error) { return error.what(); }
    return "no FileError";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

OutputFile interrupted(const std::filesystem::path& name, std::size_t blocks) {
    auto file = OutputFile::create(name, example::layout());
    for (std::size_t block = 0; block < blocks; ++block) example::compute_block(file, block);
    return file;
}

std::string complete(OutputFile file) {
    for (std::size_t block = 0; block < file.blocks(); ++block)
        if (!file.block_done(block)) example::compute_block(file, block);
    auto sum = example::finish(file);
    file.publish();
    return sum;
}

std::string write_example(const std::filesystem::path& name, bool force = false) {
    return complete(OutputFile::create(name, example::layout(), force));
}

int python(const std::string& arguments) {
    return std::system(("cd '" FOLDBACK_SOURCE_DIR "/tests/support' && /usr/bin/python3 " + arguments).c_str());
}

// A layout of one variable with the given axes, named a, b, ...
Layout cube(const std::vector<std::size_t>& shape) {
    Layout made;
    std::vector<std::string> dimensions;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        dimensions.push_back(std::string(1, static_cast<char>('a' + axis)));
        made.scales.push_back({"/" + dimensions.back(), Type::int8, shape[axis]});
    }
    made.variables.push_back(example::variable("/x", Type::float64, dimensions));
    return made;
}

}  // namespace

TEST_CASE("output file: a file's life leaves one file that reads back") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    {
        auto file = OutputFile::create(name, example::layout());
        CHECK(folder.names() == Names{"a.h5.lock", "a.h5.part"});
        CHECK(file.blocks() == example::blocks);
        CHECK(file.blocks_done() == 0);
        for (std::size_t block = 0; block < file.blocks(); ++block) example::compute_block(file, block);
        CHECK(file.blocks_done() == example::blocks);
        const auto sum = example::finish(file);
        file.publish();
        CHECK(folder.names() == Names{"a.h5"});
        CHECK(InputFile(name).text_attribute("/", "data_sha256") == sum);
        CHECK_THROWS_AS(file.publish(), InternalError);
        CHECK_THROWS_AS(file.write_all("/model/rate", &sum), InternalError);
    }
    const InputFile file(name);
    const auto state = file.read<double>("/backward/state");
    REQUIRE(state.size() == example::replicas * 2 * example::steps * 3);
    for (std::size_t i = 0; i < state.size(); ++i) REQUIRE(state[i] == example::value(3, i));
    CHECK(file.read<std::int8_t>("/progress/block_done") == std::vector<std::int8_t>(example::blocks, 1));
    CHECK(file.text_attribute("/claims/stability", "failed_assumption") == "none of them");
    CHECK(file.text_attribute("/", "status") == "complete");
}

TEST_CASE("output file: small variables are filled") {
    const ScratchFolder folder;
    const auto file = OutputFile::create(folder / "a.h5", example::layout());
    const InputFile part(file.part());
    for (const auto x : part.read<double>("/claims/stability/bound")) CHECK(x != x);
    CHECK(part.read<std::int8_t>("/claims/stability/verdict") == std::vector<std::int8_t>(6, 3));
    CHECK(part.read<std::int64_t>("/moments/forward/small") == std::vector<std::int64_t>(example::steps, 0));
}

TEST_CASE("output file: every reader takes the published file and the .part while it is written") {
    const ScratchFolder folder;
    write_example(folder / "a.h5");
    const auto writer = interrupted(folder / "b.h5", 2);
    CHECK(python("read_everything.py " + (folder / "a.h5").string() + " " + writer.part().string()) == 0);
    CHECK(python("recompute_digest.py " + (folder / "a.h5").string()) == 0);
}

TEST_CASE("output file: the readers' check fails on files that break one rule") {
    const ScratchFolder folder;
    const std::pair<const char*, const char*> faults[] = {
        {"no scales", "del f['/forward/increment'].attrs['DIMENSION_LIST']"},
        {"no units", "del f['/forward/state'].attrs['units']"},
        {"missing value on integers", "f['/forward/diverged_at'].attrs['_FillValue'] = numpy.int64(0)"},
        {"links without order", "f.create_group('/more', track_order=False)"},
        {"two names for one axis", "f['/forward/state'].dims[1].attach_scale(f['/forward/component'])"},
        {"a changed type", "del f['/model/rate']; f['/model/rate'] = numpy.float16(1)"},
    };
    for (const auto& fault : faults) {
        const std::string change = fault.second;
        CAPTURE(fault.first);
        write_example(folder / "a.h5", true);
        const auto path = (folder / "a.h5").string();
        const auto command =
            "/usr/bin/python3 -c \"import h5py, numpy; f = h5py.File('" + path + "', 'r+'); " + change + "\"";
        REQUIRE(std::system(command.c_str()) == 0);
        CHECK(python("read_everything.py " + path + " > " + (folder / "said").string()) != 0);
        CHECK(contains(contents(folder / "said"), path + ": "));
    }
}

TEST_CASE("output file: equal runs give equal bytes, interrupted after any block or not") {
    const ScratchFolder folder;
    const auto sum = write_example(folder / "a.h5");
    CHECK(write_example(folder / "b.h5") == sum);
    CHECK(contents(folder / "a.h5") == contents(folder / "b.h5"));
    for (std::size_t blocks = 0; blocks <= example::blocks; ++blocks) {
        const auto name = folder / "c.h5";
        interrupted(name, blocks);
        CHECK(folder.names() == Names{"a.h5", "b.h5", "c.h5.part"});
        auto file = OutputFile::resume(name);
        CHECK(file.blocks_done() == blocks);
        CHECK(complete(std::move(file)) == sum);
        CHECK(contents(folder / "a.h5") == contents(name));
        std::filesystem::remove(name);
    }
}

TEST_CASE("output file: one different bit gives another digest") {
    const ScratchFolder folder;
    const auto sum = write_example(folder / "a.h5");
    auto file = interrupted(folder / "b.h5", example::blocks);
    std::vector<double> increments(example::steps * 2);
    for (std::size_t i = 0; i < increments.size(); ++i) increments[i] = example::value(1, 20 * example::steps + i);
    increments.back() = std::nextafter(increments.back(), 0.0);
    file.write_block("/forward/increment", 5, increments.data());
    CHECK(complete(std::move(file)) != sum);
}

TEST_CASE("output file: what exists is not overwritten unless forced") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    write_example(name);
    const auto before = contents(name);
    const auto layout = example::layout();
    CHECK(contains(message_of([&] { OutputFile::create(name, layout); }), "exists already; --force"));
    CHECK(contains(message_of([&] { OutputFile::resume(name); }), "the run is complete"));
    { const auto unfinished = OutputFile::create(name, layout, true); }
    CHECK(contents(name) == before);
    CHECK(folder.names() == Names{"a.h5", "a.h5.part"});
    CHECK(contains(message_of([&] { OutputFile::resume(name); }), "--resume --force"));
    complete(OutputFile::resume(name, true));
    CHECK(contents(name) == before);
    CHECK(folder.names() == Names{"a.h5"});
}

TEST_CASE("output file: a file that appears during the run is not overwritten") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    auto file = interrupted(name, example::blocks);
    write_contents(name, "precious");
    CHECK(contains(message_of([&] { complete(std::move(file)); }), "cannot rename it"));
    CHECK(contents(name) == "precious");
}

TEST_CASE("output file: an interrupted run is resumed or, when forced, started over") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    CHECK(contains(message_of([&] { OutputFile::resume(name); }), "run without --resume"));
    interrupted(name, 3);
    CHECK(contains(message_of([&] { OutputFile::create(name, example::layout()); }), "--resume goes on"));
    CHECK(OutputFile::resume(name).blocks_done() == 3);
    CHECK(OutputFile::create(name, example::layout(), true).blocks_done() == 0);
    write_contents(name.string() + ".part", "not HDF5");
    CHECK(contains(message_of([&] { OutputFile::resume(name); }), "not an HDF5 file or damaged"));
    CHECK(folder.names() == Names{"a.h5.part"});
}

TEST_CASE("output file: a second run is refused at once and told who holds the file") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    const auto holder = OutputFile::create(name, example::layout());
    const auto pid = "process " + std::to_string(::getpid());
    CHECK(contains(message_of([&] { OutputFile::create(name, example::layout(), true); }), pid));
    CHECK(contains(message_of([&] { OutputFile::resume(name); }), pid));
    CHECK(folder.names() == Names{"a.h5.lock", "a.h5.part"});
}

TEST_CASE("output file: what dead runs left does not block") {
    const ScratchFolder folder;
    write_contents(folder / "a.h5.lock", "1\n");
    write_contents(folder / "a.h5.new", "half a file");
    write_example(folder / "a.h5");
    CHECK(folder.names() == Names{"a.h5"});
}

TEST_CASE("output file: impossible targets are refused and leave nothing") {
    const ScratchFolder folder;
    const auto layout = example::layout();
    std::filesystem::create_directory(folder / "sub");
    CHECK(contains(message_of([&] { OutputFile::create(folder / "sub", layout); }), "is a folder"));
    CHECK(contains(message_of([&] { OutputFile::create(folder / "none/a.h5", layout); }), "does not exist"));
    CHECK(contains(message_of([&] { OutputFile::create("/proc/a.h5", layout); }), "/proc/a.h5"));
    const std::size_t n = 1 << 17;
    const auto text = message_of([&] { OutputFile::create(folder / "a.h5", cube({n, n, n})); });
    CHECK(contains(text, "needs 180143985"));
    CHECK(contains(text, "free"));
    CHECK(folder.names() == Names{"sub"});
}

TEST_CASE("output file: layouts that readers would refuse are refused first") {
    const ScratchFolder folder;
    const auto refused = [&](const Layout& layout) {
        CHECK_THROWS_AS(OutputFile::create(folder / "a.h5", layout), InternalError);
        CHECK(folder.names().empty());
    };
    auto layout = cube({2, 3});
    CHECK_NOTHROW(layout.check());
    CHECK(layout.bytes() == 2 + 3 + 6 * 8);
    layout.variables[0].dimensions = {"a", "a"};
    refused(layout);
    layout.variables[0].dimensions = {"a", "missing"};
    refused(layout);
    layout = cube({2, 3});
    layout.variables.push_back(layout.variables[0]);
    refused(layout);
    layout = cube({2, 3});
    layout.scales.push_back({"/group/a", Type::int8, 4});
    refused(layout);
    layout = cube({2, 0});
    refused(layout);
    layout = cube({2});
    layout.variables[0].path = "x";
    refused(layout);
    layout = cube({2});
    layout.string_arrays.push_back({"/label", "a", {"only one"}});
    refused(layout);
    layout = cube({});
    layout.variables[0].rows_per_block = 1;
    refused(layout);
}

TEST_CASE("output file: misuse is an internal error") {
    const ScratchFolder folder;
    auto file = OutputFile::create(folder / "a.h5", example::layout());
    const std::vector<double> data(1000);
    const std::span<const double> few(data.data(), 3);
    CHECK_THROWS_AS(file.write("/nowhere", 0, 1, data.data()), InternalError);
    CHECK_THROWS_AS(file.write("/forward/increment", 20, 3, data.data()), InternalError);
    CHECK_THROWS_AS(file.write("/forward/increment", 0, 1, few), InternalError);
    CHECK_THROWS_AS(file.write("/forward/diverged_at", 0, 3, few), InternalError);
    CHECK_THROWS_AS(file.write_block("/model/rate", 0, data.data()), InternalError);
    CHECK_THROWS_AS(file.write_block("/forward/increment", 6, data.data()), InternalError);
    CHECK_THROWS_AS(file.mark_block(0), InternalError);
    CHECK_THROWS_AS(file.mark_block(6), InternalError);
    CHECK_THROWS_AS(file.seal(), InternalError);
    CHECK_THROWS_AS(file.set_attribute("/", "missing", 1.0), InternalError);
    CHECK_THROWS_AS(file.set_attribute("/", "format", "variable length"), InternalError);
    CHECK_THROWS_AS(file.set_attribute("/", "status", std::string(17, 'x')), InternalError);
    CHECK_THROWS_AS(file.set_attribute("/", "seed", 1.0), InternalError);
    CHECK_NOTHROW(file.set_attribute("/", "status", std::string(16, 'x')));
    CHECK(file.block_rows("/forward/state", 5) == 2);
    CHECK(file.block_bytes("/forward/state", 0) == 4 * 30 * 8);
    for (std::size_t block = 0; block < file.blocks(); ++block) example::compute_block(file, block);
    CHECK_THROWS_WITH_AS(file.seal(), doctest::Contains("is a result that was not written"), InternalError);
}

TEST_CASE("output file: blocks are marked in the file by settle(), by the end of the writer and by publish()") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    const auto marks = [&] { return InputFile(std::filesystem::path(name) += ".part").read<std::int8_t>("/progress/block_done"); };
    {
        auto file = OutputFile::create(name, example::layout());
        example::compute_block(file, 0);
        CHECK(marks()[0] == 1);  // the first one at once
        example::compute_block(file, 2);
        CHECK(file.block_done(2));
        file.settle();
        CHECK(marks() == std::vector<std::int8_t>{1, 0, 1, 0, 0, 0});
        example::compute_block(file, 4);
    }
    CHECK(marks() == std::vector<std::int8_t>{1, 0, 1, 0, 1, 0});
    auto file = OutputFile::resume(name);
    for (const std::size_t block : {1U, 3U, 5U}) example::compute_block(file, block);
    example::finish(file);
    file.publish();
    CHECK(InputFile(name).read<std::int8_t>("/progress/block_done") == std::vector<std::int8_t>(example::blocks, 1));
}

TEST_CASE("output file: few rows wait for their neighbours, yet all that is read follows the order of the calls") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    const std::size_t columns = 3, rows = 3000;  // a row of 24 bytes, pieces of up to 16 KB wait
    std::vector<double> expected(rows * columns, std::numeric_limits<double>::quiet_NaN());
    std::mt19937 random(20261127);
    const auto holds = [&](const std::vector<double>& found) {
        return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                          [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); });
    };
    {
        auto file = OutputFile::create(name, cube({rows, columns}));
        double next = 0;
        const auto put = [&](std::size_t first, std::size_t count) {
            std::vector<double> piece(count * columns);
            for (double& x : piece) x = next++;
            file.write("/x", first, count, std::span<const double>(piece));
            std::copy(piece.begin(), piece.end(), expected.begin() + std::ptrdiff_t(first * columns));
        };
        for (std::size_t first = 0; first < 50; ++first) put(first, 1);  // neighbours
        put(60, 3);
        put(10, 2);  // again, while others wait
        put(11, 1);
        for (int k = 0; k < 200; ++k) {
            const std::size_t first = random() % rows, count = 1 + random() % (k % 5 == 0 ? 1000 : 8);
            put(first, std::min(count, rows - first));
            if (k % 40 != 0) continue;
            std::vector<double> found(rows * columns);
            file.read("/x", 0, rows, found.data());
            CHECK(holds(found));
            put(rows - 1, 1);
            CHECK(holds(InputFile(file.part()).read<double>("/x")));
        }
        file.settle();
        CHECK(holds(InputFile(file.part()).read<double>("/x")));
        put(rows - 1, 1);
        CHECK_THROWS_WITH_AS(put(rows - 1, 2), doctest::Contains("which has 3000"), InternalError);
    }
    CHECK(holds(InputFile(std::filesystem::path(name) += ".part").read<double>("/x")));
}

TEST_CASE("output file: a file without blocks or results") {
    const ScratchFolder folder;
    auto file = OutputFile::create(folder / "a.h5", cube({2, 3}));
    CHECK(file.blocks() == 0);
    const std::vector<double> x{0, 1, 2, 3, 4, std::numeric_limits<double>::infinity()};
    file.write_all("/x", std::span(x));
    file.publish();
    CHECK(InputFile(folder / "a.h5").read<double>("/x") == x);
}

}  // namespace foldback
