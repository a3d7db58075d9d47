#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "models/data/dataset.hpp"
#include "runs/toml_file.hpp"
#include "sim/error.hpp"
#include "sim/model.hpp"
#include "sim/output_file.hpp"
#include "sim/settings.hpp"
#include "sim/surroundings.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace foldback;

namespace {

const ScratchFolder& folder() {
    static const ScratchFolder made;
    return made;
}

void write(const std::string& name, const std::string& text) { write_contents(folder() / name.c_str(), text); }

Settings data_table(const std::string& text) {
    return Settings(parse_toml(text, "f.toml"), "model.data", {.folder = folder() / "", .stored = {}});
}

std::shared_ptr<const Dataset> read(const std::string& text, Targets wanted = Targets::numbers) {
    Settings table = data_table(text);
    auto data = read_dataset(table, wanted);
    table.finish();
    return data;
}

/// The message without the folder's name.
template <class Error>
std::string refusal(const std::string& text, Targets wanted) {
    try {
        read(text, wanted);
    } catch (const Error& error) {
        std::string message = error.what();
        const std::string path = (folder() / "").string();
        for (std::size_t at; (at = message.find(path)) != std::string::npos;) message.erase(at, path.size());
        return message;
    }
    return "nothing was thrown";
}

/// The file error of a file with that text.
std::string fault(const std::string& name, const std::string& content, Targets wanted = Targets::classes,
                  const std::string& keys = "") {
    write(name, content);
    return refusal<FileError>("file = \"" + name + "\"\n" + keys, wanted);
}

bool begins(const std::string& text, const std::string& beginning) {
    const bool yes = text.starts_with(beginning);
    if (!yes) MESSAGE(text);
    return yes;
}

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("CSV: features, target, names, classes") {
    write("a.csv", "width, height,kind\n1,2,b\n3.5, -4e-1 ,a\n\n+5,6,b\n");
    const auto data = read("file = \"a.csv\"\n", Targets::classes);
    CHECK(data->rows == 3);
    CHECK(data->columns == 2);
    CHECK(data->train_rows == 3);
    CHECK(data->features == Numbers{1, 2, 3.5, -0.4, 5, 6});
    CHECK(data->names == Texts{"width", "height"});
    CHECK(data->labels == Texts{"a", "b"});
    CHECK(data->targets == Numbers{1, 0, 1});
    CHECK(read("file = \"a.csv\"\nlabels = [\"b\", \"a\"]\n", Targets::classes)->targets == Numbers{0, 1, 0});
    // Another target, by name and by number; then the classes would be a feature, and are no numbers.
    CHECK(begins(refusal<FileError>("file = \"a.csv\"\ntarget = \"height\"\n", Targets::numbers),
                 "a.csv:2:5: 'kind' is no number ('b')"));
    write("b.csv", "1;2;3\r\n4;5;6\r\n");
    const auto plain = read("file = \"b.csv\"\nheader = false\nseparator = \";\"\ntarget = 2\n");
    CHECK(plain->features == Numbers{1, 3, 4, 6});
    CHECK(plain->targets == Numbers{2, 5});
    write("c.csv", "\xEF\xBB\xBF\"a, \"\"b\"\"\",c\n1,\"7\"\n");
    CHECK(read("file = \"c.csv\"\n")->names == Texts{"a, \"b\""});
    CHECK(read("file = \"c.csv\"\n")->targets == Numbers{7});
    write("d.csv", "a\t\"b\"\n\"1\"\t2\n");
    CHECK(read("file = \"d.csv\"\nseparator = \"\\t\"\n")->features == Numbers{1});
    // Whole numbers are classes in the order of numbers, not of texts.
    write("e.csv", "x,y\n0,10\n0,9\n0,10.0\n");
    CHECK(read("file = \"e.csv\"\n", Targets::classes)->labels == Texts{"9", "10"});
}

TEST_CASE("CSV: the place of what is wrong") {
    CHECK(begins(fault("f.csv", "a,b\n1,2\n3\n"),
                 "f.csv:3:2: the row has 1 field; every row must have as many as the first line, 2"));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n3,4,5\n"), "f.csv:3:5: the row has 3 fields; "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\nred,4\n"), "f.csv:3:1: 'a' is no number ('red'); "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n,4\n"), "f.csv:3:1: 'a' is empty; "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n 1 2,4\n"), "f.csv:3:1: 'a' is no number ('1 2'); "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\nnan,4\n"), "f.csv:3:1: 'a' is not finite ('nan'); "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n-inf,4\n"), "f.csv:3:1: 'a' is not finite ('-inf'); "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n1e400,4\n"), "f.csv:3:1: 'a' is out of the range of a double ('1e400'); "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n3,0.5\n"), "f.csv:3:3: the label 0.5 is not a class; "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n3,x\n"), "f.csv:3:3: the label 'x' is a text among numbers; "));
    CHECK(begins(fault("f.csv", "a,b\n1,x\n3,\n"), "f.csv:3:3: the label is empty; "));
    CHECK(begins(fault("f.csv", "a,b\n1,x\n3,y\n4,z\n", Targets::two_classes),
                 "f.csv:4:3: the label 'z' is one class more than 2; "));
    CHECK(begins(fault("f.csv", "a,b\n1,x\n3,y\n4,z\n", Targets::classes, "labels = [\"x\", \"y\"]\n"),
                 "f.csv:4:3: the label 'z' is not a class; "));
    CHECK(begins(fault("f.csv", "a,b\n1,x\n3,x\n"), "f.csv:3:3: every row is of the one class 'x'; "));
    CHECK(begins(fault("f.csv", "a,b\n1,2\n3,x\n", Targets::numbers), "f.csv:3:3: the target is no number ('x'); "));
    CHECK(
        begins(fault("f.csv", "a,b\n1,2\n3,nan\n", Targets::numbers), "f.csv:3:3: the target is not finite ('nan'); "));
    CHECK(begins(fault("f.csv", "a,b\n\"1,2\n"), "f.csv:2:1: a quote that is not closed"));
    CHECK(begins(fault("f.csv", "a,b\n\"1\"2,2\n"), "f.csv:2:4: text behind a closed quote"));
    CHECK(begins(fault("f.csv", ""), "f.csv: holds no line; "));
    CHECK(begins(fault("f.csv", "\n \n"), "f.csv: holds no line; "));
    CHECK(begins(fault("f.csv", "a,b\n"), "f.csv: holds a header and no row; "));
    CHECK(begins(fault("f.csv", "a;b\n1;2\n"), "f.csv:1:1: the line has one field; "));
    CHECK(begins(fault("f.csv", "1,2\n3,4\n"), "f.csv:1:1: the first line holds numbers only; "));
    CHECK(begins(fault("f.csv", "a,a\n3,4\n"), "f.csv:1:3: two columns have the name 'a'; "));
    CHECK(begins(fault("f.csv", "a,\n3,4\n"), "f.csv:1:3: a column without a name; "));
}

TEST_CASE("CSV: what is no text, and no file") {
    CHECK(begins(fault("f.csv", std::string("a,b\n1,\0002\n", 9)), "f.csv:2:3: a NUL byte; "));
    CHECK(begins(fault("f.csv", "a,b\n1,caf\xE9\n"), "f.csv:2:6: bytes that are not UTF-8; "));
    CHECK(begins(fault("f.csv", "a,b\n1,\xC0\x80\n"), "f.csv:2:3: bytes that are not UTF-8; "));
    CHECK(begins(fault("f.csv", "\x89HDF\r\n\x1A\n"), "f.csv:1:1: is an HDF5 file, not a text; "));
    CHECK(begins(fault("f.csv", std::string((1U << 24U) + 1, 'a')), "f.csv:1:1: the line is longer than 16 MiB; "));
    CHECK(begins(refusal<FileError>("file = \"none.csv\"\n", Targets::numbers),
                 "none.csv: cannot be read (No such file or directory); "));
    CHECK(begins(refusal<FileError>("file = \".\"\nformat = \"csv\"\n", Targets::numbers), ".: is a directory; "));
    CHECK(begins(refusal<FileError>("file = \"/dev/zero\"\nformat = \"csv\"\n", Targets::numbers),
                 "/dev/zero: is no regular file; "));
    // A file of 10 GB that is a hole: refused at its first bytes.
    write("hole.csv", "");
    std::filesystem::resize_file(folder() / "hole.csv", 10'000'000'000);
    CHECK(begins(refusal<FileError>("file = \"hole.csv\"\n", Targets::numbers), "hole.csv:1:1: "));
    std::filesystem::remove(folder() / "hole.csv");
}

TEST_CASE("the keys of a file are checked") {
    write("g.csv", "left,right\n1,2\n3,4\n");
    const auto wrong = [](const std::string& keys, Targets wanted = Targets::numbers) {
        return refusal<ConfigError>("file = \"g.csv\"\n" + keys, wanted);
    };
    CHECK(begins(wrong("train = 3\n"), "f.toml:2:9: model.data.train is 3, and the data have 2 rows; "));
    CHECK(begins(wrong("train = 1\n", Targets::classes),
                 "f.toml:2:9: model.data.train leaves class '4' out of the 1 training rows; "));
    CHECK(begins(wrong("target = \"rihgt\"\n"),
                 "f.toml:2:10: model.data.target is 'rihgt', and no column has that name; did you mean 'right'"));
    CHECK(begins(wrong("target = 3\n"), "f.toml:2:10: model.data.target is 3; the data have 2 columns"));
    CHECK(begins(wrong("target = 0\n"), "f.toml:2:10: model.data.target is 0; "));
    CHECK(begins(wrong("target = \"right\"\nheader = false\n"),
                 "f.toml:2:10: model.data.target is 'right'; it must be the number"));
    CHECK(begins(wrong("separator = \"::\"\n"), "f.toml:2:13: model.data.separator is '::'; "));
    CHECK(begins(wrong("generator = \"linear\"\n"), "f.toml:2:13: model.data.generator stands beside file; "));
    CHECK(begins(wrong("format = \"tsv\"\n"), "f.toml:2:10: model.data.format is 'tsv'"));
    CHECK(begins(wrong("columns = 2\n"), "f.toml:2:1: model.data.columns is an unknown key; "));
    CHECK(begins(refusal<ConfigError>("train = 3\n", Targets::numbers), "f.toml: model.data.file is missing; "));
    CHECK(begins(refusal<ConfigError>("file = \"g.dat\"\n", Targets::numbers),
                 "f.toml:1:8: model.data.file has a name that does not say"));
    CHECK(begins(wrong("sha256 = \"ab\"\n"), "f.toml:2:10: model.data.sha256 is ab, and that of the data is "));
}

TEST_CASE("LIBSVM: targets, sparse features, comments") {
    write("a.svm", "# made by hand\n+1 1:0.5 3:2 # first\n-1 2:-1e-3\n\n1\n");
    const auto data = read("file = \"a.svm\"\n", Targets::two_classes);
    CHECK(data->columns == 3);
    CHECK(data->features == Numbers{0.5, 0, 2, 0, -0.001, 0, 0, 0, 0});
    CHECK(data->labels == Texts{"-1", "1"});
    CHECK(data->targets == Numbers{1, 0, 1});
    CHECK(read("file = \"a.svm\"\ncolumns = 5\n")->columns == 5);
}

TEST_CASE("LIBSVM: the place of what is wrong") {
    CHECK(begins(fault("f.svm", "1 1:2\n0 4:1 3:1\n"), "f.svm:2:7: '3:1' follows index 4; "));
    CHECK(begins(fault("f.svm", "1 1:2\n0 1:1 1:1\n"), "f.svm:2:7: '1:1' follows index 1; "));
    CHECK(begins(fault("f.svm", "1 0:2\n"), "f.svm:1:3: '0:2' has index 0; "));
    CHECK(begins(fault("f.svm", "1 -1:2\n"), "f.svm:1:3: '-1:2' is no INDEX:VALUE; "));
    CHECK(begins(fault("f.svm", "1 2\n"), "f.svm:1:3: '2' is no INDEX:VALUE; "));
    CHECK(begins(fault("f.svm", "1 qid:2 1:1\n"), "f.svm:1:3: 'qid:2' is no INDEX:VALUE; "));
    CHECK(begins(fault("f.svm", "1 1:\n"), "f.svm:1:5: the value of index 1 is empty; "));
    CHECK(begins(fault("f.svm", "1 1:inf\n"), "f.svm:1:5: the value of index 1 is not finite ('inf'); "));
    CHECK(begins(fault("f.svm", "1:2 2:3\n"), "f.svm:1:1: the row begins without a target; "));
    CHECK(begins(fault("f.svm", "x 2:3\n", Targets::numbers), "f.svm:1:1: the target is no number ('x'); "));
    CHECK(begins(fault("f.svm", ""), "f.svm: holds no row; "));
    CHECK(begins(fault("f.svm", "1\n0\n"), "f.svm: holds no feature; "));
    CHECK(begins(fault("f.svm", "1 4:1\n", Targets::numbers, "columns = 3\n"),
                 "f.svm:1:3: '4:1' is beyond columns = 3; "));
    // Absurd indices, before anything is allocated.
    CHECK(begins(fault("f.svm", "1 1250000000:1\n"),
                 "f.svm:1:3: '1250000000:1' has an index that makes more than 134217728 numbers; "));
    CHECK(begins(fault("f.svm", "1 99999999999999999999999:1\n"),
                 "f.svm:1:3: '99999999999999999999999:1' has an index that makes"));
    CHECK(begins(fault("f.svm", "1 1:1\n0 1:1\n1 100000000:1\n"),
                 "f.svm:3:3: 2 rows of 100000000 columns are more than"));
}

TEST_CASE("HDF5: a table of features, one target a row") {
    const auto lay_out = [](const std::string& name, std::size_t rows, double last) {
        Layout layout;
        layout.scales = {{"/row", Type::int64, 3}, {"/column", Type::int64, 2}, {"/target_row", Type::int64, rows}};
        layout.variables = {{.path = "/features", .dimensions = {"row", "column"}},
                            {.path = "/labels", .type = Type::int64, .dimensions = {"target_row"}}};
        layout.string_arrays = {{"/colours", "row", {"red", "blue", "red"}}};
        OutputFile file = OutputFile::create(folder() / name.c_str(), layout);
        const Numbers features = {1, 2, 3, 4, 5, last};
        const std::vector<std::int64_t> labels(rows, 7);
        file.write_all("/features", features.data());
        file.write_all("/labels", labels.data());
        file.publish();
    };
    lay_out("a.h5", 3, 6);
    const auto data = read("file = \"a.h5\"\ntarget = \"labels\"\n");
    CHECK(data->features == Numbers{1, 2, 3, 4, 5, 6});
    CHECK(data->targets == Numbers{7, 7, 7});
    CHECK(read("file = \"a.h5\"\ntarget = \"colours\"\n", Targets::classes)->targets == Numbers{1, 0, 1});
    const auto fails = [](const std::string& keys) { return refusal<FileError>(keys, Targets::classes); };
    CHECK(begins(fails("file = \"a.h5\"\ntarget = \"labels\"\n"),
                 "a.h5, /labels[2]: every row is of the one class '7'; "));
    CHECK(begins(fails("file = \"a.h5\"\ntarget = \"features\"\n"),
                 "a.h5, /features: has the shape (3, 2); it must hold a target"));
    CHECK(begins(fails("file = \"a.h5\"\nfeatures = \"labels\"\ntarget = \"labels\"\n"),
                 "a.h5, /labels: has the shape (3); it must be numbers"));
    CHECK(begins(fails("file = \"a.h5\"\nfeatures = \"colours\"\ntarget = \"labels\"\n"),
                 "a.h5, /colours: holds no numbers; "));
    lay_out("b.h5", 2, 6);
    CHECK(begins(fails("file = \"b.h5\"\ntarget = \"labels\"\n"), "b.h5, /labels: has the shape (2); "));
    lay_out("c.h5", 3, INFINITY);
    CHECK(begins(fails("file = \"c.h5\"\ntarget = \"labels\"\n"), "c.h5, /features[2, 1]: is not finite; "));
    CHECK(fails("file = \"a.h5\"\n").find("/targets") != std::string::npos);
    CHECK(begins(fails("file = \"none.h5\"\n"), "none.h5: "));
    write("d.h5", "text");
    CHECK(fails("file = \"d.h5\"\n").find("d.h5") != std::string::npos);
}

TEST_CASE("standardising, intercept, training rows, and a resolved table answers alike") {
    write("h.csv", "a,b,c,y\n1,5,0.1,1\n3,5,0.1,2\n5,5,0.1,3\n9,5,0.2,4\n");
    const std::string keys = "file = \"h.csv\"\ntrain = 3\nstandardise = true\nintercept = true\n";
    const auto data = read(keys);
    const double scale = std::sqrt(8.0 / 3);
    CHECK(data->mean == Numbers{3, 5, 0.1, 0});
    CHECK(data->scale == Numbers{scale, 1, 1, 1});
    CHECK(data->features == Numbers{-2 / scale, 0, 0, 1, 0, 0, 0, 1, 2 / scale, 0, 0, 1, 6 / scale, 0, 0.2 - 0.1, 1});
    CHECK(data->train_rows == 3);
    CHECK(data->names == Texts{"a", "b", "c", "intercept"});
    // Of all rows, as it would be if the test rows leaked in: something else.
    CHECK_FALSE(read("file = \"h.csv\"\nstandardise = true\n")->mean[0] == 3);
    const auto arrays = arrays_of(*data);
    CHECK(arrays.size() == 4);
    CHECK(arrays[0].shape == std::vector<std::size_t>{4, 4});
    CHECK(read("file = \"h.csv\"\nunit = 2.0\n")->features == Numbers{0.5, 2.5, 0.1 / 2, 1.5, 2.5, 0.1 / 2, 2.5, 2.5, 0.1 / 2, 4.5, 2.5, 0.2 / 2});
    CHECK_THROWS_AS(read("file = \"h.csv\"\nunit = 0.0\n"), ConfigError);
    const auto mixed = read("file = \"h.csv\"\nshuffle = 7\n");
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(mixed->features[3 * i] == Numbers{1, 3, 5, 9}.at(std::size_t(mixed->targets[i]) - 1));
}

TEST_CASE("from the file of a run: its arrays, not the CSV") {
    write("i.csv", "a,b,y\n1,2,x\n3,5,w\n5,1,w\n9,0,x\n");
    const std::string keys = "file = \"i.csv\"\ntrain = 3\nstandardise = true\nintercept = true\nshuffle = 4\nunit = 3.0\n";
    Settings first = data_table(keys);
    const auto data = read_dataset(first, Targets::classes);
    first.finish();
    CHECK(first.resolved().find("sha256")->text().size() == 64);
    CHECK(*first.resolved().find("labels") == Value::array_of(Texts{"w", "x"}));
    std::filesystem::remove(folder() / "i.csv");
    auto arrays = arrays_of(*data);
    const auto again = [&] {
        Surroundings of_file;
        of_file.stored = [&](const std::string& name) {
            for (const NamedArray& array : arrays)
                if (array.name == name) return array;
            throw FileError(name);
        };
        Settings table(first.resolved(), "model.data", of_file);
        auto restored = read_dataset(table, Targets::classes);
        table.finish();
        CHECK(table.resolved() == first.resolved());
        return restored;
    };
    const auto restored = again();
    CHECK(restored->features == data->features);
    CHECK(restored->targets == data->targets);
    CHECK(restored->mean == data->mean);
    CHECK(restored->scale == data->scale);
    CHECK(restored->train_rows == 3);
    CHECK(restored->classes == 2);
    CHECK(restored->labels == data->labels);
    CHECK(restored->intercept);
    arrays[0].values[2] += 1e-9;
    CHECK_THROWS_WITH_AS(again(), doctest::Contains("model.data.sha256 is "), ConfigError);
}

TEST_CASE("other data are refused by the digest that the configuration holds") {
    write("j.csv", "a,y\n1,2\n3,4\n");
    Settings first = data_table("file = \"j.csv\"\n");
    read_dataset(first, Targets::numbers);
    const std::string line = "file = \"j.csv\"\nsha256 = \"" + first.resolved().find("sha256")->text() + "\"\n";
    CHECK(read(line)->rows == 2);
    write("j.csv", "a,y\n1,2\n3,4.5\n");
    CHECK(begins(refusal<ConfigError>(line, Targets::numbers), "f.toml:2:10: model.data.sha256 is "));
}

TEST_CASE("absolute names are not kept") {
    write("k.csv", "a,y\n1,2\n3,4\n");
    Settings table = data_table("file = \"" + (folder() / "k.csv").string() + "\"\n");
    CHECK(read_dataset(table, Targets::numbers)->rows == 2);
    CHECK(table.resolved().find("file")->text() == "k.csv");
}
