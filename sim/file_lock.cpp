#include "sim/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "sim/error.hpp"

namespace foldback {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
    throw FileError(path.string() + ": cannot lock the output: " + std::system_category().message(error));
}

std::string holder(int descriptor) {
    std::array<char, 32> text{};
    const auto length = ::pread(descriptor, text.data(), text.size() - 1, 0);
    std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    pid.erase(pid.find_last_not_of('\n') + 1);
    return pid.empty() ? "another run" : "another run (process " + pid + ")";
}

// False if the lock's file was removed or replaced between opening and locking it.
bool still_named(int descriptor, const std::filesystem::path& path) {
    struct stat mine {};
    struct stat named {};
    return ::fstat(descriptor, &mine) == 0 && ::stat(path.c_str(), &named) == 0 && mine.st_ino == named.st_ino &&
           mine.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) : path_(file) {
    path_ += ".lock";
    for (;;) {
        const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0) fail(path_, errno);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            const int error = errno;
            const auto who = holder(descriptor);
            ::close(descriptor);
            if (error != EWOULDBLOCK) fail(path_, error);
            throw FileError(file.string() + ": " + who + " is writing it; wait for it or choose another output");
        }
        if (still_named(descriptor, path_)) {
            descriptor_ = descriptor;
            break;
        }
        ::close(descriptor);
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, pid.data(), pid.size(), 0) >= 0) return;
    // A full device takes no process id; the lock holds all the same.
    const int error = errno;
    if (error == ENOSPC || error == EDQUOT) return;
    ::unlink(path_.c_str());
    ::close(descriptor_);
    fail(path_, error);
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
    if (descriptor_ < 0) return;
    ::unlink(path_.c_str());
    ::close(descriptor_);
}

}  // namespace foldback
