#pragma once
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sim/error.hpp"

namespace foldback {

/// The lines of a text file, one after another and never all at once. FileError when it cannot be read, or at the first
/// line that is no text (a NUL, not UTF-8) or has no end within 16 MiB.
class TextLines {
  public:
    explicit TextLines(const std::filesystem::path& file);

    /// Goes to the next line that is not blank; false when there is none.
    bool next();
    /// Without its end, LF or CR LF.
    std::string_view line() const { return line_; }
    /// Of the line, from 1.
    std::size_t number() const { return number_; }
    const std::string& name() const { return name_; }

    /// "data.csv:12:30", the column counted in bytes from 1.
    static std::string place(const std::string& name, std::size_t line, std::size_t column);
    /// The error "NAME:LINE:COLUMN: PROBLEM; REMEDY" for the current line.
    FileError wrong(std::size_t column, const std::string& problem, const std::string& remedy) const;

  private:
    bool fill();
    bool read_line();
    void check_line() const;

    std::string name_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::string buffer_;
    std::size_t at_ = 0;  // of the first byte of the buffer that is not read yet
    std::string line_;
    std::size_t number_ = 0;
};

}  // namespace foldback
