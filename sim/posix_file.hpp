#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

/// The calls of the operating system that keep a file whole; each throws FileError with the system's words.
namespace foldback::posix {

/// Waits until the file's data and size are on the device.
void sync_file(const std::filesystem::path& file);

/// The same for an open descriptor, without its times.
void sync_data(int descriptor, const std::filesystem::path& file);

/// Has the device begin with what was written, without waiting: sync_data() then has less to wait for. Does nothing where
/// the system offers no such thing.
void begin_sync(int descriptor);

/// Waits until the folder's entries (creations, renames, removals) are on the device.
void sync_folder(const std::filesystem::path& folder);

/// Takes space for bytes 0 .. size-1; a full device is reported with the bytes needed and free.
void reserve(int descriptor, std::size_t size, const std::filesystem::path& file);

/// Atomic; replaces `to`.
void rename_over(const std::filesystem::path& from, const std::filesystem::path& to);

/// Atomic; refuses to replace `to`.
void rename_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes the file if it is there.
void remove(const std::filesystem::path& file);

/// Bytes that this user may still write to the folder's device.
std::size_t free_bytes(const std::filesystem::path& folder);

/// Bytes that the file takes on its device; 0 if there is none.
std::size_t allocated_bytes(const std::filesystem::path& file);

/// "1234567 bytes (1.2 MB)".
std::string readable_bytes(std::size_t bytes);

[[noreturn]] void no_space(const std::filesystem::path& file, std::size_t needed, std::size_t available);

/// Whether the path names anything, a dangling link included.
bool exists(const std::filesystem::path& file);

/// Throws FileError, with what would be right, unless a file could be made there: a name that is no folder's, in a
/// folder that exists and is writable.
void check_target(const std::filesystem::path& file);

/// The folder that holds the file: "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& file);

}  // namespace foldback::posix
