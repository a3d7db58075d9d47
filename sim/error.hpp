#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace foldback {

// Every message has three parts: what is wrong, where (file:line:column, dataset or key), and what would be right.

/// The command line or the configuration is wrong (exit code 2).
struct ConfigError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A setting that is wrong for what another one says; `key` is its path, for whoever knows where it is written.
struct KeyError : ConfigError {
    KeyError(std::string path, const std::string& message) : ConfigError(message), key(std::move(path)) {}
    std::string key;
};

/// A file or device failed: unreadable, full, damaged, exists already, held by another run (exit code 3).
struct FileError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A broken internal contract (exit code 5).
struct InternalError : std::logic_error {
    using std::logic_error::logic_error;
};

/// Throws InternalError when an internal contract is broken; free of charge in release builds.
inline void expects([[maybe_unused]] bool ok, [[maybe_unused]] const char* contract) {
#ifdef FOLDBACK_CHECK_CONTRACTS
    if (!ok) throw InternalError(std::string("broken contract: ") + contract);
#endif
}

}  // namespace foldback
