#pragma once
#include <filesystem>

namespace foldback {

/// Holds FILE exclusively among the processes that ask for it through this class, by an flock of "FILE.lock". The
/// system releases it when the process ends, however it ends: the file of a dead process blocks nobody.
class FileLock {
  public:
    /// Throws FileError at once, naming the process that holds it, if another one does.
    explicit FileLock(const std::filesystem::path& file);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

  private:
    std::filesystem::path path_;
    int descriptor_ = -1;
};

}  // namespace foldback
