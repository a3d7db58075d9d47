#include "sim/input_file.hpp"

#include <doctest/doctest.h>

#include "sim/error.hpp"
#include "tests/support/example_file.hpp"
#include "tests/support/scratch_folder.hpp"

namespace foldback {
namespace {

std::filesystem::path example_in(const ScratchFolder& folder) {
    auto name = folder / "a.h5";
    auto file = OutputFile::create(name, example::layout());
    for (std::size_t block = 0; block < file.blocks(); ++block) example::compute_block(file, block);
    example::finish(file);
    file.publish();
    return name;
}

void read_everything(const InputFile& file, bool texts = true) {
    for (const auto& variable : file.variables()) {
        if (variable.text && texts) file.texts(variable.path);
        if (variable.type) file.read<double>(variable.path);
        for (const auto& name : file.attribute_names(variable.path)) file.attribute(variable.path, name);
    }
}

}  // namespace

TEST_CASE("input file: lists variables with types, shapes and dimensions in their order") {
    const ScratchFolder folder;
    const InputFile file(example_in(folder));
    CHECK(file.variables().front().path == "/replica");
    CHECK(file.groups().front() == "/forward");
    const auto& state = file.variable("/forward/state");
    CHECK(state.type == Type::float64);
    CHECK(state.shape == std::vector<std::size_t>{example::replicas, 2, example::steps, 3});
    CHECK(state.dimensions == std::vector<std::string>{"replica", "start", "step", "component"});
    CHECK_FALSE(state.scale);
    const auto& step = file.variable("/forward/step");
    CHECK(step.scale);
    CHECK(step.dimensions == std::vector<std::string>{"step"});
    CHECK(file.variable("/config/text").text);
    CHECK(file.variable("/claims/stability/overall").shape.empty());
    CHECK(file.has("/claims/stability"));
    CHECK(file.has("/claims/stability/bound"));
    CHECK_FALSE(file.has("/claims/stability/bounds"));
}

TEST_CASE("input file: reads numbers, parts of them, texts and attributes") {
    const ScratchFolder folder;
    const InputFile file(example_in(folder));
    CHECK(file.read<std::int64_t>("/forward/step") == std::vector<std::int64_t>{1, 2, 5, 10, 100});
    CHECK(file.read<double>("/claims/stability/step_size") == std::vector<double>{0.5, 0.25, 0.125});
    const auto part = file.read<double>("/forward/state", {7, 1, 2, 0}, {2, 1, 1, 3});
    REQUIRE(part.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) CHECK(part[i] == example::value(0, (7 + i / 3) * 30 + 15 + 6 + i % 3));
    CHECK(file.read<double>("/model/rate") == std::vector<double>{0.5});
    CHECK(file.read<std::uint64_t>("/moments/forward/count") == std::vector<std::uint64_t>(5, 22));
    CHECK(file.text("/config/text") == "[model]\nkind = \"example\"  # ρ < 1\n");
    CHECK(file.text("/config/empty").empty());
    CHECK(file.texts("/claims/stability/case_label") == std::vector<std::string>{"first", ""});

    const auto attribute = [&](const char* path, const char* name) { return file.attribute(path, name); };
    CHECK(attribute("/", "seed") == AttributeValue(std::int64_t{20260330}));
    CHECK(attribute("/", "rates") == AttributeValue(std::vector<double>{0.5, 0.25}));
    CHECK(attribute("/", "counts") == AttributeValue(std::vector<std::int64_t>{1, 2, 3}));
    CHECK(attribute("/", "libraries") == AttributeValue(std::vector<std::string>{"HDF5 1.10", "Größe"}));
    CHECK(attribute("/", "finished") == AttributeValue("2026-03-30T12:00:00Z"));
    CHECK_FALSE(attribute("/", "missing"));
    CHECK(file.number_attribute("/claims/stability", "tol") == 1e-12);
    CHECK(file.number_attribute("/claims/stability", "tests") == 10.0);
    CHECK(file.text_attribute("/claims/stability", "nothing").empty());
    CHECK(file.attribute_names("/forward/state") ==
          std::vector<std::string>{"_FillValue", "digest", "long_name", "rows_per_block", "units"});
}

TEST_CASE("input file: errors name the file and the object") {
    const ScratchFolder folder;
    const auto name = example_in(folder);
    CHECK_THROWS_WITH_AS(InputFile(folder / "b.h5"), doctest::Contains("b.h5: no such file"), FileError);
    std::filesystem::copy(name, folder / "b.h5.part");
    CHECK_THROWS_WITH_AS(InputFile(folder / "b.h5"), doctest::Contains("unfinished run"), FileError);
    CHECK_THROWS_WITH_AS(InputFile(folder / "."), doctest::Contains("is a folder"), FileError);
    write_contents(folder / "text.h5", "no HDF5 at all");
    CHECK_THROWS_WITH_AS(InputFile(folder / "text.h5"), doctest::Contains("not an HDF5 file"), FileError);
    write_contents(folder / "empty.h5", "");
    CHECK_THROWS_WITH_AS(InputFile(folder / "empty.h5"), doctest::Contains("not an HDF5 file"), FileError);

    const InputFile file(name);
    CHECK_THROWS_WITH_AS(file.read<double>("/nothing"), doctest::Contains("/nothing is not in the file"), FileError);
    CHECK_THROWS_WITH_AS(file.read<double>("/forward"), doctest::Contains("/forward is a group"), FileError);
    CHECK_THROWS_WITH_AS(file.read<double>("/config/text"), doctest::Contains("/config/text holds text"), FileError);
    CHECK_THROWS_WITH_AS(file.read<std::int64_t>("/model/rate"), doctest::Contains("holds <f8; <i8 wanted"), FileError);
    CHECK_THROWS_AS(file.read<std::int64_t>("/moments/forward/count"), FileError);
    CHECK_THROWS_WITH_AS(file.text("/replica"), doctest::Contains("not text"), FileError);
    CHECK_THROWS_WITH_AS(file.text("/claims/stability/case_label"), doctest::Contains("2 texts"), FileError);
    CHECK_THROWS_AS(file.attribute("/nothing", "units"), FileError);
    CHECK_THROWS_WITH_AS(file.text_attribute("/", "missing"), doctest::Contains("'missing'"), FileError);
    CHECK_THROWS_AS(file.number_attribute("/", "format"), FileError);
    CHECK_THROWS_AS(file.read<double>("/model/rate", {0}, {1}), InternalError);
    CHECK_THROWS_AS(file.read<double>("/replica", {20}, {3}), InternalError);
}

TEST_CASE("input file: a file cut short anywhere is refused") {
    const ScratchFolder folder;
    const auto whole = contents(example_in(folder));
    for (std::size_t size = 0; size < whole.size(); size += 997) {
        write_contents(folder / "cut.h5", whole.substr(0, size));
        CAPTURE(size);
        CHECK_THROWS_AS(InputFile(folder / "cut.h5"), FileError);
    }
}

// HDF5 checks sums everywhere but in the heaps that hold variable-length texts and references, and in data: damage to
// a heap, or to a text dataset's references to it, crashes HDF5 1.10 itself.
TEST_CASE("input file: a damaged file gives errors and never worse") {
    const ScratchFolder folder;
    const auto whole = contents(example_in(folder));
    std::size_t refused = 0;
    constexpr std::size_t heap_bytes = 4096;
    for (std::size_t at = 0; at < whole.size(); at += 61) {
        const auto heap = whole.rfind("GCOL", at);
        if (heap != whole.npos && at < heap + heap_bytes) continue;
        auto damaged = whole;
        damaged[at] = static_cast<char>(~damaged[at]);
        write_contents(folder / "damaged.h5", damaged);
        try {
            read_everything(InputFile(folder / "damaged.h5"), false);
        } catch (const FileError& error) {
            ++refused;
            CHECK(std::string(error.what()).find("damaged.h5: ") != std::string::npos);
        }
    }
    CHECK(refused > 300);
}

TEST_CASE("input file: reading neither changes the file nor disturbs its writer") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    auto writer = OutputFile::create(name, example::layout());
    example::compute_block(writer, 0);
    {
        const InputFile reader(writer.part());
        read_everything(reader);
        example::compute_block(writer, 1);
        CHECK(reader.read<std::int8_t>("/progress/block_done")[1] == 1);
        CHECK(reader.read<double>("/forward/increment", {4, 0}, {1, 1})[0] == example::value(1, 4 * example::steps));
    }
    for (std::size_t block = 2; block < writer.blocks(); ++block) example::compute_block(writer, block);
    example::finish(writer);
    writer.publish();
    const auto before = contents(name);
    const auto time = std::filesystem::last_write_time(name);
    read_everything(InputFile(name));
    CHECK(contents(name) == before);
    CHECK(std::filesystem::last_write_time(name) == time);
}

TEST_CASE("input file: a reader that outlives the writer does not keep it from publishing") {
    const ScratchFolder folder;
    const auto name = folder / "a.h5";
    auto writer = OutputFile::create(name, example::layout());
    const InputFile reader(writer.part());
    for (std::size_t block = 0; block < writer.blocks(); ++block) example::compute_block(writer, block);
    example::finish(writer);
    writer.publish();
    CHECK(reader.text_attribute("/", "status") == "complete");
    CHECK(InputFile(name).text_attribute("/", "status") == "complete");
}

}  // namespace foldback
