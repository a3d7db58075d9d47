#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/digest.hpp"
#include "sim/file_layout.hpp"

namespace foldback {

/// The one writer of a file NAME. While it lives, it holds NAME.lock; the data stand in NAME.part, laid out completely
/// (by way of NAME.new) before any of them is written, so that NAME.part opens after a kill at any instant; publish()
/// renames it to NAME. Without publish() NAME.part and its data stay. Not thread-safe: threads hand their blocks to
/// the one that owns it.
///
/// Errors: FileError for what the file system, the device or the user's choice of file causes; InternalError for
/// paths, shapes, types or an order of calls that contradict the layout.
class OutputFile {
  public:
    /// Lays the file out. Refuses at once: a folder that is missing or not writable, a directory, another run's
    /// output, too little space, and, without `force`, an existing NAME or NAME.part. With `force` NAME.part is
    /// started over, while NAME is replaced only by publish(). When it fails, nothing is left behind.
    static OutputFile create(const std::filesystem::path& name, const Layout& layout, bool force = false);

    /// Goes on with NAME.part. An existing NAME needs `force` here, too.
    static OutputFile resume(const std::filesystem::path& name, bool force = false);

    OutputFile(OutputFile&&) noexcept;
    OutputFile& operator=(OutputFile&&) noexcept;
    ~OutputFile();

    const std::filesystem::path& name() const;

    /// NAME.part, with all that was written before the call in it: an InputFile may read it at any time, in this process, too.
    const std::filesystem::path& part() const;

    /// Blocks of work: the length of /progress/block_done, 0 if there is none.
    std::size_t blocks() const;
    bool block_done(std::size_t block) const;
    std::size_t blocks_done() const;  ///< with those that settle() has still to mark in the file

    /// Rows [first, first + count) as they stand, into `data`, in C order and the variable's type.
    void read(std::string_view path, std::size_t first, std::size_t count, void* data) const;

    /// Writes rows [first, first + count) of the first dimension; `data` holds them in C order and the variable's type. Few
    /// rows may wait for their neighbours, to be written with them; part(), read() and settle() bring them to the file.
    void write(std::string_view path, std::size_t first, std::size_t count, const void* data);

    /// Writes a small variable (or a number) as a whole; its digest is computed from the data.
    void write_all(std::string_view path, const void* data);

    /// Writes the rows of one block of a blocked variable (the last block may be shorter) and, for a result, keeps
    /// their digest, computed here unless the worker did.
    void write_block(std::string_view path, std::size_t block, const void* data,
                     std::optional<Digest> digest = std::nullopt);

    /// The same with the size and type checked.
    template <class T>
    void write(std::string_view path, std::size_t first, std::size_t count, std::span<const T> data) {
        check(path, type_for<T>(), count, data.size());
        write(path, first, count, static_cast<const void*>(data.data()));
    }
    template <class T>
    void write_all(std::string_view path, std::span<const T> data) {
        check(path, type_for<T>(), whole, data.size());
        write_all(path, static_cast<const void*>(data.data()));
    }

    /// Writes the part of a variable at the given leading indices, one for each of its first axes (a point of a sweep).
    void write_at(std::string_view path, const std::vector<std::size_t>& leading, const void* data);

    /// Rows and bytes that `block` has in a blocked variable.
    std::size_t block_rows(std::string_view path, std::size_t block) const;
    std::size_t block_bytes(std::string_view path, std::size_t block) const;

    /// Takes the block for done. Every blocked result must have been written for it. The file says so once its data are
    /// on the device, for which one wait serves many blocks: see settle().
    void mark_block(std::size_t block);

    /// Waits until everything written is on the device and only then marks in the file what mark_block() took for done.
    /// Without blocks to mark it only writes what waited.
    /// Done by itself at the first block, later a quarter of a second or 64 MB after the last time, and before seal() and at
    /// the end of this object's life, publish() or not. What is not yet marked when a kill comes is computed again.
    void settle();

    /// Overwrites, in place, a number or a text of fixed length; `path` is that of a variable, a group or "/".
    void set_attribute(std::string_view path, std::string_view name, const AttributeValue& value);

    /// Once all blocks are done and all small results written: sets `digest` of every result and `data_sha256` of the
    /// root, and returns the latter.
    std::string seal();

    /// Brings everything to the device, renames NAME.part to NAME and gives up the lock. Nothing can be written after.
    void publish();

  private:
    class Impl;
    static constexpr std::size_t whole = static_cast<std::size_t>(-1);

    template <class T>
    static constexpr Type type_for() {
        if constexpr (std::is_same_v<T, double>)
            return Type::float64;
        else if constexpr (std::is_same_v<T, float>)
            return Type::float32;
        else if constexpr (std::is_same_v<T, std::int64_t>)
            return Type::int64;
        else if constexpr (std::is_same_v<T, std::int32_t>)
            return Type::int32;
        else if constexpr (std::is_same_v<T, std::uint64_t>)
            return Type::uint64;
        else {
            static_assert(std::is_same_v<T, std::int8_t>, "files hold float64, float32, int64, int32, uint64, int8");
            return Type::int8;
        }
    }

    explicit OutputFile(std::unique_ptr<Impl> impl);
    void check(std::string_view path, Type type, std::size_t rows, std::size_t elements) const;

    std::unique_ptr<Impl> impl_;
};

}  // namespace foldback
