#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace foldback {

/// A line on standard error with the share done, the rate and the time left, rewritten at most ten times a second. Silent
/// unless standard error is a terminal.
class Progress {
  public:
    /// `total` replicas in all, `done` of them already in the file.
    Progress(bool quiet, std::uint64_t total, std::uint64_t done, double steps_per_replica);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void add(std::uint64_t replicas);

  private:
    void print(double seconds);

    bool shown_;
    std::uint64_t total_, at_start_, done_;
    double steps_per_replica_;
    std::chrono::steady_clock::time_point begin_, printed_;
};

/// "3 s", "4 min 05 s", "2 h 10 min".
std::string duration_text(double seconds);
/// "1.2 GB", "45 kB".
std::string bytes_text(double bytes);

}  // namespace foldback
