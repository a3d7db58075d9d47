#pragma once

namespace foldback {

/// While it lives, SIGINT and SIGTERM only set a flag: blocks in flight are finished. A second signal kills as usual.
class InterruptGuard {
  public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    /// The signal that came, 0 if none did.
    static int signal();
};

/// A run that was interrupted and can be resumed: exit code 128 + signal.
struct Interrupted {
    int signal;
};

}  // namespace foldback
