#include "models/data/data_file.hpp"

#include <map>

#include "sim/settings.hpp"
#include "sim/surroundings.hpp"

namespace foldback {

namespace {

/// The key format, or what the file's extension says.
std::string read_format(Settings& table, const std::filesystem::path& file) {
    static const std::vector<std::string> formats = {"csv", "libsvm", "hdf5"};
    if (table.has("format")) return table.word("format", formats);
    static const std::map<std::string, std::string> known = {
        {".csv", "csv"},         {".txt", "csv"}, {".libsvm", "libsvm"}, {".svm", "libsvm"},
        {".svmlight", "libsvm"}, {".h5", "hdf5"}, {".hdf5", "hdf5"}};
    const auto found = known.find(file.extension().string());
    if (found != known.end()) return table.word("format", formats, found->second);
    throw table.wrong("file", "has a name that does not say what it holds",
                      "write format = \"csv\", \"libsvm\" or \"hdf5\" beside it");
}

}  // namespace

DataFile::DataFile(Settings& table) {
    const std::filesystem::path written = table.text("file");
    if (written.filename().empty()) throw table.wrong("file", "names no file", "write file = \"data.csv\"");
    file_ = table.surroundings().folder / written;
    // A finished file tells no folders of the machine that it was made on.
    if (written.is_absolute()) table.resolve("file", Value(written.filename().string()));
    const std::string format = read_format(table, written);
    if (format == "csv") form_ = read_csv_form(table);
    if (format == "libsvm") form_ = read_libsvm_form(table);
    if (format == "hdf5") form_ = read_hdf5_form(table);
}

Samples DataFile::read(const Settings& table) const {
    if (const auto* csv = std::get_if<CsvForm>(&form_)) return read_csv(file_, *csv, table);
    if (const auto* libsvm = std::get_if<LibsvmForm>(&form_)) return read_libsvm(file_, *libsvm);
    return read_hdf5(file_, std::get<Hdf5Form>(form_));
}

}  // namespace foldback
