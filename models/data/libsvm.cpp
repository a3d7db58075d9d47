#include "models/data/libsvm.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/data/text_lines.hpp"
#include "models/data/text_number.hpp"
#include "sim/settings.hpp"

namespace foldback {

namespace {

struct Entry {
    std::size_t row, column;
    double value;
};

class SparseRows {
  public:
    SparseRows(const TextLines& lines, const LibsvmForm& form)
        : lines_(lines), form_(form), columns_(form.columns), places_(std::make_shared<Places>()) {}

    /// Reads the current line; one of a comment only is no row.
    void add() {
        const std::string_view line = lines_.line().substr(0, lines_.line().find('#'));
        std::size_t at = line.find_first_not_of(blanks);
        if (at == std::string_view::npos) return;
        std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
        if (line.substr(at, end - at).find(':') != std::string_view::npos) {
            throw lines_.wrong(at + 1, "the row begins without a target", "write TARGET INDEX:VALUE INDEX:VALUE ...");
        }
        read_.texts.emplace_back(line.substr(at, end - at));
        places_->push_back({lines_.number(), at + 1});
        std::size_t last = 0;
        while ((at = line.find_first_not_of(blanks, end)) != std::string_view::npos) {
            end = std::min(line.find_first_of(blanks, at), line.size());
            last = add_entry(line.substr(at, end - at), at + 1, last);
        }
        read_.rows += 1;
        check_size(1);
    }

    Samples finish() && {
        if (read_.rows == 0) throw FileError(lines_.name() + ": holds no row; give lines TARGET INDEX:VALUE ...");
        if (columns_ == 0) throw FileError(lines_.name() + ": holds no feature; give lines TARGET INDEX:VALUE ...");
        read_.columns = columns_;
        read_.features.assign(read_.rows * columns_, 0.0);
        for (const Entry& entry : entries_) read_.features[entry.row * columns_ + entry.column] = entry.value;
        for (std::size_t j = 0; j < columns_; ++j) read_.names.push_back("x" + std::to_string(j + 1));
        read_.place = [places = places_, name = lines_.name()](std::size_t row) {
            return TextLines::place(name, (*places)[row].first, (*places)[row].second);
        };
        return std::move(read_);
    }

  private:
    using Places = std::vector<std::pair<std::size_t, std::size_t>>;
    static constexpr const char* blanks = " \t";

    std::size_t add_entry(std::string_view text, std::size_t place, std::size_t last) {
        const std::string shown = describe(Value(text));
        const std::size_t colon = text.find(':');
        std::uint64_t index = 0;
        const char* const end = text.data() + std::min(colon, text.size());
        const auto [stop, error] = std::from_chars(text.data(), end, index);
        if (colon == std::string_view::npos || stop != end || error == std::errc::invalid_argument) {
            throw lines_.wrong(place, shown + " is no INDEX:VALUE", "write it as in 3:0.25");
        }
        if (error == std::errc::result_out_of_range) index = UINT64_MAX;
        if (index == 0) throw lines_.wrong(place, shown + " has index 0", "indices start at 1");
        if (index <= last) {
            throw lines_.wrong(place, shown + " follows index " + std::to_string(last), "indices must ascend");
        }
        if (form_.columns > 0 && index > form_.columns) {
            throw lines_.wrong(place, shown + " is beyond columns = " + std::to_string(form_.columns),
                               "correct it, or make columns larger");
        }
        if (index >= most_data) {
            throw lines_.wrong(place,
                               shown + " has an index that makes more than " + std::to_string(most_data) + " numbers",
                               "correct it; data are held in full, zeros too");
        }
        const TextNumber number = text_number(text.substr(colon + 1));
        if (!number.problem.empty()) {
            throw lines_.wrong(place + colon + 1, "the value of index " + std::to_string(index) + " " + number.problem,
                               "features are finite numbers");
        }
        columns_ = std::max(columns_, static_cast<std::size_t>(index));
        check_size(place);
        entries_.push_back({read_.rows, static_cast<std::size_t>(index) - 1, number.value});
        return static_cast<std::size_t>(index);
    }

    void check_size(std::size_t place) const {
        const std::size_t rows = std::max<std::size_t>(read_.rows, 1);
        if (columns_ < most_data / rows) return;
        throw lines_.wrong(place,
                           std::to_string(read_.rows) + " rows of " + std::to_string(columns_) +
                               " columns are more than " + std::to_string(most_data) + " numbers",
                           "correct the largest index, or give fewer rows; data are held in full, zeros too");
    }

    const TextLines& lines_;
    LibsvmForm form_;
    std::size_t columns_;
    std::vector<Entry> entries_;
    Samples read_;
    std::shared_ptr<Places> places_;
};

}  // namespace

LibsvmForm read_libsvm_form(Settings& table) {
    if (!table.has("columns")) return {};
    return {static_cast<std::size_t>(
        table.integer("columns", IntegerRange::between(1, static_cast<std::int64_t>(most_data))))};
}

Samples read_libsvm(const std::filesystem::path& file, const LibsvmForm& form) {
    TextLines lines(file);
    SparseRows rows(lines, form);
    while (lines.next()) rows.add();
    return std::move(rows).finish();
}

}  // namespace foldback
