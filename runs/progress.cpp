#include "runs/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace foldback {

std::string duration_text(double seconds) {
    if (seconds < 10) return fmt::format("{:.2g} s", seconds);
    const auto s = static_cast<long long>(seconds + 0.5);
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
    return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

std::string bytes_text(double bytes) {
    const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t u = 0;
    while (bytes >= 1000 && u + 1 < std::size(units)) {
        bytes /= 1000;
        ++u;
    }
    return u == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.3g} {}", bytes, units[u]);
}

Progress::Progress(bool quiet, std::uint64_t total, std::uint64_t done, double steps_per_replica)
    : shown_(!quiet && isatty(STDERR_FILENO) != 0), total_(total), at_start_(done), done_(done), steps_per_replica_(steps_per_replica),
      begin_(std::chrono::steady_clock::now()), printed_(begin_) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::add(std::uint64_t replicas) {
    done_ += replicas;
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || (now - printed_ < std::chrono::milliseconds(100) && done_ < total_)) return;
    printed_ = now;
    print(std::chrono::duration<double>(now - begin_).count());
}

void Progress::print(double seconds) {
    const double rate = double(done_ - at_start_) / seconds, left = double(total_ - done_) / rate;
    fmt::print(stderr, "\r\033[K{:3.0f} %  {} of {} replicas, {:.3g} million map steps/s, {} left", 100 * double(done_) / double(total_), done_,
               total_, rate * steps_per_replica_ * 1e-6, duration_text(left));
    std::fflush(stderr);
}

}  // namespace foldback
