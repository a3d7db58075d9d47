#include "models/data/text_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "models/data/text_number.hpp"

namespace foldback {

namespace {

constexpr std::size_t longest_line = std::size_t{1} << 24U;
constexpr std::size_t chunk = std::size_t{1} << 16U;

/// Length of the UTF-8 sequence at the front of `text`; 0 when there is none (overlong forms and surrogates, too).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return 0;
    }
    const unsigned second = byte(1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool beyond = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
    return overlong || beyond ? 0 : length;
}

}  // namespace

TextLines::TextLines(const std::filesystem::path& file) : name_(file.string()), file_(nullptr, &std::fclose) {
    std::error_code ignored;
    const auto status = std::filesystem::status(file, ignored);
    if (std::filesystem::is_directory(status)) throw FileError(name_ + ": is a directory; name a file of data in it");
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        throw FileError(name_ + ": is no regular file; name a file of data");
    }
    file_.reset(std::fopen(name_.c_str(), "rb"));
    if (!file_) {
        throw FileError(name_ + ": cannot be read (" + std::strerror(errno) +
                        "); name a file of data that can be, relative to the folder of the configuration");
    }
    if (fill() && buffer_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark
    if (buffer_.starts_with("\x89HDF\r\n")) {
        throw FileError(name_ + ":1:1: is an HDF5 file, not a text; write format = \"hdf5\"");
    }
}

bool TextLines::fill() {
    buffer_.resize(chunk);
    buffer_.resize(std::fread(buffer_.data(), 1, chunk, file_.get()));
    at_ = 0;
    if (std::ferror(file_.get()) != 0) {
        throw FileError(name_ + ": reading failed (" + std::strerror(errno) + "); name a file that can be read");
    }
    return !buffer_.empty();
}

bool TextLines::read_line() {
    line_.clear();
    if (at_ == buffer_.size() && !fill()) return false;
    number_ += 1;
    while (true) {
        const std::string_view left = std::string_view(buffer_).substr(at_);
        const std::size_t end = left.find('\n');
        line_ += left.substr(0, end);
        if (line_.size() > longest_line)
            throw wrong(1, "the line is longer than 16 MiB", "give a text with a row in each line");
        if (end != std::string_view::npos) {
            at_ += end + 1;
            break;
        }
        if (!fill()) break;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    check_line();
    return true;
}

void TextLines::check_line() const {
    for (std::size_t i = 0; i < line_.size();) {
        if (line_[i] == '\0') throw wrong(i + 1, "a NUL byte", "give a text file, or name its format with format");
        const std::size_t length = sequence_length(std::string_view(line_).substr(i));
        if (length == 0) throw wrong(i + 1, "bytes that are not UTF-8", "give a text file in UTF-8");
        i += length;
    }
}

bool TextLines::next() {
    while (read_line()) {
        if (!trimmed(line_).empty()) return true;
    }
    return false;
}

std::string TextLines::place(const std::string& name, std::size_t line, std::size_t column) {
    return name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

FileError TextLines::wrong(std::size_t column, const std::string& problem, const std::string& remedy) const {
    return FileError(place(name_, number_, column) + ": " + problem + "; " + remedy);
}

}  // namespace foldback
