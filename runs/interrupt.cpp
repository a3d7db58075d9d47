#include "runs/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace foldback {
namespace {

std::atomic<int> received{0};

void receive(int signal) {
    received = signal;
    std::signal(signal, SIG_DFL);
}

}  // namespace

InterruptGuard::InterruptGuard() {
    received = 0;
    std::signal(SIGINT, receive);
    std::signal(SIGTERM, receive);
}

InterruptGuard::~InterruptGuard() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

int InterruptGuard::signal() { return received; }

}  // namespace foldback
