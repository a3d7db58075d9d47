#include "sim/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "sim/error.hpp"

namespace foldback::posix {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& action, const fs::path& file, int error) {
    throw FileError(file.string() + ": cannot " + action + ": " + std::system_category().message(error));
}

void open_and_sync(const fs::path& file, int flags, const char* action) {
    const int descriptor = ::open(file.c_str(), flags | O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail(action, file, errno);
    const int error = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    // Some file systems have nothing to synchronize for a folder and say EINVAL.
    if (error != 0 && !(error == EINVAL && (flags & O_DIRECTORY))) fail(action, file, error);
}

}  // namespace

void sync_file(const fs::path& file) { open_and_sync(file, 0, "bring the file to the device"); }

void sync_folder(const fs::path& folder) { open_and_sync(folder, O_DIRECTORY, "bring the folder to the device"); }

void sync_data(int descriptor, const fs::path& file) {
    if (::fdatasync(descriptor) != 0) fail("bring its data to the device", file, errno);
}

void begin_sync([[maybe_unused]] int descriptor) {
#ifdef SYNC_FILE_RANGE_WRITE
    (void)::sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
}

void reserve(int descriptor, std::size_t size, const fs::path& file) {
    int error = EINTR;
    while (error == EINTR) error = ::posix_fallocate(descriptor, 0, static_cast<off_t>(size));
    if (error == ENOSPC || error == EDQUOT) no_space(file, size, free_bytes(folder_of(file)) + allocated_bytes(file));
    // A file system that cannot reserve leaves the free bytes compared beforehand as the only promise.
    if (error != 0 && error != EOPNOTSUPP && error != EINVAL) fail("reserve its space", file, error);
}

void rename_over(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("rename it to " + to.string(), from, errno);
}

void rename_new(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
    if (errno != EINVAL && errno != ENOSYS) fail("rename it to " + to.string(), from, errno);
    // Not offered by this file system: the lock keeps other runs away in between.
    if (posix::exists(to)) fail("rename it to " + to.string(), from, EEXIST);
    rename_over(from, to);
}

void remove(const fs::path& file) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) fail("remove it", file, errno);
}

std::size_t free_bytes(const fs::path& folder) {
    struct statvfs device {};
    if (::statvfs(folder.c_str(), &device) != 0) fail("find the free space", folder, errno);
    return static_cast<std::size_t>(device.f_bavail) * device.f_frsize;
}

std::size_t allocated_bytes(const fs::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 ? static_cast<std::size_t>(status.st_blocks) * 512 : 0;
}

std::string readable_bytes(std::size_t bytes) {
    constexpr const char* units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    std::string text = std::to_string(bytes) + " bytes";
    if (bytes < 1000) return text;
    auto size = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; size >= 999.95 && unit + 1 < std::size(units); ++unit) size /= 1000;
    char rounded[32];
    std::snprintf(rounded, sizeof rounded, " (%.1f %s)", size, units[unit]);
    return text + rounded;
}

void no_space(const fs::path& file, std::size_t needed, std::size_t available) {
    throw FileError(file.string() + ": not enough space: the file needs " + readable_bytes(needed) +
                    ", the device has " + readable_bytes(available) +
                    " free; free some, record less or write elsewhere (--output)");
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

bool exists(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(file, ignored));
}

void check_target(const fs::path& file) {
    std::error_code ignored;
    if (file.filename().empty() || fs::is_directory(file, ignored))
        throw FileError(file.string() + ": is a folder; name a file, e.g. " + (file / "result.h5").string());
    const auto folder = folder_of(file);
    if (!fs::is_directory(folder, ignored))
        throw FileError(file.string() + ": its folder " + folder.string() + " does not exist; make it first");
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        throw FileError(file.string() + ": its folder " + folder.string() +
                        " is not writable; change its permissions or choose another output");
}

}  // namespace foldback::posix
