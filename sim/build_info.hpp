#pragma once

namespace foldback {

/// How this library was built; part of every file's provenance.
struct BuildInfo {
    const char* version;       ///< "0.1.0"
    const char* git_revision;  ///< 40 hex digits, or "unknown" outside a checkout
    bool git_dirty;            ///< built from changed sources
    const char* compiler;      ///< "GNU 12.2.0"
    const char* flags;
};
const BuildInfo& build_info();

}  // namespace foldback
