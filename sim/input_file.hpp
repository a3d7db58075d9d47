#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/file_layout.hpp"

namespace foldback {

/// What the file says about one dataset.
struct StoredVariable {
    std::string path;
    std::optional<Type> type;      ///< none for text and for types that foldback does not write
    std::size_t number_bytes = 0;  ///< of an element of any type of integers or floats; 0 for others
    bool text = false;
    bool scale = false;
    std::vector<std::size_t> shape;
    std::vector<std::string> dimensions;  ///< one name an axis; empty names where the file names none
};

/// Reads a published file or a .part, which it neither locks nor changes. Every error is a FileError that names the
/// file and the object: not there, a folder, not HDF5, damaged or cut short, no such object, another type.
class InputFile {
  public:
    explicit InputFile(const std::filesystem::path& name);
    InputFile(InputFile&&) noexcept;
    InputFile& operator=(InputFile&&) noexcept;
    ~InputFile();

    const std::filesystem::path& name() const;

    /// All datasets, scales and texts included, each group's in their order of creation.
    const std::vector<StoredVariable>& variables() const;
    const StoredVariable& variable(std::string_view path) const;

    /// Paths of all groups but the root.
    const std::vector<std::string>& groups() const;

    /// Whether there is a group or a dataset of that path.
    bool has(std::string_view path) const;

    /// Numbers in C order. T is double (any integer or float is converted), std::int64_t (any signed integer),
    /// std::uint64_t (uint64 only) or std::int8_t (int8 only).
    template <class T>
    std::vector<T> read(std::string_view path) const;

    /// The hyperslab of `count` elements from `start` along each axis.
    template <class T>
    std::vector<T> read(std::string_view path, const std::vector<std::size_t>& start,
                        const std::vector<std::size_t>& count) const;

    std::string text(std::string_view path) const;
    std::vector<std::string> texts(std::string_view path) const;

    /// Of a dataset, a group or "/"; a number of one element and a scalar are the same. Nothing if it is not there.
    std::optional<AttributeValue> attribute(std::string_view path, std::string_view name) const;

    /// The same as text or a number; FileError if it is not there or of another kind.
    std::string text_attribute(std::string_view path, std::string_view name) const;
    double number_attribute(std::string_view path, std::string_view name) const;

    /// In alphabetical order, without those that only hold HDF5's dimensions together.
    std::vector<std::string> attribute_names(std::string_view path) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace foldback
