#include "models/data/csv.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "models/data/text_lines.hpp"
#include "models/data/text_number.hpp"
#include "sim/nearest_name.hpp"
#include "sim/settings.hpp"

namespace foldback {

namespace {

struct Field {
    std::string_view text;
    std::size_t column;  // of its first byte, from 1
};

/// The fields of one line at a time; their texts last until the next line.
class Fields {
  public:
    Fields(const TextLines& lines, char separator) : lines_(lines), separator_(separator) {}

    const std::vector<Field>& split() {
        fields_.clear();
        unquoted_.clear();
        const std::string_view line = lines_.line();
        for (std::size_t at = 0; at <= line.size();) at = next(line, at) + 1;
        return fields_;
    }

  private:
    /// Adds the field that begins at `at`; returns where its separator stands, or the line's end.
    std::size_t next(std::string_view line, std::size_t at) {
        const std::size_t first = line.find_first_not_of(separator_ == '\t' ? " " : " \t", at);
        if (first != std::string_view::npos && line[first] == '"') return quoted(line, first);
        const std::size_t end = std::min(line.find(separator_, at), line.size());
        fields_.push_back({trimmed(line.substr(at, end - at)), at + 1});
        return end;
    }

    std::size_t quoted(std::string_view line, std::size_t quote) {
        std::string& text = unquoted_.emplace_back();
        std::size_t at = quote + 1;
        while (true) {
            const std::size_t end = line.find('"', at);
            if (end == std::string_view::npos) {
                throw lines_.wrong(quote + 1, "a quote that is not closed in this line", "close it");
            }
            text += line.substr(at, end - at);
            at = end + 1;
            if (at == line.size() || line[at] != '"') break;
            text += '"';  // "" stands for one
            at += 1;
        }
        const std::size_t end = std::min(line.find(separator_, at), line.size());
        if (!trimmed(line.substr(at, end - at)).empty()) {
            throw lines_.wrong(at + 1, "text behind a closed quote", "quote the whole field, or nothing of it");
        }
        fields_.push_back({text, quote + 1});
        return end;
    }

    const TextLines& lines_;
    char separator_;
    std::vector<Field> fields_;
    std::deque<std::string> unquoted_;
};

std::vector<std::string> header_names(const TextLines& lines, const std::vector<Field>& fields) {
    const auto is_number = [](const Field& field) { return text_number(field.text).problem.empty(); };
    if (std::all_of(fields.begin(), fields.end(), is_number)) {
        throw lines.wrong(1, "the first line holds numbers only", "write the columns' names there, or header = false");
    }
    std::vector<std::string> names;
    for (const Field& field : fields) {
        const std::string name(field.text);
        if (name.empty()) throw lines.wrong(field.column, "a column without a name", "write one there");
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            throw lines.wrong(field.column, "two columns have the name " + describe(Value(name)), "name them apart");
        }
        names.push_back(name);
    }
    return names;
}

std::vector<std::string> numbered_names(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t j = 0; j < count; ++j) names.push_back("x" + std::to_string(j + 1));
    return names;
}

/// Which column holds the target, from 0.
std::size_t target_column(const Settings& table, const CsvForm& form, const std::vector<std::string>& names) {
    if (!form.target.empty()) {
        const auto found = std::find(names.begin(), names.end(), form.target);
        if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
        throw table.wrong("target", "is '" + form.target + "', and no column has that name",
                          suggestion(form.target, names));
    }
    if (form.target_number > names.size()) {
        throw table.wrong("target", "is " + std::to_string(form.target_number),
                          "the data have " + std::to_string(names.size()) + " columns");
    }
    return form.target_number > 0 ? form.target_number - 1 : names.size() - 1;
}

/// Takes one row after another.
class CsvSamples {
  public:
    CsvSamples(const TextLines& lines, std::vector<std::string> names, std::size_t target)
        : lines_(lines), names_(std::move(names)), target_(target), places_(std::make_shared<Places>()) {}

    void add(const std::vector<Field>& fields) {
        check_length(fields);
        if (fields.size() > most_data / (read_.rows + 1)) {
            throw lines_.wrong(1, "more than " + std::to_string(most_data) + " numbers", "give fewer rows or columns");
        }
        for (std::size_t j = 0; j < fields.size(); ++j) {
            if (j == target_) continue;
            const TextNumber number = text_number(fields[j].text);
            if (!number.problem.empty()) {
                throw lines_.wrong(fields[j].column, describe(Value(names_[j])) + " " + number.problem,
                                   "features are finite numbers: correct it, or leave out the row or the column");
            }
            read_.features.push_back(number.value);
        }
        read_.texts.emplace_back(fields[target_].text);
        places_->push_back({lines_.number(), fields[target_].column});
        read_.rows += 1;
    }

    Samples finish() && {
        read_.columns = names_.size() - 1;
        names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(target_));
        read_.names = std::move(names_);
        read_.place = [places = places_, name = lines_.name()](std::size_t row) {
            return TextLines::place(name, (*places)[row].first, (*places)[row].second);
        };
        return std::move(read_);
    }

  private:
    using Places = std::vector<std::pair<std::size_t, std::size_t>>;

    void check_length(const std::vector<Field>& fields) const {
        if (fields.size() == names_.size()) return;
        const std::size_t column =
            fields.size() > names_.size() ? fields[names_.size()].column : lines_.line().size() + 1;
        throw lines_.wrong(column,
                           "the row has " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields"),
                           "every row must have as many as the first line, " + std::to_string(names_.size()));
    }

    const TextLines& lines_;
    std::vector<std::string> names_;
    std::size_t target_;
    Samples read_;
    std::shared_ptr<Places> places_;
};

}  // namespace

CsvForm read_csv_form(Settings& table) {
    CsvForm form;
    const std::string separator = table.text("separator", ",");
    if (separator.size() != 1 || std::string_view(",;\t|").find(separator[0]) == std::string_view::npos) {
        throw table.wrong("separator", "is " + describe(Value(separator)), R"(it must be ",", ";", "\t" or "|")");
    }
    form.separator = separator[0];
    form.header = table.flag("header", true);
    if (!table.has("target")) return form;
    const Value target = table.raw("target");
    if (target.is_text() && !target.text().empty() && form.header) {
        form.target = target.text();
    } else if (target.is_integer() && target.integer() > 0) {
        form.target_number = static_cast<std::size_t>(target.integer());
    } else {
        throw table.wrong("target", "is " + describe(target),
                          form.header ? "it must be the name or the number (1, 2, ...) of a column"
                                      : "it must be the number of a column (1, 2, ...), as there is no header");
    }
    return form;
}

Samples read_csv(const std::filesystem::path& file, const CsvForm& form, const Settings& table) {
    TextLines lines(file);
    Fields fields(lines, form.separator);
    if (!lines.next()) throw FileError(lines.name() + ": holds no line; give a header and rows of numbers");
    const std::vector<Field>& first = fields.split();
    if (first.size() < 2) {
        throw lines.wrong(1, "the line has one field",
                          "a row has features and a target; if a sign other than '" + std::string(1, form.separator) +
                              "' parts the fields, name it with separator");
    }
    auto names = form.header ? header_names(lines, first) : numbered_names(first.size());
    const std::size_t target = target_column(table, form, names);
    CsvSamples samples(lines, std::move(names), target);
    bool any = !form.header;
    if (any) samples.add(first);
    while (lines.next()) {
        samples.add(fields.split());
        any = true;
    }
    if (!any) throw FileError(lines.name() + ": holds a header and no row; give rows of numbers below it");
    return std::move(samples).finish();
}

}  // namespace foldback
